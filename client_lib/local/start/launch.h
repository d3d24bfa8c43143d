#pragma once

#include <sys/types.h>

#include <string>

#include "client_lib/local/os/descriptor.h"

// This program once more, from its beginning to mp::init().

namespace mp::internal {

enum class LaunchedAs { kChild, kForkserver };

// Starts it, by the file that this process was started from, also if that is deleted or replaced by
// now: as `as`, with the arguments of this process, its standard descriptors, one end of a socket
// by which it is told the rest, and no other descriptor; no signal is blocked. Its process id.
//
// Errors: ProcessError if main() has not called mp::init(), or if the system refuses.
pid_t launch_this_program(LaunchedAs as, const Descriptor& socket);

// Two ends of a Unix socket of whole messages. Errors: ProcessError.
struct SocketPair {
  SocketPair();

  Descriptor ours;
  Descriptor theirs;
};

}  // namespace mp::internal
