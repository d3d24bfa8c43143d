#include "server/relay/upstream.h"

#include <utility>

#include "server/relay/upstream_stream.h"

namespace mp::server {

absl::StatusOr<std::unique_ptr<Upstream>> Upstream::make(const std::string& address,
                                                         const ManagerTls& tls, unsigned threads) {
  auto channel = manager_channel(address, tls);
  if (!channel.ok()) return channel.status();
  return std::unique_ptr<Upstream>(new Upstream(address, *std::move(channel), threads));
}

Upstream::Upstream(std::string address, std::shared_ptr<grpc::Channel> channel, unsigned threads)
    : address_(std::move(address)), stub_(std::move(channel)) {
  for (unsigned i = 0; i < threads; ++i) {
    queues_.push_back(std::make_unique<grpc::CompletionQueue>());
    threads_.emplace_back([&queue = *queues_.back()] { UpstreamStream::serve(queue); });
  }
}

// No queue may go while an operation is under way on it.
Upstream::~Upstream() {
  stop();
  for (const auto& queue : queues_) queue->Shutdown();
  for (std::thread& thread : threads_) thread.join();
}

void Upstream::stop() {
  std::vector<std::shared_ptr<UpstreamStream>> streams;
  std::unique_lock lock(mutex_);
  stopped_ = true;
  for (const auto& [key, weak] : streams_) {
    if (auto stream = weak.lock()) streams.push_back(std::move(stream));
  }
  lock.unlock();
  for (const auto& stream : streams) stream->cancel();
  streams.clear();
  lock.lock();
  no_streams_.wait(lock, [this] { return streams_.empty(); });
}

bool Upstream::add(const std::shared_ptr<UpstreamStream>& stream) {
  const std::scoped_lock lock(mutex_);
  if (!stopped_) streams_.insert_or_assign(stream.get(), stream);
  return !stopped_;
}

void Upstream::remove(const UpstreamStream& stream) {
  const std::scoped_lock lock(mutex_);
  streams_.erase(&stream);
  if (streams_.empty()) no_streams_.notify_all();
}

grpc::CompletionQueue& Upstream::next_queue() {
  return *queues_[next_queue_.fetch_add(1, std::memory_order_relaxed) % queues_.size()];
}

}  // namespace mp::server
