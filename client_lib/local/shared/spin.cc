#include "client_lib/local/shared/spin.h"

#include <algorithm>
#include <utility>

#include "client_lib/local/os/cpu_quota.h"

namespace mp::internal {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool processors_are_rationed() {
  static const bool rationed = cpu_quota().value_or(2) < 2;
  return rationed;
}

void YieldGuard::took(Time begin, Time end) {
  constexpr microseconds kLong(500);
  constexpr milliseconds kLongestPause(320);
  constexpr int kManyShortOnes = 2000;
  if (end - begin >= kLong) {
    not_before_ = end + pause_;
    pause_ = std::min(2 * pause_, kLongestPause);
    short_ones_ = 0;
  } else if (++short_ones_ == kManyShortOnes) {
    pause_ = milliseconds(1);
    short_ones_ = 0;
  }
}

bool yield_processor(YieldGuard::Time& now) {
  thread_local YieldGuard guard;
  if (!guard.allows(now)) return false;
  ::sched_yield();
  const auto begin = std::exchange(now, steady_clock::now());
  guard.took(begin, now);
  return true;
}

}  // namespace mp::internal
