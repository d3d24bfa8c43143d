#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <vector>

#include "tests/linearizability/client.h"
#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// The road that the clients take, and how its connections are cut.
enum class Road : std::uint8_t {
  kSocket,     // the manager's local lane; a client's socket is shut down beneath it
  kShared,     // the same through shared memory from the first command on
  kRelay,      // the local lane of a relay, and its session stream; both are cut
  kInProcess,  // a session stream of each client's own; it is cut
};
void PrintTo(Road road, std::ostream* out);

// What has happened.
struct Happened {
  // A client's session that is over.
  struct End {
    int client;
    std::int64_t since;  // or later
  };

  History history{};
  std::vector<End> lost{};    // before the client was through; that of who was killed first
  std::vector<End> closed{};  // by who was through
  int cuts = 0;               // of open connections
  int failed = 0;             // clients that ended in a way that nobody has planned
  int unseen = 0;             // sessions that ended where the history does not show it

  // The operations of one client, in their order.
  History of(int client) const;
};

// What clients do together. They find the objects by name.
struct Plan {
  using Step = std::function<void()>;

  // Runs in each client before the history begins, and makes its step, which calls at least once.
  std::function<Step(Client&)> work;
  // What the process that has started them does when they have ended, as one more client.
  std::function<void(Client&, const Happened&)> finish = [](Client&, const Happened&) {};
  int clients = 4;
  int steps = 60;  // of each client
  int cuts = 6;
};

// Starts a manager, and clients in processes of their own; kills one of them in the middle, and
// cuts connections. Afterwards nothing of it is left.
Happened play(Road road, const Plan& plan, unsigned seed);

}  // namespace mp::linearizability
