#include "client_lib/local/os/pidfd.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

#include "mp/errors.h"

namespace mp::internal {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// By number, since glibc 2.36 declares these two in a way that C++ cannot link.
int pidfd_open(pid_t pid) noexcept { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
int pidfd_send_signal(int pidfd, int signal) noexcept {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

timespec remaining_until(steady_clock::time_point deadline) {
  const auto left = std::max(nanoseconds(deadline - steady_clock::now()), nanoseconds::zero());
  const auto whole = std::chrono::duration_cast<seconds>(left);
  return {.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
}

}  // namespace

Deadline deadline_after(Timeout timeout) {
  if (!timeout) return std::nullopt;
  return steady_clock::now() + *timeout;
}

Descriptor open_pidfd(int pid) noexcept { return beyond_standard(Descriptor(pidfd_open(pid))); }

bool wait_ended(const Descriptor& pidfd, Deadline deadline) {
  pollfd entry{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  for (;;) {
    timespec left{};
    if (deadline) left = remaining_until(*deadline);
    const int ready = ::ppoll(&entry, 1, deadline ? &left : nullptr, nullptr);
    if (ready > 0 && (entry.revents & POLLNVAL) == 0) return true;
    if (ready > 0) throw ProcessError("cannot wait for a process: its sentinel was closed");
    if (ready == 0) return false;
    if (errno != EINTR) throw ProcessError("cannot wait for a process" + errno_text(errno));
  }
}

int send_signal(const Descriptor& pidfd, int signal) noexcept {
  if (pidfd_send_signal(pidfd.get(), signal) == 0 || errno == ESRCH) return 0;
  return errno;
}

std::string errno_text(int error) { return ": " + std::generic_category().message(error); }

}  // namespace mp::internal
