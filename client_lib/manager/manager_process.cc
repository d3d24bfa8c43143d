#include "client_lib/manager/manager_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "client_lib/manager/spawn.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

ServeEmbedded serve_embedded = nullptr;

[[noreturn]] void fail(const std::string& what) {
  throw ProcessError("start an embedded manager: " + what + ": " + std::strerror(errno));
}

// A socket at an abstract address that the kernel chooses: there is no file that could be left
// behind.
int listening_socket(SocketAddress& address) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  sockaddr_un any{};
  any.sun_family = AF_UNIX;
  address.size = sizeof address.socket;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof(sa_family_t)) != 0 ||
      listen(fd, 4096) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address.socket), &address.size) != 0) {
    ::close(fd);
    fail("bind");
  }
  return fd;
}

std::size_t number_of_threads() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
    ++count;
  return count;
}

// The child keeps the standard descriptors, of which input and output lead nowhere, and these two.
[[noreturn]] void become_server(int socket, int parent_pidfd) {
  const int null = open("/dev/null", O_RDWR);
  dup2(null, 0);
  dup2(null, 1);
  const int low = std::min(socket, parent_pidfd);
  const int high = std::max(socket, parent_pidfd);
  if (low > 3) syscall(SYS_close_range, 3U, static_cast<unsigned>(low - 1), 0U);
  if (high > low + 1)
    syscall(SYS_close_range, static_cast<unsigned>(low + 1), static_cast<unsigned>(high - 1), 0U);
  syscall(SYS_close_range, static_cast<unsigned>(high + 1), ~0U, 0U);
  for (int number = 1; number < SIGRTMIN; ++number) signal(number, SIG_DFL);
  signal(SIGINT,
         SIG_IGN);  // the parent's Ctrl-C is its own affair; the manager ends when the parent does
  signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_NAME, "mp-manager");
  serve_embedded(socket, parent_pidfd);
  _exit(0);
}

}  // namespace

void register_embedded_server(ServeEmbedded serve) { serve_embedded = serve; }

ManagerProcess::ManagerProcess() : generation_(fork_generation()) {
  SocketAddress listening;
  const int socket = listening_socket(listening);
  const int self = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  // Only a process with one thread can be forked and go on as it is.
  const bool can_fork = serve_embedded != nullptr && number_of_threads() == 1;
  const std::string failure = self < 0   ? std::string("pidfd_open: ") + std::strerror(errno)
                              : can_fork ? fork_server(socket, self)
                                         : spawn_server(socket, self);
  ::close(socket);
  if (self >= 0) ::close(self);
  if (!failure.empty()) throw ProcessError("start an embedded manager: " + failure);

  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  const std::string name(listening.socket.sun_path + 1,
                         listening.size - offsetof(sockaddr_un, sun_path) - 1);
  address_ = "unix-abstract:" + name;
  endpoint_ = std::make_shared<SocketEndpoint>(listening, SocketEndpoint::Owner::kThisUserOrRoot);
  endpoint_->title = "embedded manager, pid " + std::to_string(pid_);
  endpoint_->may_come_back = false;
}

std::string ManagerProcess::fork_server(int socket, int self) {
  pid_ = fork();
  if (pid_ < 0) return std::string("fork: ") + std::strerror(errno);
  if (pid_ == 0) become_server(socket, self);
  return {};
}

std::string ManagerProcess::spawn_server(int socket, int self) {
  const std::vector<std::string> command = {
      manager_program(), "--listen", "none", "--adopt-socket", "3", "--end-with", "4",
      "--log-level",     "warn"};
  const int error = spawn(command, {{socket, 3}, {self, 4}}, pid_);
  if (error == 0) return {};
  pid_ = -1;
  return "this process has several threads, or is linked without the server, so that the manager "
         "is a program of its own, " +
         command.front() + ": " + std::strerror(error) +
         "; make the manager before the first thread, or install mp-manager, or say where it is "
         "with MP_MANAGER_PROGRAM";
}

ManagerProcess::~ManagerProcess() {
  stop(std::chrono::seconds(1));
  if (pidfd_ >= 0) ::close(pidfd_);
}

bool ManagerProcess::is_mine() const { return generation_ == fork_generation(); }

bool ManagerProcess::is_alive() const {
  pollfd entry{.fd = pidfd_, .events = POLLIN, .revents = 0};
  return pid_ > 0 && poll(&entry, 1, 0) == 0;
}

void ManagerProcess::stop(std::chrono::nanoseconds timeout) {
  if (pid_ <= 0 || !is_mine()) return;
  syscall(SYS_pidfd_send_signal, pidfd_, SIGTERM, nullptr, 0);
  const Clock::time_point deadline = Clock::now() + timeout;
  pollfd entry{.fd = pidfd_, .events = POLLIN, .revents = 0};
  for (;;) {
    const auto left = std::max(std::chrono::nanoseconds::zero(),
                               std::chrono::nanoseconds(deadline - Clock::now()));
    const timespec limit{.tv_sec = static_cast<time_t>(left / std::chrono::seconds(1)),
                         .tv_nsec = static_cast<long>((left % std::chrono::seconds(1)).count())};
    const int ready = ppoll(&entry, 1, &limit, nullptr);
    if (ready == 0) syscall(SYS_pidfd_send_signal, pidfd_, SIGKILL, nullptr, 0);
    if (ready >= 0 || errno != EINTR) break;
  }
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace mp::internal
