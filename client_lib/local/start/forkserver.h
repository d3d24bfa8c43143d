#pragma once

#include <sys/types.h>

#include <memory>

#include "client_lib/local/os/descriptor.h"

// The way to the forkserver: a process that has run this program as far as mp::init(), and forks
// when it is asked to. It is no child of ours, ignores SIGINT, and ends when nobody has a way to it
// any more. A process's children, of all start methods, use the same one.
//
// A forkserver that has died is found out and replaced by the next start. Its children live on.

namespace mp::internal {

// A child of the forkserver, which waits for its luggage. Without it, it ends.
struct Newborn {
  pid_t pid;
  Descriptor pidfd;
  Descriptor socket;  // where luggage is sent to, and the exit code comes from
};

// Starts a forkserver if there is none. Under a ForkTurn. Errors: ProcessError.
void prepare_forkserver();

// Under a ForkTurn. Blocks: until the forkserver has forked.
// Errors: ProcessError; there is no child then.
Newborn fork_by_forkserver();

// What a child of this process is handed; null if there is no forkserver. Under a ForkTurn.
std::shared_ptr<const Descriptor> forkserver_socket();

// In a child: the one that its parent uses.
void use_forkserver(Descriptor socket);

// Ends it, and waits for that, unless others use it still. The next start makes another.
void stop_forkserver();

}  // namespace mp::internal
