#include "client_lib/manager/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace mp::internal {

std::string manager_program() {
  if (const char* named = std::getenv("MP_MANAGER_PROGRAM"); named != nullptr && *named != '\0')
    return named;
  std::error_code error;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& candidate : {folder / "mp-manager", folder / ".." / "bin" / "mp-manager"}) {
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "mp-manager";
}

namespace {

// Ours, but for what would be flags of the manager, which is told by flags what to do; and for
// where systemd waits to hear that this program is ready.
std::vector<std::string> environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with("MP_") && !text.starts_with("NOTIFY_SOCKET="))
      variables.emplace_back(text);
  }
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Copies of descriptors, with numbers above all that they are to have.
class Aside {
 public:
  explicit Aside(const std::vector<std::pair<int, int>>& descriptors) {
    for (const auto& [ours, its] : descriptors) last_ = std::max(last_, its);
    for (const auto& [ours, its] : descriptors)
      copies_.emplace_back(fcntl(ours, F_DUPFD_CLOEXEC, last_ + 1), its);
  }
  ~Aside() {
    for (const auto& [copy, its] : copies_) {
      if (copy >= 0) close(copy);
    }
  }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  void add_to(posix_spawn_file_actions_t& actions) const {
    for (const auto& [copy, its] : copies_) posix_spawn_file_actions_adddup2(&actions, copy, its);
    posix_spawn_file_actions_addclosefrom_np(&actions, last_ + 1);
  }

 private:
  int last_ = STDERR_FILENO;
  std::vector<std::pair<int, int>> copies_;
};

}  // namespace

int spawn(const std::vector<std::string>& command,
          const std::vector<std::pair<int, int>>& descriptors, pid_t& pid) {
  const Aside aside(descriptors);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  aside.add_to(actions);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> arguments = command;
  std::vector<std::string> variables = environment();
  const int error = posix_spawnp(&pid, command.front().c_str(), &actions, &attributes,
                                 pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace mp::internal
