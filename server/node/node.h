#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/node/manager_options.h"

namespace mp::server {

// What this process is to others: a manager, or a relay to one.
class Node {
 public:
  virtual ~Node() = default;
  // Takes the addresses, then serves on all of them.
  virtual absl::Status start() = 0;
  // Where others connect to it, once it has started: HOST:PORT, or the path of a socket.
  virtual std::string address() const = 0;
  // Answers everybody who waits, drains what is under way, and closes the lanes.
  virtual void stop() = 0;
  // After stop(): may this go? Not while something runs on that uses it; the process may end.
  virtual bool is_idle() const { return true; }
  // When it would end by itself, as things stand now: ask again then.
  virtual Time ends_at() { return Time::max(); }
};

std::unique_ptr<Node> make_manager(const ManagerOptions& options);
absl::StatusOr<std::unique_ptr<Node>> make_relay(const ManagerOptions& options);

// Writes lines that name addresses to the descriptor of --print-address, and closes it.
void print_addresses(const ManagerOptions& options, const std::string& lines);

}  // namespace mp::server
