#include "tests/e2e/manager_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace mp::e2e {
namespace {

constexpr int kAddressFd = 3;

// Pointers into `texts`, and null at the end, as exec wants them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Ours, but for what would be flags of the manager.
std::vector<std::string> environment() {
  std::vector<std::string> result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (std::strncmp(*variable, "MP_", 3) != 0) result.emplace_back(*variable);
  }
  return result;
}

bool contains(const std::vector<std::string>& flags, const std::string& flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

std::string read_all(int fd) {
  std::string all;
  std::array<char, 512> some{};
  for (ssize_t count = 1; count > 0;) {
    count = read(fd, some.data(), some.size());
    if (count > 0) all.append(some.data(), static_cast<std::size_t>(count));
  }
  return all;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string path = std::filesystem::temp_directory_path() / "mp-e2e-XXXXXX";
  if (mkdtemp(path.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), path);
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& contents) const {
  std::ofstream(file(name)) << contents;
  return file(name);
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

ManagerProcess::ManagerProcess(std::vector<std::string> flags) {
  flags.insert(flags.begin(), MP_MANAGER_PATH);
  if (!contains(flags, "--listen")) flags.insert(flags.end(), {"--listen", "127.0.0.1:0"});
  if (!contains(flags, "--socket"))
    flags.insert(flags.end(), {"--socket", folder_.file("manager.sock")});
  flags.insert(flags.end(), {"--print-address", std::to_string(kAddressFd)});

  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, folder_.file("log").c_str(),
                                   O_WRONLY | O_CREAT, 0600);
  // A descriptor that is already the right one would keep its close-on-exec: go by way of another.
  posix_spawn_file_actions_adddup2(&actions, pipe[1], kAddressFd + 100);
  posix_spawn_file_actions_adddup2(&actions, kAddressFd + 100, kAddressFd);
  posix_spawn_file_actions_addclose(&actions, kAddressFd + 100);
  std::vector<std::string> variables = environment();
  const int code = posix_spawn(&pid_, MP_MANAGER_PATH, &actions, nullptr, pointers(flags).data(),
                               pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(pipe[1]);
  if (code != 0) throw std::system_error(code, std::generic_category(), MP_MANAGER_PATH);

  std::istringstream lines(read_all(pipe[0]));
  close(pipe[0]);
  for (std::string what, where; lines >> what >> where;)
    (what == "listen" ? address_ : socket_) = where;
}

ManagerProcess::~ManagerProcess() {
  if (pid_ < 0) return;
  signal(SIGKILL);
  wait();
}

void ManagerProcess::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

int ManagerProcess::wait() {
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_)
    throw std::system_error(errno, std::generic_category(), "waitpid");
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::size_t ManagerProcess::threads() const {
  const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(pid_) + "/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

}  // namespace mp::e2e
