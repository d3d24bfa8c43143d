#include "client_lib/manager/manager_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "client_lib/manager/spawn.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"
#include "mp/internal/registered_type.h"
#include "mp/logging.h"

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

// Closes everything but the standard descriptors and these.
void close_all_but(std::vector<int> kept) {
  std::ranges::sort(kept);
  unsigned first = STDERR_FILENO + 1;
  for (const int descriptor : kept) {
    if (descriptor < static_cast<int>(first)) continue;
    const auto next = static_cast<unsigned>(descriptor);
    if (next > first) syscall(SYS_close_range, first, next - 1, 0U);
    first = next + 1;
  }
  syscall(SYS_close_range, first, ~0U, 0U);
}

// The child keeps the standard descriptors, of which input and output lead nowhere, and these.
[[noreturn]] void become_server(const EmbeddedServer& how) {
  const int null = open("/dev/null", O_RDWR);
  dup2(null, 0);
  dup2(null, 1);
  close_all_but({how.socket, how.parent_pidfd, how.report});
  for (int number = 1; number < SIGRTMIN; ++number) signal(number, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTTOU, SIG_IGN);  // it may write to the terminal of a group that is not its own
  setpgid(0, 0);  // the parent's Ctrl-C is its own affair; the manager ends when the parent does
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_NAME, "mp-manager");
  serve_embedded(how);
  _exit(0);
}

// A pipe between the server and who waits for it.
class Report {
 public:
  Report() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) fail("pipe");
  }
  ~Report() {
    close_write();
    ::close(ends_[0]);
  }
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  int write_end() const { return ends_[1]; }
  void close_write() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }
  // The first line that the server says, or what it said before it ended. (Others may hold the
  // write end: who was forked meanwhile.)
  std::string read_line(int server_pidfd) {
    close_write();
    std::string text;
    std::array<char, 512> part{};
    for (;;) {
      std::array<pollfd, 2> entries = {{{.fd = ends_[0], .events = POLLIN, .revents = 0},
                                        {.fd = server_pidfd, .events = POLLIN, .revents = 0}}};
      if (poll(entries.data(), entries.size(), -1) < 0) continue;
      if (entries[0].revents == 0) return text;  // it has ended
      const ssize_t size = read(ends_[0], part.data(), part.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return text;
      text.append(part.data(), static_cast<std::size_t>(size));
      if (const std::size_t end = text.find('\n'); end != std::string::npos)
        return text.substr(0, end);
    }
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

}  // namespace

void register_embedded_server(ServeEmbedded serve) { serve_embedded = serve; }

namespace {

std::string abstract_address(const SocketAddress& socket) {
  return "unix-abstract:" +
         std::string(socket.socket.sun_path + 1, socket.size - offsetof(sockaddr_un, sun_path) - 1);
}

}  // namespace

int listen_somewhere(std::string& address) {
  SocketAddress listening;
  const int socket = listening_socket(listening);
  address = abstract_address(listening);
  return socket;
}

ManagerProcess::ManagerProcess(const ManagerOptions& options) : generation_(fork_generation()) {
  SocketAddress listening;
  Descriptor socket(listening_socket(listening));
  Descriptor self(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
  if (!self.is_open()) fail("pidfd_open");
  Report report;
  const Descriptors descriptors{socket.get(), self.get(), report.write_end()};
  // Only a process with one thread can be forked and go on as it is.
  const bool can_fork = serve_embedded != nullptr && number_of_threads() == 1;
  std::string failure =
      can_fork ? fork_server(descriptors, options) : spawn_server(descriptors, options);
  socket.close();
  if (failure.empty()) {
    pidfd_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_.load(), 0)));
    failure = pidfd_.is_open() ? understand(report.read_line(pidfd_.get()))
                               : std::string("pidfd_open: ") + std::strerror(errno);
  }
  if (!failure.empty()) {
    if (!pidfd_.is_open() && pid_ > 0) kill(pid_, SIGKILL);
    stop(std::chrono::seconds(1));
    throw ProcessError("start an embedded manager" +
                       (options.address.empty() ? "" : " at " + options.address) + ": " + failure);
  }

  if (options.address.empty()) address_ = abstract_address(listening);
  auto endpoint =
      std::make_shared<SocketEndpoint>(listening, SocketEndpoint::Owner::kThisUserOrRoot);
  endpoint->title = "embedded manager, pid " + std::to_string(pid_);
  endpoint->may_come_back = false;
  endpoint->token = options.token;
  endpoint->lane = options.lane;
  endpoint->spin = options.spin;
  endpoint_ = std::move(endpoint);
}

std::string ManagerProcess::understand(const std::string& report) {
  constexpr std::string_view kListen = "listen ";
  constexpr std::string_view kSocket = "socket ";
  constexpr std::string_view kFailed = "failed ";
  if (report.starts_with(kListen)) {
    address_ = report.substr(kListen.size());
    return {};
  }
  if (report.starts_with(kSocket)) return {};
  if (report.starts_with(kFailed)) return report.substr(kFailed.size());
  return report.empty() ? "it ended before it served" : report;
}

