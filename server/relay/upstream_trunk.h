#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "server/engine/mutex.h"
#include "server/relay/upstream_connection.h"

namespace mp::server {

class Upstream;

// A stream to a manager that carries connections: mp.v1.Relays/Trunk, from the relay's side.
//
//   starting ──► open ──cancel(), or it breaks──► over
//
// What waits while a write is under way leaves as one message after it. Thread-safe.
class UpstreamTrunk : public std::enable_shared_from_this<UpstreamTrunk> {
 public:
  explicit UpstreamTrunk(Upstream& upstream);
  ~UpstreamTrunk();

  // To be said before start(): it does not end because the manager can't be reached now.
  void wait_for_manager() { context_.set_wait_for_ready(true); }
  void start();
  // Null: the trunk is over. Keeps the receiver until it has heard of the end.
  std::shared_ptr<UpstreamConnection> connect(
      std::shared_ptr<UpstreamConnection::Receiver> receiver);
  // Writes what waits.
  void flush();
  // Ends it now.
  void cancel() { context_.TryCancel(); }
  bool over();

  // For its connections: what leaves, under the trunk's lock.
  template <typename Use>
  auto out(Use use) {
    const MutexLock lock(mutex_);
    return use(flow_);
  }

  // Serves the trunks of a queue until that is shut down.
  static void serve(grpc::CompletionQueue& queue);

 private:
  using Number = TrunkFlow::Number;

  // An operation under way, which keeps the trunk.
  class Tag {
   public:
    Tag(UpstreamTrunk& trunk, void (UpstreamTrunk::*then)(bool)) : trunk_(trunk), then_(then) {}
    void* begin() {
      keep_ = trunk_.shared_from_this();
      return this;
    }
    void complete(bool ok) {
      const std::shared_ptr<UpstreamTrunk> keep = std::move(keep_);
      (trunk_.*then_)(ok);
    }

   private:
    UpstreamTrunk& trunk_;
    void (UpstreamTrunk::*const then_)(bool);
    std::shared_ptr<UpstreamTrunk> keep_;
  };

  void on_started(bool ok);
  void on_read(bool ok);
  void on_written(bool ok);
  void on_finished(bool);
  bool on_message(const grpc::ByteBuffer& message);
  void on_part(const ConnectionPart& part);
  void write_some() MP_REQUIRES(mutex_);
  std::shared_ptr<UpstreamConnection> find(Number number) MP_REQUIRES(mutex_);

  Upstream& upstream_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  // Of the queue's thread:
  grpc::ByteBuffer incoming_;
  std::vector<ConnectionPart> parts_;
  grpc::Status status_;
  Tag start_tag_{*this, &UpstreamTrunk::on_started};
  Tag read_tag_{*this, &UpstreamTrunk::on_read};
  Tag write_tag_{*this, &UpstreamTrunk::on_written};
  Tag finish_tag_{*this, &UpstreamTrunk::on_finished};

  Mutex mutex_;
  TrunkFlow flow_ MP_GUARDED_BY(mutex_);
  std::unordered_map<Number, std::shared_ptr<UpstreamConnection>> connections_
      MP_GUARDED_BY(mutex_);
  Number last_ MP_GUARDED_BY(mutex_) = 0;      // that has begun
  bool writing_ MP_GUARDED_BY(mutex_) = true;  // starting counts
  bool over_ MP_GUARDED_BY(mutex_) = false;
};

}  // namespace mp::server
