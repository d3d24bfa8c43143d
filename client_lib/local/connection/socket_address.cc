#include "client_lib/local/connection/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/os/socket_io.h"
#include "mp/errors.h"
#include "mp/repr.h"

namespace mp::internal {
namespace {

constexpr std::size_t kPathAt = offsetof(sockaddr_un, sun_path);

std::string port_text(const Address& address) { return std::to_string(address.port()); }

std::vector<SocketAddress> look_up(const Address& address, Purpose purpose,
                                   const std::string& attempt) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (purpose == Purpose::kListening ? AI_PASSIVE : 0);
  addrinfo* found = nullptr;
  const char* host = address.name().empty() ? nullptr : address.name().c_str();
  const int error = ::getaddrinfo(host, port_text(address).c_str(), &hints, &found);
  if (error == EAI_SYSTEM) throw_cannot(attempt.c_str(), errno);
  if (error != 0) throw ConnectionError("cannot " + attempt + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<SocketAddress> all;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    SocketAddress& added = all.emplace_back();
    std::memcpy(&added.storage, one->ai_addr, one->ai_addrlen);
    added.size = one->ai_addrlen;
  }
  std::ranges::stable_partition(all,
                                [](const SocketAddress& one) { return one.family() == AF_INET; });
  return all;
}

Address unix_address_of(const SocketAddress& address) {
  const auto* bytes = reinterpret_cast<const char*>(&address.storage);
  std::string_view path(bytes, std::max<std::size_t>(address.size, kPathAt));
  path.remove_prefix(kPathAt);
  // Of a path the final NUL may be counted; in an abstract name a NUL is a character like others.
  if (!path.starts_with('\0')) path = path.substr(0, path.find('\0'));
  return Address(std::string(path));
}

template <class System, class Number>
Address tcp_address_of(const SocketAddress& address, Number System::*number,
                       in_port_t System::*port) {
  System system{};
  std::memcpy(&system, &address.storage, sizeof system);
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.family(), &(system.*number), text.data(), text.size());
  return {text.data(), ntohs(system.*port)};
}

}  // namespace

SocketAddress unix_address(Family family, const std::string& name) {
  const bool is_abstract = family == Family::kAbstract;
  if (!is_abstract && name.find('\0') != std::string::npos) {
    throw ValueError(repr(name) + " is no path of a socket: there is a NUL in it");
  }
  sockaddr_un system{};
  system.sun_family = AF_UNIX;
  if (name.size() >= sizeof system.sun_path) {
    throw ValueError(repr(name) + " is no name of a socket: longer than " +
                     std::to_string(sizeof system.sun_path - 1) + " bytes");
  }
  // Abstract names begin with a NUL, and paths end with one.
  std::memcpy(system.sun_path + (is_abstract ? 1 : 0), name.data(), name.size());
  SocketAddress address;
  std::memcpy(&address.storage, &system, sizeof system);
  address.size = static_cast<socklen_t>(kPathAt + name.size() + 1);
  return address;
}

std::vector<SocketAddress> resolve(const Address& address, Purpose purpose,
                                   const std::string& attempt) {
  if (address.family() == Family::kTcp) return look_up(address, purpose, attempt);
  return {unix_address(address.family(), address.name())};
}

std::string text_of(const Address& address) { return repr(address); }

Address address_of(const SocketAddress& address) {
  switch (address.family()) {
    case AF_INET:
      return tcp_address_of(address, &sockaddr_in::sin_addr, &sockaddr_in::sin_port);
    case AF_INET6:
      return tcp_address_of(address, &sockaddr_in6::sin6_addr, &sockaddr_in6::sin6_port);
    default:
      return unix_address_of(address);
  }
}

Address local_address(int fd) {
  SocketAddress address;
  if (::getsockname(fd, address.get(), &address.size) != 0) {
    throw_cannot("ask the address of a socket", errno);
  }
  return address_of(address);
}

}  // namespace mp::internal
