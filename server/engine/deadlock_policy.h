#pragma once

#include <cstdint>

namespace mp::server {

// What is done about an acquire that would close a deadlock: it fails, or the deadlock is logged
// and listed, or nothing.
enum class DeadlockPolicy : std::uint8_t { kFail, kReport, kOff };

}  // namespace mp::server
