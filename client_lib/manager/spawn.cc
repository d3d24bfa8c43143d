#include "client_lib/manager/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

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

int spawn(const std::vector<std::string>& command,
          const std::vector<std::pair<int, int>>& descriptors, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  // By way of numbers that none of them has: one's new number may be another's old one.
  constexpr int kAside = 200;
  int last = STDERR_FILENO;
  for (const auto& [ours, its] : descriptors)
    posix_spawn_file_actions_adddup2(&actions, ours, its + kAside);
  for (const auto& [ours, its] : descriptors) {
    posix_spawn_file_actions_adddup2(&actions, its + kAside, its);
    last = std::max(last, its);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, last + 1);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> texts = command;
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  const int error =
      posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace mp::internal
