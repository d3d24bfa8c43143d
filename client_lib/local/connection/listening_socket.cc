#include "client_lib/local/connection/listening_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "client_lib/local/os/socket_io.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

std::string attempt_at(const Address& address) { return "listen at " + text_of(address); }

[[noreturn]] void throw_cannot_listen(const Address& address, int error) {
  throw_cannot(attempt_at(address).c_str(), error);
}

// Without waiting in accept(): another process may have been faster.
Descriptor new_socket(int family) {
  return beyond_standard(
      Descriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
}

Listening listen_at_file(const Address& wanted, int backlog) {
  const bool chosen_here = wanted.name().empty();
  const Address address = chosen_here ? Address(arbitrary_path()) : wanted;
  Descriptor socket = new_socket(AF_UNIX);
  if (!socket.is_open()) throw_cannot_listen(address, errno);
  // The mode of a socket becomes that of its file. A path of the user's is up to the umask.
  if (chosen_here && ::fchmod(socket.get(), S_IRUSR | S_IWUSR) != 0) {
    throw_cannot_listen(address, errno);
  }
  if (const int error = bind_to_file(socket, address.name()); error != 0) {
    throw_cannot_listen(address, error);
  }
  auto file = std::make_unique<SocketFile>(address.name());
  if (::listen(socket.get(), backlog) != 0) throw_cannot_listen(address, errno);
  return {std::move(socket), address, std::move(file)};
}

// 0 or an errno.
int listen_on(const Descriptor& socket, const SocketAddress& address, int backlog) {
  const int yes = 1;
  if (address.family() != AF_UNIX &&
      ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) {
    return errno;
  }
  if (::bind(socket.get(), address.get(), address.size) != 0) return errno;
  return ::listen(socket.get(), backlog) == 0 ? 0 : errno;
}

SocketAddress chosen_by_system() {
  SocketAddress address;
  address.storage.ss_family = AF_UNIX;
  address.size = sizeof address.storage.ss_family;
  return address;
}

// Those without a file: the first of the host's addresses that is this machine's.
Listening listen_without_file(const Address& wanted, int backlog) {
  const bool is_any_name = wanted.family() == Family::kAbstract && wanted.name().empty();
  const auto addresses = is_any_name ? std::vector{chosen_by_system()}
                                     : resolve(wanted, Purpose::kListening, attempt_at(wanted));
  int error = 0;
  for (const SocketAddress& address : addresses) {
    Descriptor socket = new_socket(address.family());
    const int failed = socket.is_open() ? listen_on(socket, address, backlog) : errno;
    if (failed == 0) {
      Address found = local_address(socket.get());
      return {std::move(socket), std::move(found), nullptr};
    }
    if (error == 0) error = failed;
  }
  throw_cannot_listen(wanted, error);
}

// Nothing is the matter with the listener: the other was faster, or the one who came is gone again.
bool is_passing(int error) {
  constexpr std::array kPassing = {EAGAIN,    EINTR,       ECONNABORTED, EPROTO, ENETDOWN,
                                   EHOSTDOWN, ENOPROTOOPT, EHOSTUNREACH, ENONET, ENETUNREACH};
  return std::ranges::find(kPassing, error) != kPassing.end();
}

}  // namespace

Listening listen_at(const Address& wanted, int backlog) {
  if (backlog < 0) throw ValueError("a listener's backlog is not negative");
  return wanted.family() == Family::kUnix ? listen_at_file(wanted, backlog)
                                          : listen_without_file(wanted, backlog);
}

std::optional<Peer> next_peer(int listening, const Descriptor& alarm, Deadline deadline) {
  std::array<pollfd, 2> entries{{{.fd = listening, .events = POLLIN, .revents = 0},
                                 {.fd = alarm.get(), .events = POLLIN, .revents = 0}}};
  while (poll_until(entries, deadline)) {
    if (entries[1].revents != 0) return std::nullopt;
    SocketAddress from;
    Descriptor socket(::accept4(listening, from.get(), &from.size, SOCK_CLOEXEC));
    if (!socket.is_open() && is_passing(errno)) continue;
    socket = beyond_standard(std::move(socket));
    if (!socket.is_open()) throw_cannot("accept a connection", errno);
    return Peer{std::move(socket), address_of(from)};
  }
  return std::nullopt;
}

void send_without_delay(int fd) {
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

}  // namespace mp::internal
