#pragma once

#include <chrono>
#include <cstdint>

namespace mp {

// The road that commands take to a manager.
enum class Lane : std::uint8_t {
  // A Unix socket: the manager's own on this host, else that of this node's relay to it, which
  // mp::Manager::connect starts if it does not run. The connection of a thread that uses it often
  // goes on through memory that it shares with the manager or relay, where there is some to be had.
  // Works in forked children.
  kLocal,
  // gRPC in this process, over TCP, with threads of its own: one hop less to another machine. A
  // forked child can't use it (ForkedClientError), nor any gRPC of its own.
  kInProcess,
  // As kLocal, but by the socket alone.
  kSocket,
  // As kLocal, through shared memory from the first command on, however seldom it is used.
  kShared,
};

// How a thread waits awake where that may be of use. Whether it is, each thread learns: where what
// it waits for mostly takes longer than the budget, it tries ever more seldom.
enum class SpinPolicy : std::uint8_t {
  // Spins as long as whoever it waits for runs on another processor and no more want one than there
  // are; else yields its own, unless that has taken long lately; else sleeps.
  kAuto,
  // Never yields: where it can't spin it sleeps at once.
  kSpin,
  // Never spins: where it can't yield it sleeps at once.
  kYield,
};

// How long a thread waits awake for an answer on a lane of this host, before it sleeps. To wake a
// thread on another processor costs tens of microseconds, which is what is saved if the answer is
// there before; what it costs is that processor's time, at most so much for each wait. Where a
// control group gives less time than two processors have nobody waits awake, whatever this says.
struct LaneSpin {
  std::chrono::nanoseconds budget = std::chrono::microseconds(50);  // 0: never; at most 10 ms
  SpinPolicy policy = SpinPolicy::kAuto;
};

}  // namespace mp
