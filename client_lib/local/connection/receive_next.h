#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include "client_lib/local/os/ancillary.h"
#include "client_lib/local/os/deadline.h"

// recvmsg(), with room for descriptors, that signals do not end. Less than 0 with errno: what the
// system says, or EAGAIN where there is nothing.

namespace mp::internal {

ssize_t receive_now(int fd, msghdr& message, Ancillary& ancillary);

// Waits until the deadline. Errors: ConnectionError if it can't wait.
ssize_t receive_next(int fd, msghdr& message, Ancillary& ancillary, Deadline deadline);

}  // namespace mp::internal
