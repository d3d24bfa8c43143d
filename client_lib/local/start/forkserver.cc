#include "client_lib/local/start/forkserver.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client_lib/local/connection/messages.h"
#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/process/fork_guard.h"
#include "client_lib/local/start/launch.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

// Guarded by a ForkTurn. Children inherit it, or are sent it, and use it at the same time: each
// message to it stands for itself.
std::shared_ptr<Descriptor>& way() {
  static auto* const socket = new std::shared_ptr<Descriptor>;
  return *socket;
}

// The process in between, which leaves the forkserver an orphan: wait() then never finds it.
void await_process_in_between(pid_t pid) {
  int status = 0;
  pid_t ended = 0;
  do {
    ended = ::waitpid(pid, &status, 0);
  } while (ended < 0 && errno == EINTR);
  if (ended == pid && status != 0) throw ProcessError("the forkserver could not be started");
}

const Descriptor& forkserver() {
  if (!way()) {
    SocketPair pair;
    const pid_t pid = launch_this_program(LaunchedAs::kForkserver, pair.theirs);
    pair.theirs.close();
    await_process_in_between(pid);
    way() = std::make_shared<Descriptor>(std::move(pair.ours));
  }
  return *way();
}

// nullopt: the forkserver is dead, and so is the child, if there ever was one.
std::optional<Newborn> try_fork() {
  SocketPair pair;
  const std::array<int, 1> theirs = {pair.theirs.get()};
  const int error = send_message(forkserver(), {Word::kStart, 0}, theirs);
  pair.theirs.close();
  if (nobody_is_there(error)) return std::nullopt;
  if (error != 0) throw ProcessError("the forkserver can't be asked" + errno_text(error));
  std::vector<Descriptor> came;
  const auto answer = receive_message(pair.ours, came);
  if (!answer) return std::nullopt;
  if (answer->word == Word::kBorn && came.size() == 1)
    return Newborn{answer->value, std::move(came.front()), std::move(pair.ours)};
  if (answer->word == Word::kFailed)
    throw ProcessError("fork failed in the forkserver" + errno_text(answer->value));
  throw ProcessError("the child ended before it began, with exit code " +
                     std::to_string(answer->value));
}

}  // namespace

void prepare_forkserver() { forkserver(); }

Newborn fork_by_forkserver() {
  constexpr int kForkservers = 3;
  for (int i = 0; i < kForkservers; ++i) {
    if (auto newborn = try_fork()) return std::move(*newborn);
    way().reset();
  }
  throw ProcessError("the forkserver dies again and again");
}

std::shared_ptr<const Descriptor> forkserver_socket() { return way(); }

void use_forkserver(Descriptor socket) {
  const ForkTurn turn;
  way() = std::make_shared<Descriptor>(std::move(socket));
}

void stop_forkserver() {
  const ForkTurn turn;
  if (!way()) return;
  ::shutdown(way()->get(), SHUT_WR);
  std::vector<Descriptor> nothing;
  while (receive_message(*way(), nothing)) continue;
  way().reset();
}

}  // namespace mp::internal
