#pragma once

#include <cstdint>

namespace mp::server {

class Engine;

// Removes the objects that nobody can reach: marks from the names, the sessions' references and the waiters, through
// whatever containers hold, and sweeps the rest. Cycles go too. The world stands still meanwhile.
class Collector {
 public:
  explicit Collector(Engine& engine) : engine_(engine) {}
  std::uint64_t run();

 private:
  Engine& engine_;
};

}  // namespace mp::server
