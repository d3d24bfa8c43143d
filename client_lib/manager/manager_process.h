#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <string>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/manager/socket_lane.h"
#include "mp/internal/timeout.h"
#include "mp/manager_options.h"

namespace mp::internal {

// What a forked child that has one thread needs to be a manager.
struct EmbeddedServer {
  int socket;        // that listens
  int parent_pidfd;  // it ends when this becomes readable, or SIGTERM arrives
  int report;        // where it says `listen ADDRESS` or `failed WHY` once it serves; -1: nowhere
  const ManagerOptions& options;
};
using ServeEmbedded = void (*)(const EmbeddedServer& how);

// A socket that listens for processes of this host, where nothing is left behind; `address` is for
// Manager::connect. Errors: ProcessError.
int listen_somewhere(std::string& address);

// The server announces itself here, if it is linked: the client library does not know it.
void register_embedded_server(ServeEmbedded serve);

// An embedded manager: a child process that serves this program and its children, and ends with it,
// however it ends.
class ManagerProcess {
 public:
  // Errors: ProcessError if no server can be started.
  explicit ManagerProcess(const ManagerOptions& options);
  // Stops it, if this is the process that has started it.
  ~ManagerProcess();
  ManagerProcess(const ManagerProcess&) = delete;
  ManagerProcess& operator=(const ManagerProcess&) = delete;

  const std::shared_ptr<Endpoint>& endpoint() const { return endpoint_; }
  const std::string& address() const { return address_; }
  pid_t pid() const { return pid_; }
  bool is_alive() const;
  // Waits until it has ended; false after the timeout. ProcessError if it is another process's.
  bool join(Timeout timeout);
  // Asks it to end, waits at most so long, then kills it. Idempotent.
  void stop(Timeout timeout);

 private:
  bool is_mine() const;
  // What the server is handed: the socket that it serves on, a pidfd of this process, with which it
  // ends, and where it says that it serves.
  struct Descriptors {
    int socket;
    int self;
    int report;
  };
  // Why there is no server, or nothing.
  std::string fork_server(const Descriptors& descriptors, const ManagerOptions& options);
  std::string spawn_server(const Descriptors& descriptors, const ManagerOptions& options);
  // Of what the server said: why it does not serve, or nothing; its address is then known.
  std::string understand(const std::string& report);
  bool await_end(Timeout timeout) const;
  void reap();

  std::shared_ptr<Endpoint> endpoint_;
  std::string address_;
  std::uint64_t generation_ = 0;
  std::atomic<pid_t> pid_{-1};
  Descriptor pidfd_;
};

}  // namespace mp::internal
