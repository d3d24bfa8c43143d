#pragma once

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

}  // namespace mp
