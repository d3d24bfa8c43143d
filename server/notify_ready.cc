#include "server/notify_ready.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

namespace mp::server {
namespace {

// A path, or with @ for the zero at its beginning a name that is in no folder. Gives its length, or
// 0 if it is neither.
socklen_t address_of(std::string_view name, sockaddr_un& address) {
  if (name.size() < 2 || name.size() >= sizeof address.sun_path) return 0;
  if (name.front() != '/' && name.front() != '@') return 0;
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
}

}  // namespace

void notify_ready() {
  const char* name = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  if (name == nullptr || *name == '\0') return;
  constexpr std::string_view kReady = "READY=1";
  sockaddr_un address{};
  const socklen_t size = address_of(name, address);
  const int fd = size == 0 ? -1 : socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (size == 0) errno = EINVAL;
  if (fd < 0 || sendto(fd, kReady.data(), kReady.size(), MSG_NOSIGNAL,
                       reinterpret_cast<const sockaddr*>(&address), size) < 0) {
    spdlog::warn("NOTIFY_SOCKET={}: {}", name, std::generic_category().message(errno));
  }
  if (fd >= 0) close(fd);
}

}  // namespace mp::server
