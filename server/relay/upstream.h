#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "server/lanes/manager_channel.h"

namespace mp::server {

class UpstreamStream;

// The one connection to a manager on another machine, and the threads that serve its streams.
class Upstream {
 public:
  // `address` is HOST:PORT. Connects when the first stream starts, and again whenever one does.
  // Fails if a file can't be used.
  static absl::StatusOr<std::unique_ptr<Upstream>> make(const std::string& address,
                                                        const ManagerTls& tls, unsigned threads);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  const std::string& address() const { return address_; }
  grpc::GenericStub& stub() { return stub_; }
  grpc::CompletionQueue& next_queue();

  // Cancels the streams that there are, and waits for their end; there will be no more.
  void stop();

  // --- For streams. ---
  // Under way from now on, until remove(). False: too late.
  bool add(const std::shared_ptr<UpstreamStream>& stream);
  void remove(const UpstreamStream& stream);

 private:
  Upstream(std::string address, std::shared_ptr<grpc::Channel> channel, unsigned threads);

  const std::string address_;
  grpc::GenericStub stub_;
  std::vector<std::unique_ptr<grpc::CompletionQueue>> queues_;
  std::vector<std::thread> threads_;
  std::atomic<std::size_t> next_queue_{0};

  std::mutex mutex_;
  std::condition_variable no_streams_;
  // Guarded by mutex_:
  std::unordered_map<const UpstreamStream*, std::weak_ptr<UpstreamStream>> streams_;
  bool stopped_ = false;
};

}  // namespace mp::server
