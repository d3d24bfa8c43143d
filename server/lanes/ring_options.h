#pragma once

#include <cstdint>

#include "client_lib/local/lane/lane_wait.h"

namespace mp::server {

// Which connections of the local lane get rings in shared memory (client_lib/local/lane).
enum class GiveRings {
  kToWhoAsks,  // clients ask for connections that are used often
  kToAll,
  kToNobody,
};

// The rings of a local lane, and how its threads wait for more to come through them.
struct RingOptions {
  GiveRings give = GiveRings::kToWhoAsks;
  std::uint64_t most = 1024;  // connections that have some: half a MiB each
  mp::LaneSpin spin;
};

}  // namespace mp::server
