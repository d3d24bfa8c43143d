#include "client_lib/local/guardian/guardian.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <utility>
#include <vector>

#include "client_lib/local/connection/messages.h"
#include "client_lib/local/guardian/guardian_launch.h"
#include "client_lib/local/guardian/guardian_main.h"
#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/process/uncaught.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

// Guarded by LockedProcess. The descriptors are shared with those who wait at them.
struct Guardian {
  std::uint64_t generation = 0;  // of the process that it guards
  pid_t pid = -1;
  std::shared_ptr<Descriptor> pidfd{};
  std::shared_ptr<Descriptor> socket{};
  bool stands_guard = false;  // it has said so
  int starts = 0;             // of daemons, under way
};

Guardian& guardian_of(const ThisProcess& self) {
  static auto* const guardian = new Guardian;  // never destroyed, as ThisProcess is
  if (guardian->generation != self.generation) *guardian = {.generation = self.generation};
  return *guardian;
}

// Also of one that was closed behind our back.
bool has_ended(const Descriptor& pidfd) {
  pollfd entry{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) != 0;
}

bool lives(const Guardian& guardian) { return guardian.pidfd && !has_ended(*guardian.pidfd); }

// One that is dead too: where this process adopts orphans, a zombie would stay.
void end(Guardian& guardian) {
  if (!guardian.pidfd) return;
  guardian.socket.reset();  // is enough, if this process may not send it a signal any more
  send_signal(*guardian.pidfd, SIGKILL);
  siginfo_t info{};
  const auto id = static_cast<id_t>(guardian.pidfd->get());
  while (::waitid(P_PIDFD, id, &info, WEXITED | __WALL) != 0 && errno == EINTR) continue;
  guardian.pid = -1;
  guardian.pidfd.reset();
  guardian.stands_guard = false;
}

std::vector<int> pidfds_of_daemons(const ThisProcess& self) {
  std::vector<int> pidfds;
  for (const auto& child : self.children) {
    if (child->daemon) pidfds.push_back(child->pidfd->get());
  }
  return pidfds;
}

int send_pidfds(const Descriptor& socket, std::span<const int> pidfds) noexcept {
  int error = 0;
  while (!pidfds.empty() && error == 0) {
    const std::size_t some = std::min(pidfds.size(), kPidfdsPerMessage);
    error = send_to_guardian(socket, "+", pidfds.first(some));
    pidfds = pidfds.subspan(some);
  }
  return error;
}

// Returns why there is none, or nothing.
std::string launch(ThisProcess& self, Guardian& guardian) {
  end(guardian);
  auto pidfd = std::make_shared<Descriptor>();
  auto socket = std::make_shared<Descriptor>();
  const std::vector<int> daemons = pidfds_of_daemons(self);
  self.sentinels.push_back(pidfd);  // children of ours close them
  self.sentinels.push_back(socket);
  LaunchedGuardian launched;
  if (auto failure = launch_guardian(launched); !failure.empty()) return failure;
  *pidfd = std::move(launched.pidfd);
  *socket = std::move(launched.socket);
  guardian.pid = launched.pid;
  guardian.pidfd = std::move(pidfd);
  guardian.socket = std::move(socket);
  const int error = send_pidfds(*guardian.socket, daemons);
  if (error == 0) return {};
  end(guardian);
  return "no message to it" + errno_text(error);
}

// Whether it says that it stands guard, before it ends.
bool await_word(const Descriptor& socket, const Descriptor& pidfd) {
  std::array<pollfd, 2> entries = {{{.fd = socket.get(), .events = POLLIN, .revents = 0},
                                    {.fd = pidfd.get(), .events = POLLIN, .revents = 0}}};
  while (::poll(entries.data(), entries.size(), -1) < 0 && errno == EINTR) continue;
  char word = 0;
  return ::recv(socket.get(), &word, 1, MSG_DONTWAIT) == 1;
}

// One guardian where there are daemons, or will be, and none where not.
void settle(ThisProcess& self) {
  Guardian& guardian = guardian_of(self);
  if (guardian.starts > 0) return;  // who starts comes here afterwards
  if (pidfds_of_daemons(self).empty()) {
    end(guardian);
  } else if (!lives(guardian)) {
    // If it fails, the next start of a daemon tries again, and says why.
    launch(self, guardian);
  }
}

}  // namespace

GuardedStart::GuardedStart(bool is_daemon, const std::string& name) : name_(name) {
  if (!is_daemon) return;
  std::shared_ptr<Descriptor> pidfd;
  std::string failure;
  bool is_new = false;
  {
    const LockedProcess self;
    Guardian& guardian = guardian_of(*self);
    if (!lives(guardian)) failure = launch(*self, guardian);
    if (failure.empty()) {
      ++guardian.starts;
      is_new = !guardian.stands_guard;
      socket_ = guardian.socket;
      pidfd = guardian.pidfd;
    }
  }
  if (is_new && !await_word(*socket_, *pidfd)) {
    failure = "it ended before it stood guard";
    release();
  } else if (is_new) {
    const LockedProcess self;
    guardian_of(*self).stands_guard = true;
  }
  if (failure.empty()) return;
  throw ProcessError("cannot start process '" + name + "': no guardian for a daemon: " + failure);
}

GuardedStart::~GuardedStart() { release(); }

void GuardedStart::release() noexcept {
  if (!std::exchange(socket_, nullptr)) return;
  try {
    const LockedProcess self;
    --guardian_of(*self).starts;
    settle(*self);
  } catch (const std::exception& error) {
    report(std::string("a guardian could not be started: ") + error.what());
  }
}

void GuardedStart::guard_this_process(const Descriptor& parent) const noexcept {
  if (!socket_) return;
  constexpr int kUnguarded = 1;
  const Descriptor self = open_pidfd(::getpid());
  int error = errno;
  if (self.is_open()) {
    const std::array<int, 1> pidfd = {self.get()};
    error = send_pidfds(*socket_, pidfd);
  }
  // After that: while the parent lives, so does its guardian, or a new one that it tells of us.
  if (has_ended(parent)) ::_exit(kUnguarded);
  if (self.is_open() && (error == 0 || nobody_is_there(error))) return;
  report("daemon '" + name_ + "' cannot be guarded" + errno_text(error));
  ::_exit(kUnguarded);
}

void GuardedStart::guard(const Descriptor& child) const {
  if (!socket_) return;
  const std::array<int, 1> pidfd = {child.get()};
  const int error = send_pidfds(*socket_, pidfd);
  if (error == 0 || nobody_is_there(error)) return;
  throw ProcessError("it cannot be guarded" + errno_text(error));
}

void note_end(ThisProcess& parent, const ProcessState& child) noexcept {
  if (!child.daemon) return;
  try {
    settle(parent);
  } catch (const std::exception&) {
    return;  // no memory: the next start or end of a daemon tries again
  }
}

std::optional<int> guardian_pid() {
  const LockedProcess self;
  const Guardian& guardian = guardian_of(*self);
  if (!lives(guardian)) return std::nullopt;
  return guardian.pid;
}

}  // namespace mp::internal
