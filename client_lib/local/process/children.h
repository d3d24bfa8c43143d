#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/process/this_process.h"

// The children of this process, from start to end.

namespace mp::internal {

// Of a child that ended unseen: SIGCHLD is ignored, another part of the program reaped it, or its
// forkserver has died.
constexpr int kUnknownExitcode = 255;

// The exit code of a child that the system gave to this process, once it has ended; no zombie is
// left then.
std::optional<int> reap_child(const Descriptor& pidfd);

// Takes note of the child's end if it has ended: its exit code from then on, and no zombie. Returns
// whether it has. Only for a child of this process that was started.
bool reap(ThisProcess& parent, ProcessState& child);

// The same for all children.
void reap_ended(ThisProcess& parent);

// Waits for the end of a child, and reaps it; false at the deadline.
bool wait_and_reap(const std::shared_ptr<ProcessState>& child, Deadline deadline);

// What a process owes at its end: daemons are ended, the other children joined.
void end_children() noexcept;

}  // namespace mp::internal
