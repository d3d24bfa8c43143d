// The composition root of mp-manager: what it is made of, and how it begins and ends.

#include <fcntl.h>
#include <poll.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
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

#include "server/check.h"
#include "server/engine/administration.h"
#include "server/engine/dispatcher.h"
#include "server/engine/engine.h"
#include "server/lanes/grpc_lane.h"
#include "server/lanes/library_logs.h"
#include "server/lanes/local_lane.h"
#include "server/options.h"

namespace mp::server {
namespace {

// The manager and its lanes, in the order in which they depend on each other.
class Manager {
 public:
  explicit Manager(ManagerOptions options)
      : options_(std::move(options)),
        engine_(engine_options(options_), clock_),
        dispatcher_(engine_),
        administration_(engine_) {}

  // Takes the addresses, then serves on all of them.
  absl::Status start() {
    if (options_.listen) {
      grpc_.emplace(UnaryTarget{engine_, dispatcher_, administration_},
                    GrpcLaneOptions{.host = options_.listen->host,
                                    .port = options_.listen->port,
                                    .token = options_.token,
                                    .tls = options_.tls});
      if (absl::Status status = grpc_->listen(); !status.ok()) return status;
      engine_.be_known_as(grpc_->address());
    }
    if (options_.socket.empty()) options_.socket = default_socket_path(grpc_ ? grpc_->port() : 0);
    if (options_.socket != "none") {
      auto listener = UnixListener::listen(options_.socket);
      if (!listener.ok()) return listener.status();
      if (!grpc_) engine_.be_known_as(options_.socket);
      local_.emplace(engine_, dispatcher_, *std::move(listener),
                     LocalLaneOptions{.threads = 0, .token = options_.token});
      local_->start();
    }
    if (grpc_) grpc_->serve();
    tell_addresses();
    return absl::OkStatus();
  }

  // Everybody who waits is answered, what is under way is drained, and then the lanes close.
  void stop() {
    if (grpc_) grpc_->announce_shutdown();
    engine_.shut_down();
    if (grpc_) grpc_->stop(options_.drain_timeout);
    if (local_) local_->stop();
  }

  Duration drain_timeout() const { return options_.drain_timeout; }

 private:
  static Engine::Options engine_options(const ManagerOptions& options) {
    Engine::Options engine;
    engine.limits = options.limits;
    return engine;
  }

  void tell_addresses() {
    std::string lines;
    if (grpc_) {
      spdlog::info("serving gRPC on {}{}{}", grpc_->address(),
                   options_.tls.certificate.empty() ? "" : " with TLS",
                   options_.token.empty() ? "" : ", with a token");
      lines += "listen " + grpc_->address() + "\n";
    }
    if (local_) {
      spdlog::info("serving processes of this host on {}", options_.socket);
      lines += "socket " + options_.socket + "\n";
    }
    if (options_.print_address_fd < 0) return;
    if (write(options_.print_address_fd, lines.data(), lines.size()) < 0) {
      spdlog::warn("--print-address {}: {}", options_.print_address_fd,
                   std::generic_category().message(errno));
    }
    close(options_.print_address_fd);
  }

  ManagerOptions options_;
  SteadyClock clock_;
  Engine engine_;
  Dispatcher dispatcher_;
  Administration administration_;
  std::optional<GrpcLane> grpc_;
  std::optional<LocalLane> local_;
};

// SIGTERM and SIGINT as something to read. Blocked before the first thread starts, so that all
// threads block them.
class StopSignals {
 public:
  StopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
  }

  // The signal, or 0 if none came in time.
  int wait_until(std::chrono::steady_clock::time_point deadline) const {
    for (;;) {
      using std::chrono::milliseconds;
      const auto left =
          std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left < milliseconds(0)) return 0;
      constexpr milliseconds kLongest = std::chrono::hours(1);
      pollfd readable{.fd = fd_, .events = POLLIN, .revents = 0};
      // Comes back early from a stop of the whole process, too.
      if (poll(&readable, 1, static_cast<int>(std::min(left, kLongest).count())) <= 0) continue;
      signalfd_siginfo info{};
      if (read(fd_, &info, sizeof info) == sizeof info) return static_cast<int>(info.ssi_signo);
    }
  }

 private:
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

int serve(ManagerOptions options) {
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  const StopSignals signals;  // before the first thread
  Manager manager(std::move(options));
  if (absl::Status status = manager.start(); !status.ok()) {
    spdlog::error("{}", std::string(status.message()));
    return absl::IsInvalidArgument(status) ? 2 : 1;
  }
  const int signal = signals.wait_until(std::chrono::steady_clock::time_point::max());
  spdlog::info("{}: shutting down", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  guard_shutdown(signals, manager.drain_timeout());
  manager.stop();
  spdlog::info("stopped");
  return 0;
}

}  // namespace
}  // namespace mp::server

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("mp-manager"));
  spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %n %^%l%$ %v");
  mp::server::take_over_library_logs();
  auto parsed = mp::server::parse_options(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  auto& options = std::get<mp::server::ManagerOptions>(parsed);
  if (options.check.empty()) return mp::server::serve(std::move(options));
  const absl::Status status = mp::server::check_health(options);
  if (!status.ok()) std::cerr << status.message() << '\n';
  return status.ok() ? 0 : 1;
}
