#include "client_lib/local/start/launch.h"

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/process/child_main.h"
#include "client_lib/local/process/this_process.h"
#include "client_lib/local/start/forkserver_main.h"
#include "mp/errors.h"
#include "mp/start_method.h"

namespace mp {
namespace internal {
namespace {

// The first argument of a program that is launched, and what it finds its socket by.
constexpr std::string_view kMarks[] = {"--mp-child", "--mp-forkserver"};
constexpr int kSocket = 3;

std::string_view mark_of(LaunchedAs as) { return kMarks[static_cast<std::size_t>(as)]; }

// What main() was given, without the mark; nullopt before it has called mp::init(). Guarded by
// LockedProcess.
std::optional<std::vector<std::string>>& arguments() {
  static auto* const given = new std::optional<std::vector<std::string>>;
  return *given;
}

std::vector<std::string> command(LaunchedAs as) {
  const LockedProcess self;
  const auto& given = arguments();
  if (!given) {
    throw ProcessError(
        "main() has not called mp::init(argc, argv), which a program must do first of all that "
        "uses spawn or forkserver: their children begin as another run of it");
  }
  std::vector<std::string> texts = *given;
  if (texts.empty()) texts.emplace_back(program_invocation_short_name);
  texts.emplace(texts.begin() + 1, mark_of(as));
  return texts;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

class SpawnPlan {
 public:
  explicit SpawnPlan(int socket) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    note(::posix_spawn_file_actions_adddup2(&actions_, socket, kSocket));
    note(::posix_spawn_file_actions_addclosefrom_np(&actions_, kSocket + 1));
    sigset_t none;
    ::sigemptyset(&none);
    note(::posix_spawnattr_setsigmask(&attributes_, &none));
    note(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK));
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  int run(std::vector<std::string> texts, pid_t& pid) const {
    if (error_ != 0) return error_;
    return ::posix_spawn(&pid, "/proc/self/exe", &actions_, &attributes_, pointers(texts).data(),
                         environ);
  }

 private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  int error_ = 0;
};

// The socket that belongs to a mark, if there is one: somebody may have typed the mark.
Descriptor take_socket() {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(kSocket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET)
    return Descriptor();
  Descriptor socket = duplicate(kSocket);
  ::close(kSocket);
  return socket;
}

[[noreturn]] void go_on_as(LaunchedAs as) {
  ::prctl(PR_SET_NAME, program_invocation_short_name);  // it is "exe" by the way it was launched
  Descriptor socket = take_socket();
  if (!socket.is_open()) {
    throw ProcessError("the argument " + std::string(mark_of(as)) +
                       " is the library's own: it is of no use to start a program with it");
  }
  if (as == LaunchedAs::kForkserver) forkserver_main(std::move(socket));
  sent_child_main(std::move(socket), std::nullopt);
}

}  // namespace

pid_t launch_this_program(LaunchedAs as, const Descriptor& socket) {
  pid_t pid = -1;
  const int error = SpawnPlan(socket.get()).run(command(as), pid);
  if (error != 0) throw ProcessError("this program cannot be run again" + errno_text(error));
  return pid;
}

SocketPair::SocketPair() {
  std::array<int, 2> ends{-1, -1};
  const int result = ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data());
  if (result == 0) {
    ours = beyond_standard(Descriptor(ends[0]));
    theirs = beyond_standard(Descriptor(ends[1]));
  }
  if (!ours.is_open() || !theirs.is_open())
    throw ProcessError("no socket to the child" + errno_text(errno));
}

}  // namespace internal

void init(int argc, char** argv) {
  using internal::LaunchedAs;
  std::vector<std::string> texts(argv, argv + argc);
  std::optional<LaunchedAs> launched;
  for (const LaunchedAs as : {LaunchedAs::kChild, LaunchedAs::kForkserver}) {
    if (argc > 1 && texts[1] == internal::mark_of(as)) launched = as;
  }
  if (launched) texts.erase(texts.begin() + 1);
  {
    const internal::LockedProcess self;
    internal::arguments() = std::move(texts);
  }
  if (launched) internal::go_on_as(*launched);
}

}  // namespace mp
