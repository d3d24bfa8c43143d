#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/process/process_state.h"
#include "client_lib/local/process/this_process.h"

// Who ends the daemons of a process that is killed: its guardian, a small process of its own that
// sleeps until the process ends.
//
//            start of a daemon                       end of the last daemon, seen by reap()
//   none ──────────────────────▶ guardian with all ────────────────────────────────────────▶ none
//                                 living daemons
//                                  │         ▲
//                           killed │         │ the next start or end of a daemon
//                                  ▼         │
//                               guardian is dead
//
// Invariant: a daemon runs nothing of its callable before the guardian knows of it, or the process
// that started it has seen it run without, and makes a new one at the next occasion.

namespace mp::internal {

// How long a daemon may take over its SIGTERM when its parent ends, before SIGKILL.
constexpr std::chrono::seconds kDaemonGrace(5);

// Around the start of one child, however it is started; does nothing if that is no daemon.
//
// Thread-safety: starts may overlap.
class GuardedStart {
 public:
  // Sees to it that there is a guardian. Blocks: for the start of a program, where there is none.
  // Errors: ProcessError if none can be started; nothing is left then.
  GuardedStart(bool is_daemon, const std::string& name);
  // The child is entered among ThisProcess::children by now, or there is none.
  ~GuardedStart();
  GuardedStart(const GuardedStart&) = delete;
  GuardedStart& operator=(const GuardedStart&) = delete;

  // In a forked child, before all else: it puts itself under guard, so that its parent may die at
  // any moment. Does not return if `parent`, a pidfd, has ended, or there is no descriptor.
  void guard_this_process(const Descriptor& parent) const noexcept;

  // In the parent: the same for a child by its pidfd. For one that is not forked from here, before
  // it is given anything to do. Errors: ProcessError.
  void guard(const Descriptor& child) const;

 private:
  void release() noexcept;

  std::string name_;
  std::shared_ptr<Descriptor> socket_;  // null if it is no daemon
};

// Of a child that was reaped just now and is no longer among the children.
void note_end(ThisProcess& parent, const ProcessState& child) noexcept;

// The process id of this process's guardian, if it has one that lives.
std::optional<int> guardian_pid();

}  // namespace mp::internal
