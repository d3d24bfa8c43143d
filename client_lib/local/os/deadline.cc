#include "client_lib/local/os/deadline.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace mp::internal {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

timespec remaining_until(steady_clock::time_point deadline) {
  const auto left = std::max(nanoseconds(deadline - steady_clock::now()), nanoseconds::zero());
  const auto whole = std::chrono::duration_cast<seconds>(left);
  return {.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
}

}  // namespace

Deadline deadline_after(Timeout timeout) {
  if (!timeout) return std::nullopt;
  if (*timeout <= nanoseconds::zero()) return kAtOnce;
  return steady_clock::now() + *timeout;
}

int wait_ready(std::span<pollfd> entries, Deadline deadline) noexcept {
  for (;;) {
    timespec left{};
    if (deadline) left = remaining_until(*deadline);
    const int ready = ::ppoll(entries.data(), entries.size(), deadline ? &left : nullptr, nullptr);
    if (ready >= 0 || errno != EINTR) return ready;
  }
}

}  // namespace mp::internal
