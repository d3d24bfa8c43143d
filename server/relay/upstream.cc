#include "server/relay/upstream.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "server/lanes/credentials.h"
#include "server/relay/upstream_stream.h"

namespace mp::server {
namespace {

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials(const UpstreamTls& tls) {
  if (!tls.on) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  const auto read = [](const std::string& path, const char* what, std::string& contents) {
    if (path.empty()) return absl::OkStatus();
    auto file = read_file(path, what);
    if (file.ok()) contents = *std::move(file);
    return file.status();
  };
  if (auto status =
          read(tls.authority, "the manager's certificate authority", options.pem_root_certs);
      !status.ok()) {
    return status;
  }
  if (auto status = read(tls.certificate, "the certificate", options.pem_cert_chain); !status.ok())
    return status;
  if (auto status = read(tls.key, "the private key", options.pem_private_key); !status.ok())
    return status;
  return grpc::SslCredentials(options);
}

// A manager that does not answer for ten seconds is taken for lost; one that is lost is looked for
// again within a second.
grpc::ChannelArguments arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);  // how long connecting may take
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // ours are exactly-once, and its would buffer
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  return arguments;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Upstream>> Upstream::make(const std::string& address,
                                                         const UpstreamTls& tls, unsigned threads) {
  auto secured = credentials(tls);
  if (!secured.ok()) return secured.status();
  return std::unique_ptr<Upstream>(
      new Upstream(address, grpc::CreateCustomChannel(address, *secured, arguments()), threads));
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
