#include "client_lib/manager/socket_lane.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <string>

#include "client_lib/local/lane/lane_wait.h"
#include "client_lib/manager/origin.h"
#include "client_lib/manager/shared_lane.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {
constexpr std::chrono::seconds kReceiveLimit(5);
// So long an answer is looked for at most before this thread sleeps: less than it takes to wake a
// core that sleeps, too. The core is offered to others in between, on one core to the manager.
constexpr std::chrono::microseconds kStayAwake(20);
// After such a pause the manager's core and its caches are cold, and the answer takes longer.
constexpr std::chrono::milliseconds kPause(10);
}  // namespace

SocketAddress SocketAddress::at_path(const std::string& path) {
  SocketAddress address;
  address.socket.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.socket.sun_path) {
    throw ValueError("the path of the manager's socket is longer than Unix sockets allow: " + path);
  }
  std::memcpy(address.socket.sun_path, path.data(), path.size());
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

SocketAddress SocketAddress::at_abstract(std::string_view name) {
  SocketAddress address;
  address.socket.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.socket.sun_path)
    throw ValueError("the manager's abstract address is too long");
  std::memcpy(address.socket.sun_path + 1, name.data(), name.size());
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return address;
}

SocketAddress SocketAddress::named(const std::string& name) {
  return name.starts_with('\0') ? at_abstract(std::string_view(name).substr(1)) : at_path(name);
}

std::string SocketAddress::name() const {
  const std::string_view all(socket.sun_path, size - offsetof(sockaddr_un, sun_path));
  return std::string(all.starts_with('\0') ? all : all.substr(0, all.find('\0')));
}

std::shared_ptr<LaneSocket> LaneSocket::connect(const SocketAddress& address, const Spin& spin,
                                                int& error) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    error = errno;
    return nullptr;
  }
  std::shared_ptr<LaneSocket> lane(new LaneSocket(fd, spin));
  const timeval limit{.tv_sec = kReceiveLimit.count(), .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  int result = 0;
  do {
    result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address.socket), address.size);
  } while (result != 0 && errno == EINTR);
  error = result == 0 ? 0 : errno;
  return result == 0 ? lane : nullptr;
}

LaneSocket::LaneSocket(int fd, const Spin& spin) : fd_(fd), spin_(spin) {
  spin_.budget = std::min<std::chrono::nanoseconds>(spin_.budget, kStayAwake);
}

LaneSocket::~LaneSocket() { ::close(fd_); }

void LaneSocket::shut() { shutdown(fd_, SHUT_RDWR); }

uid_t LaneSocket::owner() const {
  ucred peer{};
  socklen_t size = sizeof peer;
  peer.uid = static_cast<uid_t>(-1);
  getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return peer.uid;
}

std::shared_ptr<LaneConnection> SocketEndpoint::connect(std::string& why) {
  int error = 0;
  return connect(why, error);
}

std::shared_ptr<LaneConnection> SocketEndpoint::connect(std::string& why, int& error) const {
  const Spin how = spin_of(spin);
  std::shared_ptr<LaneSocket> socket = LaneSocket::connect(address_, how, error);
  if (socket == nullptr) {
    why = std::strerror(error);
    return nullptr;
  }
  const uid_t owner = socket->owner();
  if (owner_ == Owner::kAny || owner == geteuid() || owner == 0) {
    if (lane == Lane::kSocket) return socket;
    return std::make_shared<SharedLane>(std::move(socket), lane, how);
  }
  why = "its socket belongs to user " + std::to_string(owner) + ", not to user " +
        std::to_string(geteuid()) + "; name the socket as unix:PATH to use it all the same";
  return nullptr;
}

Origin SocketEndpoint::road() const {
  const bool any = owner_ == Owner::kAny;
  return {.road = any ? Road::kSocket : Road::kSocketOfThisUser, .socket = address_.name()};
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
  const Clock::time_point start = Clock::now();
  const bool after_pause = start - asked_ > kPause;
  asked_ = start;
  const bool far = !deadline || *deadline - start > spin_.budget;
  Waiting waiting(spin_);
  while (far && !after_pause && spin_.budget > std::chrono::nanoseconds::zero()) {
    const ssize_t done = receive_once(data, size, MSG_DONTWAIT);
    if (done > 0) {
      received = static_cast<std::size_t>(done);
      return Result::kDone;
    }
    if (done == 0) return Result::kClosed;
    if (errno != EAGAIN || !waiting.pass([] { return Surroundings{}; })) break;
  }
  return receive_asleep(data, size, deadline, received);
}

LaneSocket::Result LaneSocket::receive_asleep(char* data, std::size_t size,
                                              const Deadline& deadline, std::size_t& received) {
  for (;;) {
    // Where the deadline is far, one system call an answer instead of two: the socket's own time
    // limit bounds it.
    const bool far = !deadline || *deadline - Clock::now() > kReceiveLimit;
    const ssize_t done = receive_once(data, size, far ? 0 : MSG_DONTWAIT);
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

ssize_t LaneSocket::receive_once(char* data, std::size_t size, int flags) {
  if (!keeps_descriptors_) return recv(fd_, data, size, flags);
  iovec part{.iov_base = data, .iov_len = size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  const ssize_t done = recvmsg(fd_, &message, flags | MSG_CMSG_CLOEXEC);
  const cmsghdr* const header = done > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return done;
  // One is expected; of what a liar sends beside it nothing stays open.
  for (std::size_t at = 0; CMSG_LEN(at + sizeof(int)) <= header->cmsg_len; at += sizeof(int)) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header) + at, sizeof fd);
    descriptor_ = beyond_standard(Descriptor(fd));
  }
  return done;
}

void LaneSocket::ring() const {
  const char bell = 0;
  [[maybe_unused]] const ssize_t sent = send(fd_, &bell, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

LaneSocket::Result LaneSocket::await_bell(const Deadline& deadline) {
  std::array<char, 64> bells{};
  std::size_t received = 0;
  return receive_asleep(bells.data(), bells.size(), deadline, received);
}

LaneSocket::Result LaneSocket::wait_either(const Deadline& deadline) {
  return poll_for(POLLIN | POLLOUT, deadline);
}

LaneSocket::Result LaneSocket::wait_readable(const Deadline& deadline) const {
  return poll_for(POLLIN, deadline);
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
