#include "client_lib/local/connection/receive_next.h"

#include <cerrno>

#include "client_lib/local/os/socket_io.h"

namespace mp::internal {
namespace {

ssize_t receive(int fd, msghdr& message, Ancillary& ancillary, int flags) {
  ssize_t got = 0;
  do {
    ancillary.make_room(message);
    got = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC | flags);
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace

ssize_t receive_now(int fd, msghdr& message, Ancillary& ancillary) {
  return receive(fd, message, ancillary, MSG_DONTWAIT);
}

ssize_t receive_next(int fd, msghdr& message, Ancillary& ancillary, Deadline deadline) {
  for (;;) {
    const ssize_t got = receive(fd, message, ancillary, deadline ? MSG_DONTWAIT : 0);
    if (got >= 0 || errno != EAGAIN) return got;
    if (wait_readable(fd, deadline)) continue;
    errno = EAGAIN;
    return -1;
  }
}

}  // namespace mp::internal
