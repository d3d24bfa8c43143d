#include "server/serve.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "server/background.h"
#include "server/check.h"
#include "server/engine/clock.h"
#include "server/lanes/library_logs.h"
#include "server/node/node.h"
#include "server/notify_ready.h"
#include "server/options.h"

namespace mp::server {
namespace {

// What asks this process to end, as something to read: SIGTERM, and SIGINT or else a descriptor.
// Signals are blocked before the first thread starts, so that all threads block them.
class StopSignals {
 public:
  explicit StopSignals(int end_with) : end_with_(end_with) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    if (end_with_ < 0) {
      sigaddset(&signals, SIGINT);
    } else {
      std::signal(SIGINT, SIG_IGN);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
  }

  // The same without the descriptor, which stays readable once it is.
  StopSignals signals_only() const {
    StopSignals signals = *this;
    signals.end_with_ = -1;
    return signals;
  }

  // The signal (SIGTERM for the descriptor), or 0 if none came in time.
  int wait_until(std::chrono::steady_clock::time_point deadline) const {
    for (;;) {
      using std::chrono::milliseconds;
      const auto left =
          std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left < milliseconds(0)) return 0;
      constexpr milliseconds kLongest = std::chrono::hours(1);
      std::array<pollfd, 2> readable = {{{.fd = fd_, .events = POLLIN, .revents = 0},
                                         {.fd = end_with_, .events = POLLIN, .revents = 0}}};
      // Comes back early from a stop of the whole process, too.
      if (poll(readable.data(), readable.size(),
               static_cast<int>(std::min(left, kLongest).count())) <= 0)
        continue;
      if (readable[1].revents != 0) return SIGTERM;
      signalfd_siginfo info{};
      if (read(fd_, &info, sizeof info) == sizeof info) return static_cast<int>(info.ssi_signo);
    }
  }

 private:
  int end_with_;
  int fd_ = -1;
};

// Each client process is a connection, and each watched one a descriptor more.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Ends the process, whatever state it is in, when a second signal comes or draining takes far
// longer than it may.
void guard_shutdown(const StopSignals& signals, Duration drain_timeout) {
  constexpr std::chrono::seconds kSlack(5);
  const auto latest = std::chrono::steady_clock::now() + drain_timeout + kSlack;
  std::thread([signals, latest] {
    const int signal = signals.wait_until(latest);
    if (signal == 0) spdlog::error("could not shut down in time; ending now");
    spdlog::shutdown();
    _exit(signal == 0 ? 1 : 128 + signal);
  }).detach();
}

absl::StatusOr<std::unique_ptr<Node>> make_node(const ManagerOptions& options) {
  if (options.relay.empty()) return make_manager(options);
  return make_relay(options);
}

// The signal that ends it, or 0 if it ends by itself.
int wait_for_end(const StopSignals& signals, Node& node) {
  for (;;) {
    if (const int signal = signals.wait_until(node.ends_at())) return signal;
    if (node.ends_at() <= SteadyClock().now()) return 0;
  }
}

// What runs on goes with the process, and what it uses with it.
[[noreturn]] void leave_at_once() {
  spdlog::shutdown();
  _exit(0);
}

int serve(ManagerOptions options, const SetUp& set_up) {
  std::optional<Background> background;
  if (options.background) background.emplace();
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  const StopSignals signals(options.end_with);  // before the first thread
  if (options.relay.empty() && set_up) set_up(options);
  auto node = make_node(options);
  const absl::Status status = node.ok() ? (*node)->start() : node.status();
  if (!status.ok()) {
    spdlog::error("{}", std::string(status.message()));
    return absl::IsInvalidArgument(status) ? 2 : 1;
  }
  if (background) background->serves(options.log_path());
  notify_ready();
  const int signal = wait_for_end(signals, **node);
  spdlog::info("{}: shutting down", signal == 0         ? "idle"
                                    : signal == SIGTERM ? "SIGTERM"
                                                        : "SIGINT");
  guard_shutdown(signals.signals_only(), options.drain_timeout);
  (*node)->stop();
  spdlog::info("stopped");
  if (!(*node)->is_idle()) leave_at_once();
  return 0;
}

}  // namespace

int serve(int argc, char** argv, const SetUp& set_up) {
  // Each thread polls its own connections. With epoll, gRPC has one thread poll for all and hand
  // each event to the thread whose queue it is for, which costs more than the command.
  setenv("GRPC_POLL_STRATEGY", "poll", 0);  // NOLINT(concurrency-mt-unsafe): before any thread
  spdlog::set_default_logger(spdlog::stderr_color_mt("mp-manager"));
  spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %n %^%l%$ %v");
  take_over_library_logs();
  auto parsed = parse_options(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  auto& options = std::get<ManagerOptions>(parsed);
  if (options.check.empty()) return serve(std::move(options), set_up);
  const absl::Status status = check_health(options);
  if (!status.ok()) std::cerr << status.message() << '\n';
  return status.ok() ? 0 : 1;
}

}  // namespace mp::server
