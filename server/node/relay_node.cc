#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "server/lanes/local_lane.h"
#include "server/node/node.h"
#include "server/relay/relay.h"

namespace mp::server {
namespace {

// As large as any manager may be told to accept: it is the manager who refuses.
constexpr std::uint64_t kMostMessageBytes = 1ULL << 30U;

class RelayNode final : public Node {
 public:
  RelayNode(ManagerOptions options, std::unique_ptr<Upstream> upstream)
      : options_(std::move(options)), relay_(std::move(upstream), clock_) {}

  absl::Status start() override {
    auto listener = UnixListener::listen(options_.socket);
    if (!listener.ok()) return listener.status();
    local_.emplace(
        relay_, *std::move(listener),
        LocalLaneOptions{
            .threads = 1, .max_message_bytes = kMostMessageBytes, .rings = options_.rings});
    local_->start();
    spdlog::info("relaying processes of this host from {} to {}{}", options_.socket,
                 relay_.address(), options_.relay_tls.on ? " with TLS" : "");
    print_addresses(options_, "socket " + options_.socket + "\n");
    return absl::OkStatus();
  }

  std::string address() const override { return options_.socket; }

  void stop() override {
    if (local_) local_->stop();
    relay_.stop();
  }

  Time ends_at() override {
    if (options_.exit_when_idle == Duration::zero()) return Time::max();
    const Time since = std::min(relay_.idle_since(), clock_.now());
    return later(since, options_.exit_when_idle);
  }

 private:
  ManagerOptions options_;
  SteadyClock clock_;
  Relay relay_;
  std::optional<LocalLane> local_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> make_relay(const ManagerOptions& options) {
  auto upstream = Upstream::make(options.relay, options.relay_tls);
  if (!upstream.ok()) return upstream.status();
  return std::make_unique<RelayNode>(options, *std::move(upstream));
}

}  // namespace mp::server
