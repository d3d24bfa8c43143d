#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "server/engine/limits.h"
#include "server/lanes/credentials.h"

namespace mp::server {

// HOST:PORT, of which HOST may be an IPv6 address in brackets.
struct HostPort {
  std::string host;
  int port = 0;
  // Nothing if it is none.
  static std::optional<HostPort> parse(const std::string& text);
};

// What mp-manager was asked for, by flags and environment variables.
struct ManagerOptions {
  std::optional<HostPort> listen;  // none: no TCP
  std::string socket;              // a path; empty: the default one; "none"
  std::string token;
  TlsFiles tls;
  bool insecure = false;
  Limits limits;
  Duration drain_timeout = std::chrono::seconds(5);
  int print_address_fd = -1;  // -1: nowhere
  std::string check;          // ask another manager for its health; empty: be one
  Duration check_timeout = std::chrono::seconds(3);
};

// The options; or, if the program has nothing more to do, its exit status: 0 after --help and
// --version, 2 after a sentence on stderr that says what is wrong.
std::variant<ManagerOptions, int> parse_options(int argc, char** argv);

// $XDG_RUNTIME_DIR/mp/PORT.sock, or without that variable /tmp/mp-UID/PORT.sock.
std::string default_socket_path(int port);

}  // namespace mp::server
