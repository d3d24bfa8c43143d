#include <poll.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "client_lib/manager/manager_process.h"
#include "mp/errors.h"
#include "mp/manager_server.h"
#include "server/lanes/library_logs.h"
#include "server/node/node.h"

// Managers in this process, or in a child that was forked for one: the one place where the client
// library reaches the server.

namespace mp {
namespace internal {
namespace {

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// SIGTERM and SIGINT as a descriptor. Blocked here before the first thread, and so in all of them.
int stop_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  return signalfd(-1, &ending, SFD_CLOEXEC);
}

std::unique_ptr<server::Node> start_node(const ManagerOptions& options, int adopt_socket) {
  // Each thread polls its own connections; see server/main.cc.
  setenv("GRPC_POLL_STRATEGY", "poll", 0);  // NOLINT(concurrency-mt-unsafe): before any thread
  server::take_over_library_logs();
  server::ManagerOptions node_options;
  node_options.adopt_socket = adopt_socket;
  node_options.token = options.token;
  if (!options.address.empty()) {
    node_options.listen = server::HostPort::parse(options.address);
    if (!node_options.listen || !server::is_loopback(node_options.listen->host)) {
      throw ValueError("'" + options.address +
                       "' is no address of this host's loopback; to serve other machines run "
                       "mp-manager, with a token and TLS");
    }
  }
  if (options.initializer) options.initializer();
  std::unique_ptr<server::Node> node = server::make_manager(node_options);
  if (const absl::Status status = node->start(); !status.ok())
    throw ProcessError(std::string(status.message()));
  return node;
}

void report(int descriptor, const std::string& line) {
  if (descriptor < 0) return;
  static_cast<void>(write(descriptor, line.data(), line.size()));
  close(descriptor);
}

void serve(const EmbeddedServer& how) {
  raise_descriptor_limit();
  auto log = spdlog::stderr_color_mt("mp-manager");
  log->set_level(spdlog::level::warn);
  spdlog::set_default_logger(std::move(log));
  const int signals = stop_signals();
  std::unique_ptr<server::Node> node;
  try {
    node = start_node(how.options, how.socket);
  } catch (const std::exception& error) {
    report(how.report, "failed " + std::string(error.what()));
    _exit(1);
  }
  report(how.report, (how.options.address.empty() ? "socket " : "listen ") + node->address());
  std::array<pollfd, 2> ends = {{{.fd = how.parent_pidfd, .events = POLLIN, .revents = 0},
                                 {.fd = signals, .events = POLLIN, .revents = 0}}};
  while (poll(ends.data(), ends.size(), -1) <= 0) {
  }
  node->stop();  // everybody who waits is answered
  _exit(0);      // nothing of the parent's static objects may run here
}

[[maybe_unused]] const bool kRegistered = [] {
  register_embedded_server(&serve);
  return true;
}();

}  // namespace
}  // namespace internal

class ManagerServer::State {
 public:
  explicit State(const ManagerOptions& options) : node_(internal::start_node(options, -1)) {
    address_ = node_->address();
  }
  ~State() {
    node_->stop();
    if (signals_ >= 0) close(signals_);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const std::string& address() const { return address_; }
  void wait() const {
    signalfd_siginfo info{};
    while (read(signals_, &info, sizeof info) != sizeof info) {
    }
  }

 private:
  const int signals_ = internal::stop_signals();
  const std::unique_ptr<server::Node> node_;
  std::string address_;
};

ManagerServer::ManagerServer(const ManagerOptions& options)
    : state_(std::make_unique<State>(options)) {}
ManagerServer::~ManagerServer() = default;

const std::string& ManagerServer::address() const { return state_->address(); }

void ManagerServer::serve_forever() { state_->wait(); }

}  // namespace mp
