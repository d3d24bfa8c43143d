#pragma once

namespace mp::server {

// Which connections of the local lane get rings in shared memory (client_lib/local/lane).
enum class GiveRings {
  kToWhoAsks,  // clients ask for connections that are used often
  kToAll,
  kToNobody,
};

}  // namespace mp::server