std::string ManagerProcess::fork_server(const Descriptors& descriptors,
                                        const ManagerOptions& options) {
  pid_ = fork();
  if (pid_ < 0) return std::string("fork: ") + std::strerror(errno);
  if (pid_ == 0) {
    become_server({.socket = descriptors.socket,
                   .parent_pidfd = descriptors.self,
                   .report = descriptors.report,
                   .options = options});
  }
  return {};
}

namespace {

// A file without a name that holds the token, for a program's --token-file; -1 if there is none.
int token_file(const std::string& token) {
  if (token.empty()) return -1;
  const int file = memfd_create("mp-token", MFD_CLOEXEC);
  if (file < 0) fail("memfd_create");
  if (write(file, token.data(), token.size()) < 0 || lseek(file, 0, SEEK_SET) < 0) fail("write");
  return file;
}

std::string flag_of(Deadlocks deadlocks) {
  return deadlocks == Deadlocks::kFail ? "fail" : deadlocks == Deadlocks::kOff ? "off" : "report";
}
std::string flag_of(SpinPolicy policy) {
  return policy == SpinPolicy::kAuto ? "auto" : policy == SpinPolicy::kSpin ? "spin" : "yield";
}

}  // namespace

std::string ManagerProcess::spawn_server(const Descriptors& descriptors,
                                         const ManagerOptions& options) {
  const std::string why =
      "this process has several threads, or is linked without the server, so that the manager is a "
      "program of its own";
  if (options.initializer) return why + ", which can't run the initializer";
  if (!registered_types().empty()) {
    return why +
           ", which knows none of the types that are registered here; make the manager before "
           "the first thread, or serve them by a program of mp::serve()";
  }
  std::vector<std::string> command = {manager_program(),
                                      "--listen",
                                      options.address.empty() ? "none" : options.address,
                                      "--adopt-socket",
                                      "3",
                                      "--end-with",
                                      "4",
                                      "--print-address",
                                      "5",
                                      "--log-level",
                                      "warn",
                                      "--deadlocks",
                                      flag_of(options.deadlocks),
                                      "--lane-spin",
                                      std::to_string(options.spin.budget.count()) + "ns",
                                      "--lane-spin-policy",
                                      flag_of(options.spin.policy)};
  std::vector<std::pair<int, int>> open = {
      {descriptors.socket, 3}, {descriptors.self, 4}, {descriptors.report, 5}};
  const Descriptor token(token_file(options.token));
  if (token.is_open()) {
    command.insert(command.end(), {"--token-file", "/dev/fd/6"});
    open.emplace_back(token.get(), 6);
  }
  pid_t pid = -1;
  const int error = spawn(command, open, pid);
  pid_ = error == 0 ? pid : -1;
  if (error == 0) return {};
  return why + ", " + command.front() + ": " + std::strerror(error) +
         "; make the manager before the first thread, or install mp-manager, or say where it is "
         "with MP_MANAGER_PROGRAM";
}

ManagerProcess::~ManagerProcess() { stop(std::chrono::seconds(1)); }

bool ManagerProcess::is_mine() const { return generation_ == fork_generation(); }

bool ManagerProcess::is_alive() const {
  pollfd entry{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  return pid_ > 0 && poll(&entry, 1, 0) == 0;
}

bool ManagerProcess::join(Timeout timeout) {
  if (!is_mine()) throw ProcessError("join: the embedded manager is another process's child");
  if (pid_ <= 0) return true;
  if (!await_end(timeout)) return false;
  reap();
  return true;
}

// Of the process that the pidfd means; false after the timeout.
bool ManagerProcess::await_end(Timeout timeout) const {
  const Clock::time_point start = Clock::now();
  pollfd entry{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  for (;;) {
    timespec limit{};
    if (timeout) {
      const auto left = std::max(std::chrono::nanoseconds::zero(),
                                 *timeout - std::chrono::nanoseconds(Clock::now() - start));
      limit.tv_sec = static_cast<time_t>(left / std::chrono::seconds(1));
      limit.tv_nsec = static_cast<long>((left % std::chrono::seconds(1)).count());
    }
    const int ready = ppoll(&entry, 1, timeout ? &limit : nullptr, nullptr);
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

// Another thread may be here too: it is this very child that is reaped, once.
void ManagerProcess::reap() {
  const pid_t pid = pid_.exchange(-1);
  if (pid <= 0) return;
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ManagerProcess::stop(Timeout timeout) {
  if (pid_ <= 0 || !is_mine()) return;
  if (pidfd_.is_open() && is_alive()) {
    get_logger().info("sending shutdown message to manager");
    syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGTERM, nullptr, 0);
    if (!await_end(timeout)) {
      get_logger().info("manager still alive");
      syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
    }
  }
  reap();
}

}  // namespace mp::internal
