#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "mp/local/address.h"

// Addresses as the system has them.

namespace mp::internal {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

enum class Purpose { kListening, kConnecting };

// Where to listen or to connect: one for a Unix socket, and all that a host has, IPv4 first.
// Errors: ValueError for a name that is no name; ConnectionError, cannot `attempt`, for a host that
// is not found.
std::vector<SocketAddress> resolve(const Address& address, Purpose purpose,
                                   const std::string& attempt);

// Errors: ValueError for one that is too long or has a NUL.
SocketAddress unix_address(Family family, const std::string& name);

// `'/run/jobs.sock'`, for what is said to the user.
std::string text_of(const Address& address);

Address address_of(const SocketAddress& address);

// Of this end of a socket.
Address local_address(int fd);

}  // namespace mp::internal
