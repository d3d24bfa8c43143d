#include "client_lib/local/os/socket_io.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "client_lib/local/os/pidfd.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

// Room for more of the message, to be filled from `got` on.
void make_room(Filling& filling) {
  constexpr std::size_t kFirst = std::size_t{16} * 1024 * 1024;
  if (filling.got < filling.bytes.size()) return;
  filling.bytes.resize(std::min(filling.size, std::max(kFirst, 2 * filling.got)));
}

}  // namespace

void throw_cannot(const char* attempt, int error) {
  std::string text = std::string("cannot ") + attempt + errno_text(error);
  if (error == EPIPE || error == ECONNRESET) text += " (nobody is left to read)";
  throw ConnectionError(text);
}

bool poll_until(std::span<pollfd> entries, Deadline deadline) {
  const int ready = wait_ready(entries, deadline);
  if (ready < 0) throw_cannot("wait", errno);
  return ready > 0;
}

bool wait_readable(int fd, Deadline deadline) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  return poll_until({&entry, 1}, deadline);
}

void wait_writable(int fd) {
  pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
  poll_until({&entry, 1}, std::nullopt);
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      wait_writable(fd);
    } else if (errno != EINTR) {
      throw_cannot(kSend, errno);
    }
  }
}

Filled fill(int fd, Filling& filling, Deadline deadline) {
  const int flags = deadline ? MSG_DONTWAIT : MSG_WAITALL;
  while (filling.got < filling.size) {
    make_room(filling);
    const ssize_t got =
        ::recv(fd, filling.bytes.data() + filling.got, filling.bytes.size() - filling.got, flags);
    if (got > 0) {
      filling.got += static_cast<std::size_t>(got);
    } else if (got == 0 || errno == ECONNRESET) {
      return Filled::kEndOfFile;
    } else if (errno == EAGAIN) {
      if (!wait_readable(fd, deadline)) return Filled::kTimedOut;
    } else if (errno != EINTR) {
      throw_cannot(kReceive, errno);
    }
  }
  return Filled::kWhole;
}

}  // namespace mp::internal
