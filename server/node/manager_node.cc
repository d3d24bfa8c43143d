#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "server/engine/administration.h"
#include "server/engine/deadlock_text.h"
#include "server/engine/dispatcher.h"
#include "server/engine/engine.h"
#include "server/lanes/engine_service.h"
#include "server/lanes/grpc_lane.h"
#include "server/lanes/local_lane.h"
#include "server/node/node.h"

namespace mp::server {
namespace {

void log_deadlock(const v1::Deadlock& deadlock) {
  if (deadlock.reported_only()) {
    spdlog::warn("deadlock: {}", text_of(deadlock));
  } else {
    spdlog::info("deadlock, ended by refusing the first: {}", text_of(deadlock));
  }
}

// The manager and its lanes, in the order in which they depend on each other.
class ManagerNode final : public Node {
 public:
  explicit ManagerNode(ManagerOptions options)
      : options_(std::move(options)),
        engine_(engine_options(options_), clock_),
        dispatcher_(engine_),
        administration_(engine_),
        service_(engine_, dispatcher_, options_.token),
        methods_service_(engine_, dispatcher_, options_.token, EngineService::Clients::kMethods) {}

  absl::Status start() override {
    if (absl::Status status = listen_tcp(); !status.ok()) return status;
    if (absl::Status status = serve_sockets(); !status.ok()) return status;
    if (grpc_) grpc_->serve();
    tell_addresses();
    return absl::OkStatus();
  }

  std::string address() const override { return grpc_ ? grpc_->address() : options_.socket; }

  void stop() override {
    const Time latest = later(clock_.now(), options_.drain_timeout);
    if (grpc_) grpc_->announce_shutdown();
    engine_.shut_down();
    const std::vector<std::string> left = engine_.stop_custom_calls(options_.drain_timeout);
    for (const std::string& call : left) spdlog::warn("still runs at the shutdown: {}", call);
    idle_ = left.empty();
    if (grpc_) grpc_->stop(std::max(Duration::zero(), Duration(latest - clock_.now())));
    for (LocalLane& lane : locals_) lane.stop();
    if (methods_) methods_->stop();
  }

  bool is_idle() const override { return idle_; }

 private:
  static Engine::Options engine_options(const ManagerOptions& options) {
    Engine::Options engine;
    engine.limits = options.limits;
    engine.custom_types = options.custom_types;
    engine.custom_threads = options.custom_threads;
    engine.deadlocks = options.deadlocks;
    engine.on_deadlock = &log_deadlock;
    return engine;
  }

  absl::Status listen_tcp() {
    if (!options_.listen) return absl::OkStatus();
    grpc_.emplace(UnaryTarget{engine_, dispatcher_, administration_},
                  GrpcLaneOptions{.host = options_.listen->host,
                                  .port = options_.listen->port,
                                  .token = options_.token,
                                  .tls = options_.tls});
    if (absl::Status status = grpc_->listen(); !status.ok()) return status;
    engine_.be_known_as(grpc_->address());
    return absl::OkStatus();
  }

  // On the socket that it was handed, if it was, and on one of its own: that is how processes of
  // this host find a manager by its TCP port.
  absl::Status serve_sockets() {
    if (options_.custom_socket >= 0) serve_methods();
    if (options_.adopt_socket >= 0) {
      serve_on(UnixListener::adopt(options_.adopt_socket));
      if (!grpc_) engine_.be_known_as("an embedded manager");
      if (!grpc_ && options_.socket.empty()) options_.socket = "none";
    }
    if (options_.socket == "none") return absl::OkStatus();
    if (options_.socket.empty()) options_.socket = default_socket_path(grpc_ ? grpc_->port() : 0);
    auto listener = UnixListener::listen(options_.socket);
    if (!listener.ok()) return listener.status();
    if (!grpc_) engine_.be_known_as(options_.socket);
    serve_on(*std::move(listener));
    return absl::OkStatus();
  }

  // Their calls of what else is here come over a lane of their own, wherever else this serves.
  void serve_methods() {
    methods_.emplace(methods_service_, UnixListener::adopt(options_.custom_socket),
                     LocalLaneOptions{.threads = 1,
                                      .max_message_bytes = options_.limits.max_message_bytes,
                                      .rings = options_.rings});
    methods_->start();
  }

  void serve_on(UnixListener listener) {
    locals_.emplace_back(service_, std::move(listener),
                         LocalLaneOptions{.threads = 0,
                                          .max_message_bytes = options_.limits.max_message_bytes,
                                          .rings = options_.rings});
    locals_.back().start();
  }

  void tell_addresses() {
    const auto level = options_.quiet ? spdlog::level::debug : spdlog::level::info;
    std::string lines;
    if (grpc_) {
      spdlog::log(level, "serving gRPC on {}{}{}", grpc_->address(),
                  options_.tls.certificate.empty() ? "" : " with TLS",
                  options_.token.empty() ? "" : ", with a token");
      lines += "listen " + grpc_->address() + "\n";
    }
    if (!locals_.empty()) {
      const std::string where =
          options_.socket == "none" ? "the socket it was handed" : options_.socket;
      spdlog::log(level, "serving processes of this host on {}", where);
      lines += "socket " + options_.socket + "\n";
    }
    print_addresses(options_, lines);
  }

  ManagerOptions options_;
  SteadyClock clock_;
  Engine engine_;
  Dispatcher dispatcher_;
  Administration administration_;
  EngineService service_;
  EngineService methods_service_;
  std::optional<GrpcLane> grpc_;
  std::deque<LocalLane> locals_;
  std::optional<LocalLane> methods_;
  bool idle_ = true;
};

}  // namespace

std::unique_ptr<Node> make_manager(const ManagerOptions& options) {
  return std::make_unique<ManagerNode>(options);
}

}  // namespace mp::server
