#include "tests/linearizability/cut_sockets.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace mp::linearizability {
namespace {

constexpr int kDescriptors = 64;  // more than a client has

sockaddr_un target;  // constant once the handler is there

// Only what a handler may call.
void cut(int /*signal*/) {
  const int saved = errno;
  for (int fd = 0; fd < kDescriptors; ++fd) {
    sockaddr_un peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sun_family != AF_UNIX || std::strcmp(peer.sun_path, target.sun_path) != 0) continue;
    shutdown(fd, SHUT_RDWR);
  }
  errno = saved;
}

}  // namespace

void cut_sockets_on_signal(const std::string& path) {
  if (path.size() >= sizeof target.sun_path) throw std::length_error(path);
  std::strcpy(target.sun_path, path.c_str());
  struct sigaction action {};
  action.sa_handler = cut;
  if (sigaction(SIGUSR1, &action, nullptr) != 0)
    throw std::system_error(errno, std::generic_category(), "sigaction");
}

}  // namespace mp::linearizability
