#include "client_lib/local/start/forkserver_main.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "client_lib/local/connection/messages.h"
#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/process/child_main.h"
#include "client_lib/local/process/children.h"
#include "client_lib/local/process/this_process.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

struct ServedChild {
  Descriptor pidfd;
  Descriptor socket;  // of who has asked for it
};

// What a child gets back of what the forkserver has changed for itself.
struct Surrendered {
  struct sigaction interrupt {};
  struct sigaction child_ended {};
  rlimit descriptors{};
};

void become_an_orphan() {
  const pid_t pid = ::fork();
  if (pid != 0) ::_exit(pid > 0 ? 0 : 1);
}

Surrendered settle_in() {
  ::prctl(PR_SET_NAME, "mp-forkserver");
  Surrendered before;
  struct sigaction action {};
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGINT, &action, &before.interrupt);  // Ctrl-C is for those who use it
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &action, &before.child_ended);  // ignored, it would lose the exit codes
  if (::getrlimit(RLIMIT_NOFILE, &before.descriptors) == 0) {
    const rlimit all{before.descriptors.rlim_max, before.descriptors.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &all);
  }
  // No folder and no pipe is kept busy by it. Its children are sent those of their parent.
  if (::chdir("/") != 0) ::_exit(1);
  const Descriptor null = beyond_standard(Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC)));
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::dup2(null.get(), number) < 0) ::_exit(1);
  }
  return before;
}

bool tell_birth(const Descriptor& socket) {
  const Descriptor self = open_pidfd(::getpid());
  const std::array<int, 1> pidfd = {self.get()};
  return self.is_open() && send_message(socket, {Word::kBorn, ::getpid()}, pidfd) == 0;
}

[[noreturn]] void be_child(const Surrendered& back, Descriptor socket, pid_t forkserver) {
  ::prctl(PR_SET_NAME, program_invocation_short_name);
  ::sigaction(SIGINT, &back.interrupt, nullptr);
  ::sigaction(SIGCHLD, &back.child_ended, nullptr);
  ::setrlimit(RLIMIT_NOFILE, &back.descriptors);
  if (!tell_birth(socket)) ::_exit(1);
  sent_child_main(std::move(socket), forkserver);
}

class Forkserver {
 public:
  Forkserver(Descriptor users, const Surrendered& before)
      : users_(std::move(users)), before_(before) {}

  // One round: waits until something happens, and deals with it.
  void serve() {
    std::vector<pollfd> entries = {{.fd = users_.get(), .events = POLLIN, .revents = 0}};
    for (const ServedChild& child : children_)
      entries.push_back({.fd = child.pidfd.get(), .events = POLLIN, .revents = 0});
    if (::poll(entries.data(), entries.size(), -1) < 0) return;
    for (std::size_t i = entries.size(); --i > 0;) {
      if (entries[i].revents != 0) tell_end(i - 1);
    }
    if (entries[0].revents != 0) answer();
  }

 private:
  void tell_end(std::size_t index) {
    const ServedChild child = std::move(children_[index]);
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(index));
    const int code = reap_child(child.pidfd).value_or(kUnknownExitcode);
    send_message(child.socket, {Word::kEnded, code});  // if nobody is there, nobody asks
  }

  void answer() {
    std::vector<Descriptor> came;
    std::optional<Message> message;
    try {
      message = receive_message(users_, came);
    } catch (const Error&) {
      return;  // no room for the socket: it is closed, and who has asked sees that
    }
    if (!message) ::_exit(0);
    if (message->word == Word::kStart && came.size() == 1) fork_child(std::move(came.front()));
  }

  void fork_child(Descriptor socket) {
    const pid_t forkserver = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
      children_.clear();
      users_.close();
      be_child(before_, std::move(socket), forkserver);
    }
    ServedChild child{pid > 0 ? open_pidfd(pid) : Descriptor(), std::move(socket)};
    if (child.pidfd.is_open()) {
      children_.push_back(std::move(child));
      return;
    }
    const int error = errno;
    if (pid > 0) {
      ::kill(pid, SIGKILL);
      while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
      send_message(child.socket, {Word::kEnded, -SIGKILL});
    } else {
      send_message(child.socket, {Word::kFailed, error});
    }
  }

  Descriptor users_;
  const Surrendered before_;
  std::vector<ServedChild> children_;
};

}  // namespace

void forkserver_main(Descriptor users) {
  become_an_orphan();
  Forkserver forkserver(std::move(users), settle_in());
  for (;;) forkserver.serve();
}

}  // namespace mp::internal
