#pragma once

#include <memory>
#include <string>

#include "mp/manager_options.h"

namespace mp {

// A manager that serves in this very process, for programs that are to be one and nothing else.
//
// Python: the Server of BaseManager.get_server(). It serves from its construction to its
// destruction, with threads of its own; it logs what is wrong, by spdlog, and else nothing. Needs
// the server to be linked (mp::mp); in a process that is to fork afterwards, use mp::Manager
// instead, which serves from a process of its own.
//
// Thread-safety: one thread at a time. After fork: not usable in the child.
//
//   mp::ManagerServer server({.address = "127.0.0.1:50051", .token = secret});
//   std::cout << "serving on " << server.address() << std::endl;
//   server.serve_forever();
class ManagerServer {
 public:
  // Runs the initializer, takes the address, and serves. Errors: ProcessError if the address is
  // taken; ValueError if it is none of this host's loopback, or the spin's budget is not from 0 to
  // 10 ms; what the initializer throws.
  explicit ManagerServer(const ManagerOptions& options);
  // Answers everybody who waits, and closes.
  ~ManagerServer();
  ManagerServer(const ManagerServer&) = delete;
  ManagerServer& operator=(const ManagerServer&) = delete;

  // Where others connect to it: HOST:PORT, or without an address one that only processes of this
  // user on this host reach.
  const std::string& address() const;

  // Blocks: until the process is sent SIGINT or SIGTERM. These are then not delivered otherwise,
  // provided that other threads of the program block them.
  void serve_forever();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace mp
