#pragma once

namespace mp::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// So many processes are killed at random moments by one test. Instrumented, each takes ten times as
// long.
inline constexpr int kRandomKills = kSanitized ? 200 : 2000;

}  // namespace mp::test
