#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>

#include "client_lib/manager/socket_lane.h"

namespace mp::internal {

// Serves a manager on a listening Unix socket until `parent_pidfd` becomes readable or SIGTERM
// arrives, then ends the process. Runs in a forked child that has one thread and no open
// descriptors beside these.
using ServeEmbedded = void (*)(int listening_socket, int parent_pidfd);

// The server announces itself here, if it is linked: the client library does not know it.
void register_embedded_server(ServeEmbedded serve);

// An embedded manager: a child process that serves this program and its children, and ends with it,
// however it ends.
class ManagerProcess {
 public:
  // Errors: ProcessError if no server can be started.
  ManagerProcess();
  // Stops it, if this is the process that has started it.
  ~ManagerProcess();
  ManagerProcess(const ManagerProcess&) = delete;
  ManagerProcess& operator=(const ManagerProcess&) = delete;

  const std::shared_ptr<Endpoint>& endpoint() const { return endpoint_; }
  const std::string& address() const { return address_; }
  pid_t pid() const { return pid_; }
  bool is_alive() const;
  // Asks it to end, waits at most so long, then kills it. Idempotent.
  void stop(std::chrono::nanoseconds timeout);

 private:
  bool is_mine() const;
  // Why there is no server, or nothing. It serves on `socket`, and ends when the pidfd `self` does.
  std::string fork_server(int socket, int self);
  std::string spawn_server(int socket, int self);

  std::shared_ptr<Endpoint> endpoint_;
  std::string address_;
  std::uint64_t generation_ = 0;
  pid_t pid_ = -1;
  int pidfd_ = -1;
};

}  // namespace mp::internal
