#include "client_lib/manager/endpoint.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <utility>

#include "mp/errors.h"

namespace mp::internal {
namespace {
constexpr std::chrono::seconds kReceiveLimit(5);
}

Endpoint Endpoint::at_path(const std::string& path) {
  Endpoint endpoint;
  endpoint.socket.sun_family = AF_UNIX;
  if (path.size() >= sizeof endpoint.socket.sun_path) {
    throw ValueError("the path of the manager's socket is longer than Unix sockets allow: " + path);
  }
  std::memcpy(endpoint.socket.sun_path, path.data(), path.size());
  endpoint.socket_size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  endpoint.title = "manager unix:" + path;
  return endpoint;
}

Endpoint Endpoint::at_abstract(std::string_view name) {
  Endpoint endpoint;
  endpoint.socket.sun_family = AF_UNIX;
  if (name.size() >= sizeof endpoint.socket.sun_path)
    throw ValueError("the manager's abstract address is too long");
  std::memcpy(endpoint.socket.sun_path + 1, name.data(), name.size());
  endpoint.socket_size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  endpoint.title = "manager unix-abstract:" + std::string(name);
  return endpoint;
}

LaneSocket::~LaneSocket() { close(); }

LaneSocket::LaneSocket(LaneSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

LaneSocket& LaneSocket::operator=(LaneSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void LaneSocket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

int LaneSocket::connect(const Endpoint& endpoint) {
  close();
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return errno;
  const timeval limit{.tv_sec = kReceiveLimit.count(), .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  int result = 0;
  do {
    result =
        ::connect(fd_, reinterpret_cast<const sockaddr*>(&endpoint.socket), endpoint.socket_size);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return 0;
  const int error = errno;
  close();
  return error;
}

LaneSocket::Result LaneSocket::send_some(const char* data, std::size_t size, std::size_t& sent) {
  for (;;) {
    const ssize_t done = send(fd_, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done >= 0) {
      sent += static_cast<std::size_t>(done);
      return Result::kDone;
    }
    if (errno == EAGAIN) return Result::kWouldBlock;
    if (errno != EINTR) return Result::kClosed;
  }
}

LaneSocket::Result LaneSocket::receive(char* data, std::size_t size, const Deadline& deadline,
                                       std::size_t& received) {
  for (;;) {
    // Where the deadline is far, one system call an answer instead of two: the socket's own time
    // limit bounds it.
    const bool far = !deadline || *deadline - Clock::now() > kReceiveLimit;
    const int flags = far ? 0 : MSG_DONTWAIT;
    const ssize_t done = recv(fd_, data, size, flags);
    if (done > 0) {
      received = static_cast<std::size_t>(done);
      return Result::kDone;
    }
    if (done == 0) return Result::kClosed;
    if (errno == EAGAIN && !far) {
      if (const Result ready = poll_for(POLLIN, deadline); ready != Result::kDone) return ready;
    } else if (errno != EINTR && errno != EAGAIN) {
      return Result::kClosed;
    }
  }
}

LaneSocket::Result LaneSocket::wait_either(const Deadline& deadline) {
  return poll_for(POLLIN | POLLOUT, deadline);
}

LaneSocket::Result LaneSocket::poll_for(short events, const Deadline& deadline) const {
  pollfd entry{.fd = fd_, .events = events, .revents = 0};
  for (;;) {
    timespec left{};
    if (deadline) {
      const auto rest = std::max(std::chrono::nanoseconds::zero(),
                                 std::chrono::nanoseconds(*deadline - Clock::now()));
      left.tv_sec = static_cast<time_t>(rest / std::chrono::seconds(1));
      left.tv_nsec = static_cast<long>((rest % std::chrono::seconds(1)).count());
    }
    const int ready = ppoll(&entry, 1, deadline ? &left : nullptr, nullptr);
    if (ready > 0) return Result::kDone;
    if (ready == 0) return Result::kTimedOut;
    if (errno != EINTR) return Result::kClosed;
  }
}

}  // namespace mp::internal
