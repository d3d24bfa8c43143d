#include "client_lib/local/start/start.h"

#include <unistd.h>

#include <string>
#include <utility>

#include "client_lib/local/guardian/guardian.h"
#include "client_lib/local/process/birth.h"
#include "client_lib/local/process/children.h"
#include "client_lib/local/process/exit.h"
#include "client_lib/local/process/fork_guard.h"
#include "client_lib/local/process/this_process.h"
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

// What cannot be done, said of this child.
template <class Bear>
Born of_child(const std::string& name, StartMethod method, const Bear& bear) {
  const std::string by =
      method == StartMethod::kFork ? "" : "by " + std::string(name_of(method)) + ": ";
  try {
    return bear();
  } catch (const StillBorn& stillborn) {
    throw cannot_start(name, by + stillborn.reason);
  } catch (const ProcessError& error) {
    throw cannot_start(name, by + error.what());
  } catch (const TypeError& error) {
    throw TypeError("cannot start process '" + name + "': " + by + error.what());
  }
}

// All or nothing.
void enter(ThisProcess& parent, const std::shared_ptr<ProcessState>& child, Born& born) {
  const bool is_told = born.told.is_open();
  auto pidfd = std::make_shared<Descriptor>();
  auto sentinel = is_told ? std::make_shared<Descriptor>() : pidfd;
  std::erase_if(parent.sentinels, [](const auto& weak) { return weak.expired(); });
  parent.sentinels.reserve(parent.sentinels.size() + 2);
  if (!born.exitcode) parent.children.push_back(child);
  parent.sentinels.push_back(pidfd);
  if (is_told) parent.sentinels.push_back(sentinel);
  if (is_told) *sentinel = std::move(born.told);
  *pidfd = std::move(born.pidfd);
  child->exitcode = born.exitcode;
  child->sentinel = std::move(sentinel);
  child->pidfd = std::move(pidfd);
  child->pid = born.pid;
}

}  // namespace

void start(const std::shared_ptr<ProcessState>& child, const Work& work) {
  prepare_exit_of_first_process();
  std::unique_ptr<Target> spent;  // destroyed after the locks: its destructors are not ours
  ForkGuard guard;
  std::string name;
  bool daemon = false;
  StartMethod method = StartMethod::kFork;
  {
    const LockedProcess self;
    check_turn(*self, *child);
    reap_ended(*self);
    name = child->name;
    daemon = child->daemon;
    if (!child->start_method) self->start_method_is_settled = true;
    method = child->start_method.value_or(self->start_method);
  }
  const GuardedStart guarded(daemon, name);
  if (method == StartMethod::kFork) guard.run_before_hooks();
  Born born = of_child(name, method, [&] { return bear(*child, work, method, guarded); });
  try {
    const LockedProcess self;
    enter(*self, child, born);
    spent = std::move(child->target);
  } catch (...) {
    undo(born);
    throw;
  }
}

}  // namespace mp::internal
