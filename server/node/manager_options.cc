#include "server/node/manager_options.h"

#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace mp::server {
namespace {

std::string runtime_folder() {
  const char* runtime =
      std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return runtime != nullptr && *runtime == '/' ? std::string(runtime) + "/mp"
                                               : "/tmp/mp-" + std::to_string(geteuid());
}

}  // namespace

std::optional<HostPort> HostPort::parse(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  HostPort address{.host = text.substr(0, colon)};
  const char* end = text.data() + text.size();
  const auto [last, code] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (code != std::errc() || last != end || address.port < 0 || address.port > 65535)
    return std::nullopt;
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != std::string::npos) {
    return std::nullopt;  // without brackets it is not clear where the port begins
  }
  return address.host.empty() ? std::nullopt : std::optional(address);
}

std::string ManagerOptions::log_path() const {
  const bool has_path = !socket.empty() && socket != "none";
  return (has_path ? socket : default_socket_path(listen ? listen->port : 0)) + ".log";
}

std::string default_socket_path(int port) {
  return runtime_folder() + "/" + std::to_string(port) + ".sock";
}

std::string default_relay_path(const std::string& manager) {
  return runtime_folder() + "/relay-" + manager + ".sock";
}

}  // namespace mp::server
