#pragma once

#include <optional>
#include <string>

#include "client_lib/local/guardian/guardian.h"
#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/process/process_state.h"
#include "client_lib/local/start/start.h"

// How a child comes to be, by each start method. All under a ForkTurn.

namespace mp::internal {

struct Born {
  int pid;
  Descriptor pidfd;
  Descriptor told = {};  // where its end is told; not open where the system tells it
  std::optional<int> exitcode = {};
};

// Why there is no child, as whoever knows its name goes on to say.
struct StillBorn {
  std::string reason;
};

// Throws without having changed anything: StillBorn; ProcessError, without the child's name too;
// what packing throws.
Born bear(ProcessState& child, const Work& work, StartMethod method, const GuardedStart& guarded);

// For a child that could not be awaited: it must not live.
void undo(const Born& born) noexcept;

}  // namespace mp::internal
