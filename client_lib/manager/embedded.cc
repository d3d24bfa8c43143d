#include <poll.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/manager/custom_host.h"
#include "client_lib/manager/lane.h"
#include "client_lib/manager/manager_process.h"
#include "mp/errors.h"
#include "mp/manager_server.h"
#include "server/lanes/library_logs.h"
#include "server/node/node.h"

// Managers in this process, or in a child that was forked for one: the one place where the client
// library reaches the server, but for the channel of the in-process lane (stream_endpoint.cc).

namespace mp {
namespace internal {
namespace {

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// SIGTERM and SIGINT as a descriptor, for as long as it lives. They are blocked here, before the
// first thread of a node, and so in all of these.
class StopSignals {
 public:
  StopSignals() {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, &before_);
    descriptor_ = Descriptor(signalfd(-1, &ending, SFD_CLOEXEC));
  }
  ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int descriptor() const { return descriptor_.get(); }

 private:
  sigset_t before_{};
  Descriptor descriptor_;
};

server::DeadlockPolicy policy_of(Deadlocks deadlocks) {
  switch (deadlocks) {
    case Deadlocks::kReport:
      return server::DeadlockPolicy::kReport;
    case Deadlocks::kOff:
      return server::DeadlockPolicy::kOff;
    default:
      return server::DeadlockPolicy::kFail;
  }
}

std::unique_ptr<server::Node> start_node(const ManagerOptions& options, int adopt_socket) {
  require_valid(options.spin);
  // Each thread polls its own connections; see server/main.cc.
  setenv("GRPC_POLL_STRATEGY", "poll", 0);  // NOLINT(concurrency-mt-unsafe): before any thread
  server::take_over_library_logs();
  server::ManagerOptions node_options;
  node_options.adopt_socket = adopt_socket;
  node_options.quiet = true;  // the log is the program's
  node_options.token = options.token;
  node_options.deadlocks = policy_of(options.deadlocks);
  node_options.rings.spin = options.spin;
  if (!options.address.empty()) {
    node_options.listen = server::HostPort::parse(options.address);
    if (!node_options.listen || !server::is_loopback(node_options.listen->host)) {
      throw ValueError("'" + options.address +
                       "' is no address of this host's loopback; to serve other machines run "
                       "mp-manager, with a token and TLS");
    }
  }
  if (options.initializer) options.initializer();
  host_registered_types(node_options);
  std::unique_ptr<server::Node> node = server::make_manager(node_options);
  if (const absl::Status status = node->start(); !status.ok())
    throw ProcessError(std::string(status.message()));
  return node;
}

void report(int descriptor, std::string line) {
  if (descriptor < 0) return;
  std::ranges::replace(line, '\n', ' ');
  line += '\n';
  static_cast<void>(write(descriptor, line.data(), line.size()));
  close(descriptor);
}

void serve(const EmbeddedServer& how) {
  raise_descriptor_limit();
  auto log = spdlog::stderr_color_mt("mp-manager");
  log->set_level(spdlog::level::warn);
  spdlog::set_default_logger(std::move(log));
  const StopSignals signals;
  std::unique_ptr<server::Node> node;
  try {
    node = start_node(how.options, how.socket);
  } catch (const std::exception& error) {
    report(how.report, "failed " + std::string(error.what()));
    _exit(1);
  }
  report(how.report, (how.options.address.empty() ? "socket " : "listen ") + node->address());
  std::array<pollfd, 2> ends = {{{.fd = how.parent_pidfd, .events = POLLIN, .revents = 0},
                                 {.fd = signals.descriptor(), .events = POLLIN, .revents = 0}}};
  while (poll(ends.data(), ends.size(), -1) <= 0) {
  }
  node->stop();                       // everybody who waits is answered
  if (node->is_idle()) node.reset();  // its socket goes
  _exit(0);                           // nothing of the parent's static objects may run here
}

[[maybe_unused]] const bool kRegistered = [] {
  register_embedded_server(&serve);
  return true;
}();

}  // namespace
}  // namespace internal

class ManagerServer::State {
 public:
  explicit State(const ManagerOptions& options)
      : listening_(options.address.empty() ? internal::listen_somewhere(address_) : -1),
        node_(internal::start_node(options, listening_)) {
    if (!options.address.empty()) address_ = node_->address();
  }
  ~State() {
    node_->stop();
    // A method that does not end uses it for as long as the process lives.
    if (!node_->is_idle()) static_cast<void>(node_.release());
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const std::string& address() const { return address_; }
  void wait() const {
    signalfd_siginfo info{};
    while (read(signals_.descriptor(), &info, sizeof info) != sizeof info) {
    }
  }

 private:
  const internal::StopSignals signals_;
  std::string address_;
  const int listening_;  // the node's, if there is one
  std::unique_ptr<server::Node> node_;
};

ManagerServer::ManagerServer(const ManagerOptions& options)
    : state_(std::make_unique<State>(options)) {}
ManagerServer::~ManagerServer() = default;

const std::string& ManagerServer::address() const { return state_->address(); }

void ManagerServer::serve_forever() { state_->wait(); }

}  // namespace mp
