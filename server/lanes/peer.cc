#include "server/lanes/peer.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

namespace mp::server {

std::optional<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  return Peer{.pid = credentials.pid, .uid = credentials.uid};
}

int watch_peer(int socket, const Peer& peer, pid_t hello_pid) {
  if (peer.pid <= 0 || peer.pid != hello_pid) return -1;
  int pidfd = -1;
  socklen_t size = sizeof pidfd;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) == 0)
    return pidfd;  // since Linux 6.5
  pidfd = static_cast<int>(syscall(SYS_pidfd_open, peer.pid, 0));
  if (pidfd < 0) return -1;
  // The process may have ended before, and its pid be another's: then the connection is at its end.
  char byte = 0;
  if (recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0) return pidfd;
  close(pidfd);
  return -1;
}

}  // namespace mp::server
