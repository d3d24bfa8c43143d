#include "client_lib/local/os/pidfd.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "mp/errors.h"

namespace mp::internal {
namespace {

// By number, since glibc 2.36 declares these two in a way that C++ cannot link.
int pidfd_open(pid_t pid) noexcept { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
int pidfd_send_signal(int pidfd, int signal) noexcept {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

}  // namespace

Descriptor open_pidfd(int pid) noexcept { return beyond_standard(Descriptor(pidfd_open(pid))); }

bool wait_ended(const Descriptor& pidfd, Deadline deadline) {
  pollfd entry{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  const int ready = wait_ready({&entry, 1}, deadline);
  if (ready < 0) throw ProcessError("cannot wait for a process" + errno_text(errno));
  if ((entry.revents & POLLNVAL) != 0)
    throw ProcessError("cannot wait for a process: its sentinel was closed");
  return ready > 0;
}

int send_signal(const Descriptor& pidfd, int signal) noexcept {
  if (pidfd_send_signal(pidfd.get(), signal) == 0 || errno == ESRCH) return 0;
  return errno;
}

std::string errno_text(int error) { return ": " + std::generic_category().message(error); }

}  // namespace mp::internal
