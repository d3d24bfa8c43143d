#include "client_lib/local/shared/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>

namespace mp::internal {
namespace {

// steady_clock is CLOCK_MONOTONIC here, which is what the futex takes an absolute time of.
timespec as_timespec(std::chrono::steady_clock::time_point time) {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  const auto since = std::max(nanoseconds(time.time_since_epoch()), nanoseconds::zero());
  const auto whole = std::chrono::duration_cast<seconds>(since);
  return {.tv_sec = whole.count(), .tv_nsec = (since - whole).count()};
}

}  // namespace

bool futex_wait(const FutexWord& word, std::uint32_t expected, Deadline deadline) noexcept {
  timespec until{};
  if (deadline) until = as_timespec(*deadline);
  const long result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, expected,
                                deadline ? &until : nullptr, nullptr, FUTEX_BITSET_MATCH_ANY);
  return result == 0 || errno != ETIMEDOUT;
}

void futex_wake(FutexWord& word, int count) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, count, nullptr, nullptr, 0);
}

void futex_set_and_wake(FutexWord& word, std::uint32_t bits) noexcept {
  const std::uint32_t operation = FUTEX_OP(FUTEX_OP_OR, bits, FUTEX_OP_CMP_EQ, 0);
  // It wakes sleepers on two words: on the first without a condition, and on the second, which it
  // changes, if that one had been zero: of those there are none left then.
  if (::syscall(SYS_futex, &word, FUTEX_WAKE_OP, kAll, kAll, &word, operation) >= 0) return;
  word.fetch_or(bits, std::memory_order_release);  // not on this system
  futex_wake(word, kAll);
}

}  // namespace mp::internal
