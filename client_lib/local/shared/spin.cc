#include "client_lib/local/shared/spin.h"

#include <algorithm>

#include "client_lib/local/os/cpu_quota.h"

namespace mp::internal {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What a thread knows of its yields.
struct Yields {
  steady_clock::time_point not_before{};
  milliseconds pause{1};
};

}  // namespace

bool processors_are_rationed() {
  static const bool rationed = cpu_quota().value_or(2) < 2;
  return rationed;
}

bool yield_processor() {
  constexpr microseconds kLong(500);
  constexpr milliseconds kLongestPause(320);
  thread_local Yields yields;
  const auto begin = steady_clock::now();
  if (begin < yields.not_before) return false;
  ::sched_yield();
  const auto end = steady_clock::now();
  if (end - begin < kLong) {
    yields.pause = milliseconds(1);
  } else {
    yields.not_before = end + yields.pause;
    yields.pause = std::min(2 * yields.pause, kLongestPause);
  }
  return true;
}

}  // namespace mp::internal
