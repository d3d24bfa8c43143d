#include "client_lib/local/children.h"

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <iterator>
#include <string>

#include "client_lib/local/uncaught.h"

namespace mp::internal {
namespace {

// How long a daemon may take over its SIGTERM when its parent exits, before SIGKILL.
constexpr std::chrono::seconds kDaemonGrace(5);

int exitcode_of(const siginfo_t& info) {
  return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

std::vector<std::shared_ptr<ProcessState>> running_children() {
  const LockedProcess self;
  reap_ended(*self);
  return self->children;
}

void end_daemons(const std::vector<std::shared_ptr<ProcessState>>& children) {
  std::vector<std::shared_ptr<ProcessState>> daemons;
  std::ranges::copy_if(children, std::back_inserter(daemons),
                       [](const auto& child) { return child->daemon; });
  for (const auto& daemon : daemons) send_signal(*daemon->sentinel, SIGTERM);
  const Deadline deadline = deadline_after(kDaemonGrace);
  for (const auto& daemon : daemons) {
    if (wait_and_reap(daemon, deadline)) continue;
    send_signal(*daemon->sentinel, SIGKILL);
    wait_and_reap(daemon, std::nullopt);
  }
}

}  // namespace

bool reap(ThisProcess& parent, ProcessState& child) {
  if (child.exitcode) return true;
  siginfo_t info{};
  const auto id = static_cast<id_t>(child.sentinel->get());
  if (::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG) == 0) {
    if (info.si_pid == 0) return false;
    child.exitcode = exitcode_of(info);
  } else if (errno == ECHILD) {
    child.exitcode = kUnknownExitcode;
  } else {
    return false;
  }
  std::erase_if(parent.children, [&](const auto& other) { return other.get() == &child; });
  return true;
}

void reap_ended(ThisProcess& parent) {
  const auto children = parent.children;  // reap() takes from it
  for (const auto& child : children) reap(parent, *child);
}

bool wait_and_reap(const std::shared_ptr<ProcessState>& child, Deadline deadline) {
  std::shared_ptr<Descriptor> sentinel;
  {
    const LockedProcess self;
    if (reap(*self, *child)) return true;
    sentinel = child->sentinel;
  }
  while (wait_ended(*sentinel, deadline)) {
    const LockedProcess self;
    if (reap(*self, *child)) return true;
  }
  return false;
}

void end_children() noexcept {
  try {
    end_daemons(running_children());
    // Again, since a thread or a handler may start more meanwhile.
    for (auto children = running_children(); !children.empty(); children = running_children()) {
      for (const auto& child : children) wait_and_reap(child, std::nullopt);
    }
  } catch (const std::exception& error) {
    report(std::string("children were left behind: ") + error.what());
  }
}

}  // namespace mp::internal
