#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace mp {

// Who waits or holds, down to the owner handle: mostly a thread.
struct LockParty {
  std::string host;
  int pid = 0;
  std::string process_name;
  std::uint64_t session = 0;
  std::uint64_t owner = 0;
};

// Somebody waits for an object that somebody holds: an edge of the manager's wait-for graph.
struct WaitFor {
  LockParty waiter;
  std::chrono::system_clock::time_point waiting_since;
  std::uint64_t object = 0;
  std::string name;  // empty: without a name
  std::string kind;  // "lock", "rlock", ...
  LockParty holder;
  std::chrono::system_clock::time_point held_since;
};

// A cycle of such edges: each waits for what the next one holds, and the last for what the first
// holds.
using Deadlock = std::vector<WaitFor>;

}  // namespace mp
