#pragma once

#include <sys/types.h>

#include <optional>

namespace mp::server {

// The process at the other end of a Unix socket, as the kernel knows it.
struct Peer {
  pid_t pid = 0;  // in this process's PID namespace; 0 if it is in none that is seen from here
  uid_t uid = 0;
};
std::optional<Peer> peer_of(int socket);

// A descriptor that becomes readable when that process has ended, or -1 if it can't be watched.
// `hello_pid` is what the peer says its pid is: where that is another number, the peer lives in
// another PID namespace.
int watch_peer(int socket, const Peer& peer, pid_t hello_pid);

}  // namespace mp::server
