#include <fcntl.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "client_lib/local/connection/handshake.h"
#include "client_lib/local/connection/listening_socket.h"
#include "client_lib/local/connection/socket_address.h"
#include "client_lib/local/os/socket_io.h"
#include "mp/errors.h"
#include "mp/local/listener.h"

// Who comes to a Listener.

namespace mp {
namespace internal {
namespace {

// How long connect() may wait for room in a backlog; null is for ever.
void limit_sending(int fd, Deadline deadline) {
  using std::chrono::microseconds;
  timeval limit{};
  if (deadline) {
    const auto left =
        std::chrono::duration_cast<microseconds>(*deadline - std::chrono::steady_clock::now());
    const auto count = std::max<microseconds::rep>(left.count(), 1);
    limit = {.tv_sec = count / 1'000'000, .tv_usec = count % 1'000'000};
  }
  if (::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0) {
    throw_cannot("limit the time of a connection", errno);
  }
}

bool is_past(Deadline deadline) {
  return deadline && std::chrono::steady_clock::now() >= *deadline;
}

// To a Unix socket: at once, or when there is room for it, which poll() does not tell of; what is
// interrupted has not begun. 0 or an errno.
int connect_unix(int fd, const SocketAddress& to, Deadline deadline) {
  for (;;) {
    limit_sending(fd, deadline);
    const int error = ::connect(fd, to.get(), to.size) == 0 ? 0 : errno;
    if (error == EAGAIN && is_past(deadline)) return ETIMEDOUT;
    if (error == EAGAIN || error == EINTR) continue;
    limit_sending(fd, std::nullopt);
    return error;
  }
}

void let_wait(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0) throw_cannot("connect", errno);
}

// What is interrupted, or takes its time, goes on by itself. 0 or an errno.
int connect_tcp(int fd, const SocketAddress& to, Deadline deadline) {
  if (::connect(fd, to.get(), to.size) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) return errno;
    pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
    if (!poll_until({&entry, 1}, deadline)) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    if (error != 0) return error;
  }
  let_wait(fd);
  send_without_delay(fd);
  return 0;
}

// The socket, or an errno.
std::pair<Descriptor, int> connect_to(const SocketAddress& to, Deadline deadline) {
  const bool is_unix = to.family() == AF_UNIX;
  Descriptor socket = beyond_standard(Descriptor(
      ::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC | (is_unix ? 0 : SOCK_NONBLOCK), 0)));
  if (!socket.is_open()) return {Descriptor(), errno};
  const int error =
      is_unix ? connect_unix(socket.get(), to, deadline) : connect_tcp(socket.get(), to, deadline);
  return {std::move(socket), error};
}

// To the first address where somebody answers; else it is the first address's error.
Descriptor connect_to_any(const Address& address, Deadline deadline, const std::string& attempt) {
  int first_error = 0;
  for (const SocketAddress& to : resolve(address, Purpose::kConnecting, attempt)) {
    auto [socket, error] = connect_to(to, deadline);
    if (error == 0) return std::move(socket);
    if (first_error == 0) first_error = error;
    if (error == ETIMEDOUT && is_past(deadline)) {
      throw TimeoutError("cannot " + attempt + ": nobody answered within the time limit");
    }
  }
  throw_cannot(attempt.c_str(), first_error);
}

}  // namespace
}  // namespace internal

Connection Client(const Address& address, const ClientOptions& options) {
  const auto deadline = internal::deadline_after(options.timeout.nanoseconds());
  const std::string attempt = "connect to " + internal::text_of(address);
  auto socket = internal::connect_to_any(address, deadline, attempt);
  if (options.authkey) {
    internal::authenticate(socket.get(), internal::Role::kClient, options.authkey->view(), deadline,
                           attempt);
  }
  Connection connection(socket.get());
  socket.release();
  return connection;
}

}  // namespace mp
