#include "client_lib/local/start.h"

#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "client_lib/local/child_main.h"
#include "client_lib/local/children.h"
#include "client_lib/local/exit.h"
#include "client_lib/local/fork_guard.h"
#include "client_lib/local/pidfd.h"
#include "client_lib/local/standard_streams.h"
#include "client_lib/local/this_process.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

ProcessError cannot_start(const std::string& name, const std::string& reason) {
  return ProcessError("cannot start process '" + name + "': " + reason);
}

void check_turn(const ThisProcess& parent, const ProcessState& child) {
  if (child.closed) throw ValueError("cannot start: process object is closed");
  if (child.pid) {
    throw ProcessError("cannot start process '" + child.name + "' twice: it was started as pid " +
                       std::to_string(*child.pid));
  }
  if (child.creator != ::getpid()) {
    throw cannot_start(
        child.name, "its object was made by another process, pid " + std::to_string(child.creator));
  }
  if (parent.daemon) {
    throw cannot_start(child.name, "this process, '" + parent.name +
                                       "', is a daemon, and daemons may not have children");
  }
}

// For a child that we could not await: it must not live.
void undo_fork(pid_t pid) {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

struct Forked {
  pid_t pid;
  Descriptor sentinel;
  std::optional<int> exitcode = {};
};

// For a child that ended and was reaped, by the system or another part of the program, before we
// could look at it: what else polls as an ended process does.
Forked ended_unseen(pid_t pid) {
  return {pid, Descriptor(::eventfd(1, EFD_CLOEXEC)), kUnknownExitcode};
}

// Throws without having changed anything.
Forked fork_child(ProcessState& child, const std::string& name) {
  // Handed down, so that the child has its parent's sentinel however soon the parent dies.
  Descriptor this_process = open_pidfd(::getpid());
  if (!this_process.is_open()) {
    throw cannot_start(name, "no descriptor of this process" + errno_text(errno));
  }
  flush_before_fork();
  const pid_t pid = ::fork();
  if (pid == 0) child_main(child, std::move(this_process));
  if (pid < 0) throw cannot_start(name, "fork failed" + errno_text(errno));

  this_process.close();  // leaves a free number for the child's
  Descriptor sentinel = open_pidfd(pid);
  if (!sentinel.is_open()) {
    const int error = errno;
    if (error == ESRCH) return ended_unseen(pid);
    undo_fork(pid);
    throw cannot_start(name, "no descriptor of the child" + errno_text(error));
  }
  return {pid, std::move(sentinel)};
}

// All or nothing.
void enter(ThisProcess& parent, const std::shared_ptr<ProcessState>& child, Forked forked) {
  auto sentinel = std::make_shared<Descriptor>(std::move(forked.sentinel));
  std::erase_if(parent.sentinels, [](const auto& weak) { return weak.expired(); });
  parent.sentinels.push_back(sentinel);
  if (!forked.exitcode) parent.children.push_back(child);
  child->exitcode = forked.exitcode;
  child->sentinel = std::move(sentinel);
  child->pid = forked.pid;
}

}  // namespace

void start(const std::shared_ptr<ProcessState>& child) {
  prepare_exit_of_first_process();
  std::unique_ptr<Target> spent;  // destroyed after the locks: its destructors are not ours
  ForkGuard guard;
  std::string name;
  {
    const LockedProcess self;
    check_turn(*self, *child);
    reap_ended(*self);
    name = child->name;
  }
  guard.run_before_hooks();
  Forked forked = fork_child(*child, name);
  // If it was reaped already, its number may be another's by now.
  const std::optional<pid_t> to_undo = forked.exitcode ? std::nullopt : std::optional(forked.pid);
  try {
    const LockedProcess self;
    enter(*self, child, std::move(forked));
    spent = std::move(child->target);
  } catch (...) {
    if (to_undo) undo_fork(*to_undo);
    throw;
  }
}

}  // namespace mp::internal
