#include "client_lib/local/os/socket_io.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>

#include "mp/errors.h"

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
  for (;;) {
    timespec left{};
    if (deadline) left = remaining_until(*deadline);
    const int ready = ::ppoll(entries.data(), entries.size(), deadline ? &left : nullptr, nullptr);
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) throw_cannot("wait", errno);
  }
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
