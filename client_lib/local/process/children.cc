#include "client_lib/local/process/children.h"

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <iterator>
#include <string>

#include "client_lib/local/connection/messages.h"
#include "client_lib/local/guardian/guardian.h"
#include "client_lib/local/process/uncaught.h"
#include "mp/logging.h"

namespace mp::internal {
namespace {

int exitcode_of(const siginfo_t& info) {
  return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

std::vector<std::shared_ptr<ProcessState>> running_children() {
  const LockedProcess self;
  reap_ended(*self);
  return self->children;
}

void log_step(const char* step, const ProcessState& child) {
  get_logger().info([&] {
    const LockedProcess self;
    return step + child.name;
  });
}

void end_daemons(const std::vector<std::shared_ptr<ProcessState>>& children) {
  std::vector<std::shared_ptr<ProcessState>> daemons;
  std::ranges::copy_if(children, std::back_inserter(daemons),
                       [](const auto& child) { return child->daemon; });
  if (daemons.empty()) return;
  for (const auto& daemon : daemons) {
    log_step("calling terminate() for daemon ", *daemon);
    send_signal(*daemon->pidfd, SIGTERM);
  }
  const Deadline deadline = deadline_after(kDaemonGrace);
  for (const auto& daemon : daemons) {
    if (wait_and_reap(daemon, deadline)) continue;
    send_signal(*daemon->pidfd, SIGKILL);
    wait_and_reap(daemon, std::nullopt);
  }
}

}  // namespace

std::optional<int> reap_child(const Descriptor& pidfd) {
  siginfo_t info{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED | WNOHANG) == 0) {
    if (info.si_pid == 0) return std::nullopt;
    return exitcode_of(info);
  }
  if (errno == ECHILD) return kUnknownExitcode;
  return std::nullopt;
}

bool reap(ThisProcess& parent, ProcessState& child) {
  if (child.exitcode) return true;
  const bool is_ours = child.sentinel == child.pidfd;
  child.exitcode = is_ours ? reap_child(*child.pidfd) : told_exitcode(*child.sentinel);
  if (!child.exitcode) return false;
  std::erase_if(parent.children, [&](const auto& other) { return other.get() == &child; });
  note_end(parent, child);
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
      for (const auto& child : children) {
        log_step("calling join() for process ", *child);
        wait_and_reap(child, std::nullopt);
      }
    }
  } catch (const std::exception& error) {
    report(std::string("children were left behind: ") + error.what());
  }
}

}  // namespace mp::internal
