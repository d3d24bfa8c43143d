#include "server/relay/upstream.h"

#include <utility>
#include <vector>

#include "server/relay/upstream_trunk.h"

namespace mp::server {

absl::StatusOr<std::unique_ptr<Upstream>> Upstream::make(const std::string& address,
                                                         const ManagerTls& tls) {
  auto channel = manager_channel(address, tls);
  if (!channel.ok()) return channel.status();
  return std::unique_ptr<Upstream>(new Upstream(address, *std::move(channel)));
}

Upstream::Upstream(std::string address, std::shared_ptr<grpc::Channel> channel)
    : address_(std::move(address)),
      stub_(std::move(channel)),
      thread_([this] { UpstreamTrunk::serve(queue_); }) {}

// The queue may not go while an operation is under way on it.
Upstream::~Upstream() {
  stop();
  queue_.Shutdown();
  thread_.join();
}

void Upstream::stop() {
  std::vector<std::shared_ptr<UpstreamTrunk>> trunks;
  std::unique_lock lock(mutex_);
  stopped_ = true;
  for (const auto& [key, weak] : trunks_) {
    if (auto trunk = weak.lock()) trunks.push_back(std::move(trunk));
  }
  lock.unlock();
  for (const auto& trunk : trunks) trunk->cancel();
  trunks.clear();
  lock.lock();
  no_trunks_.wait(lock, [this] { return trunks_.empty(); });
}

std::shared_ptr<UpstreamConnection> Upstream::connect(
    Use use, const std::shared_ptr<UpstreamConnection::Receiver>& receiver) {
  while (const std::shared_ptr<UpstreamTrunk> trunk = trunk_for(use)) {
    if (auto connection = trunk->connect(receiver)) return connection;
  }
  return nullptr;
}

std::shared_ptr<UpstreamTrunk> Upstream::trunk_for(Use use) {
  std::shared_ptr<UpstreamTrunk> last;  // goes after the lock does: its end takes it
  const std::scoped_lock lock(mutex_);
  if (stopped_) return nullptr;
  auto& current = current_.at(static_cast<std::size_t>(use));
  last = current.lock();
  if (last != nullptr && !last->over()) return last;
  auto trunk = std::make_shared<UpstreamTrunk>(*this);
  trunks_.emplace(trunk.get(), trunk);
  current = trunk;
  if (use == Use::kLife) trunk->wait_for_manager();
  trunk->start();
  return trunk;
}

void Upstream::flush() {
  std::unique_lock lock(mutex_);
  const auto trunk = current_.at(static_cast<std::size_t>(Use::kClient)).lock();
  lock.unlock();
  if (trunk != nullptr) trunk->flush();
}

void Upstream::remove(const UpstreamTrunk& trunk) {
  const std::scoped_lock lock(mutex_);
  trunks_.erase(&trunk);
  if (trunks_.empty()) no_trunks_.notify_all();
}

}  // namespace mp::server
