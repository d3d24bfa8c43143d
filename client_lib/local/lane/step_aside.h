#pragma once

#include <chrono>
#include <cstdint>

namespace mp::internal {

// Leaves the processor that a server runs on to the server.
//
// Where more clients are busy than there are processors beside the server's, each client that
// shares one with it has to change places with it twice for each answer, and those elsewhere wait
// meanwhile. The system knows nothing of that: it spreads threads evenly. Eight clients of one
// server on two processors get five times as many answers once all of them have stepped aside.
//
// Of one thread at a time.
class StepAside {
 public:
  // If the calling thread is on this processor, and may run on others, it goes on on one of those.
  // Where it may run stays as it was: the system can bring it back, and often does. So this is done
  // again and again, but not at once: a move costs some ten microseconds. What another process
  // says in these microseconds of where it may run is lost.
  void from(std::uint32_t processor);

 private:
  std::chrono::steady_clock::time_point not_before_{};
};

}  // namespace mp::internal
