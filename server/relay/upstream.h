#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "server/lanes/manager_channel.h"
#include "server/relay/upstream_connection.h"

namespace mp::server {

class UpstreamTrunk;

// The way to a manager on another machine: one connection, a trunk for each use of it, and the
// thread that serves them.
class Upstream {
 public:
  // `address` is HOST:PORT. Connects when it is first used, and again whenever it is. Fails if a
  // file can't be used.
  static absl::StatusOr<std::unique_ptr<Upstream>> make(const std::string& address,
                                                        const ManagerTls& tls);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  const std::string& address() const { return address_; }

  // What a connection is for, which decides on its trunk: signs of life go beside what clients
  // send, and wait while the manager can't be reached, where a client's connection ends at once.
  enum class Use { kClient, kLife };
  // Keeps the receiver until it has heard of the end. Null: the relay is shutting down, and there
  // will be no connection.
  std::shared_ptr<UpstreamConnection> connect(
      Use use, const std::shared_ptr<UpstreamConnection::Receiver>& receiver);
  // Writes what was sent on connections of clients.
  void flush();

  // Cancels the trunks that there are, and waits for their end; there will be no more.
  void stop();

  // --- For trunks. ---
  grpc::GenericStub& stub() { return stub_; }
  grpc::CompletionQueue& queue() { return queue_; }
  void remove(const UpstreamTrunk& trunk);

 private:
  Upstream(std::string address, std::shared_ptr<grpc::Channel> channel);

  std::shared_ptr<UpstreamTrunk> trunk_for(Use use);

  const std::string address_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable no_trunks_;
  // Guarded by mutex_:
  std::array<std::weak_ptr<UpstreamTrunk>, 2> current_;  // by use
  std::unordered_map<const UpstreamTrunk*, std::weak_ptr<UpstreamTrunk>> trunks_;
  bool stopped_ = false;
};

}  // namespace mp::server
