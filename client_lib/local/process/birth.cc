#include "client_lib/local/process/birth.h"

#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/os/standard_streams.h"
#include "client_lib/local/process/child_main.h"
#include "client_lib/local/process/children.h"
#include "client_lib/local/start/forkserver.h"
#include "client_lib/local/start/launch.h"
#include "client_lib/local/start/luggage.h"

namespace mp::internal {
namespace {

void kill_and_reap(pid_t pid) noexcept {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

// For a child that ended and was reaped, by the system or another part of the program, before we
// could look at it: what else polls as an ended process does.
Born ended_unseen(pid_t pid) {
  return {pid, Descriptor(::eventfd(1, EFD_CLOEXEC)), {}, kUnknownExitcode};
}

// A child that the system has just given to this process.
Born adopt(pid_t pid) {
  Descriptor pidfd = open_pidfd(pid);
  if (pidfd.is_open()) return {pid, std::move(pidfd)};
  const int error = errno;
  if (error == ESRCH) return ended_unseen(pid);
  kill_and_reap(pid);
  throw StillBorn{"no descriptor of the child" + errno_text(error)};
}

// Lets a child that waits for it have its luggage, once it is guarded.
void see_off(const Born& born, const Descriptor& socket, const Luggage& luggage,
             const GuardedStart& guarded) {
  if (born.exitcode) return;
  try {
    guarded.guard(born.pidfd);
    luggage.send(socket);
  } catch (...) {
    undo(born);
    throw;
  }
}

Born bear_by_fork(ProcessState& child, const Work& work, const GuardedStart& guarded) {
  // Handed down, so that the child has its parent's sentinel however soon the parent dies.
  Descriptor this_process = open_pidfd(::getpid());
  if (!this_process.is_open()) throw StillBorn{"no descriptor of this process" + errno_text(errno)};
  flush_before_fork();
  const pid_t pid = ::fork();
  if (pid == 0) {
    guarded.guard_this_process(this_process);
    child_main(child, std::move(this_process), work.run);
  }
  if (pid < 0) throw StillBorn{"fork failed" + errno_text(errno)};
  this_process.close();  // leaves a free number for the child's
  return adopt(pid);
}

Born bear_by_spawn(const ProcessState& child, const Work& work, const GuardedStart& guarded) {
  const Luggage luggage(child, work.pack, Surroundings::kByBirth);
  SocketPair pair;
  flush_before_fork();
  const pid_t pid = launch_this_program(LaunchedAs::kChild, pair.theirs);
  pair.theirs.close();
  Born born = adopt(pid);
  see_off(born, pair.ours, luggage, guarded);
  return born;
}

Born bear_by_forkserver(const ProcessState& child, const Work& work, const GuardedStart& guarded) {
  prepare_forkserver();  // its socket is among what a child is sent
  const Luggage luggage(child, work.pack, Surroundings::kSent);
  flush_before_fork();
  Newborn newborn = fork_by_forkserver();
  Born born{newborn.pid, std::move(newborn.pidfd), std::move(newborn.socket)};
  see_off(born, born.told, luggage, guarded);
  return born;
}

}  // namespace

Born bear(ProcessState& child, const Work& work, StartMethod method, const GuardedStart& guarded) {
  switch (method) {
    case StartMethod::kSpawn:
      return bear_by_spawn(child, work, guarded);
    case StartMethod::kForkserver:
      return bear_by_forkserver(child, work, guarded);
    case StartMethod::kFork:
      break;
  }
  return bear_by_fork(child, work, guarded);
}

void undo(const Born& born) noexcept {
  if (born.exitcode) return;  // its number may be another's by now
  send_signal(born.pidfd, SIGKILL);
  if (!born.told.is_open()) kill_and_reap(born.pid);
}

}  // namespace mp::internal
