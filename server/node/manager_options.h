#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "server/engine/custom_calls.h"
#include "server/engine/deadlock_policy.h"
#include "server/engine/limits.h"
#include "server/lanes/credentials.h"
#include "server/lanes/manager_channel.h"
#include "server/lanes/ring_options.h"

namespace mp::server {

// HOST:PORT, of which HOST may be an IPv6 address in brackets.
struct HostPort {
  std::string host;
  int port = 0;
  // Nothing if it is none.
  static std::optional<HostPort> parse(const std::string& text);
};

// What a manager or a relay is asked to be. mp-manager reads it from its flags (options.h).
struct ManagerOptions {
  std::optional<HostPort> listen;  // none: no TCP
  std::string socket;              // a path; empty: the default one; "none"
  RingOptions rings;               // on these sockets
  std::string token;
  std::string relay;  // be a relay to the manager at this HOST:PORT; empty: be a manager
  ManagerTls relay_tls;
  Duration exit_when_idle{};  // a relay without sessions ends after so long; 0: never
  TlsFiles tls;
  bool insecure = false;
  Limits limits;
  DeadlockPolicy deadlocks = DeadlockPolicy::kFail;
  CustomTypes custom_types;           // of the users' own
  std::uint64_t custom_threads = 16;  // that run their methods
  int custom_socket = -1;  // a Unix socket that listens already, by which methods come; -1: none
  Duration drain_timeout = std::chrono::seconds(5);
  int print_address_fd = -1;  // -1: nowhere
  int adopt_socket = -1;      // a Unix socket that listens already; -1: none
  int end_with = -1;          // end when this descriptor becomes readable; -1: none
  bool quiet = false;         // does not log where it serves
  bool background = false;    // return once it serves, and go on without a terminal
  std::string log_path() const;
  std::string check;  // ask another manager for its health; empty: be one
  Duration check_timeout = std::chrono::seconds(3);
};

// $XDG_RUNTIME_DIR/mp/PORT.sock, or without that variable /tmp/mp-UID/PORT.sock.
std::string default_socket_path(int port);
// The same folder, and a name that says which manager the relay leads to.
std::string default_relay_path(const std::string& manager);

}  // namespace mp::server
