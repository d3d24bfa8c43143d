#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/async_generic_service.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/engine/mutex.h"
#include "server/objects/step.h"

namespace mp::server {

class GrpcCall;

// What is done with one RPC. Its events come one after another on the thread of the call's queue,
// on_shutdown() excepted; on_done() is the last.
//
//   start() ──► on_read() / on_written(), as asked for by read() and write() ──► on_done()
//          └──► on_alarm()
class CallHandler : public std::enable_shared_from_this<CallHandler> {
 public:
  explicit CallHandler(std::shared_ptr<GrpcCall> call) : call_(std::move(call)) {}
  virtual ~CallHandler() = default;
  CallHandler(const CallHandler&) = delete;
  CallHandler& operator=(const CallHandler&) = delete;

  virtual void start() = 0;
  // A message, or null: the client sends no more.
  virtual void on_read(const grpc::ByteBuffer* message) = 0;
  virtual void on_written() {}
  // The time of set_alarm() is over.
  virtual void on_alarm() {}
  // The call is over, and nothing more can be sent on it. Unless `delivered`, its status never
  // left: it was cancelled, its deadline passed, or its connection broke.
  virtual void on_done(bool /*delivered*/) {}
  // For streams that live until somebody ends them: the manager is shutting down. From any thread.
  virtual void on_shutdown() {}

 protected:
  GrpcCall& call() const { return *call_; }

 private:
  const std::shared_ptr<GrpcCall> call_;
};

// A handler for calls that begin with exactly one message.
class OneRequestHandler : public CallHandler {
 public:
  using CallHandler::CallHandler;
  void start() override;
  void on_read(const grpc::ByteBuffer* message) final;

 protected:
  virtual void on_request(const grpc::ByteBuffer& request) = 0;
};

// What a call needs of its lane.
class CallHost {
 public:
  virtual ~CallHost() = default;
  // A call has come: who handles it? The lane waits for the next one meanwhile.
  virtual std::shared_ptr<CallHandler> accept(const std::shared_ptr<GrpcCall>& call) = 0;
  // The call is over, or never came because the server was shut down.
  virtual void on_call_end(GrpcCall& call) = 0;
};

// One RPC of gRPC's generic service: its context, its stream, and the operations under way on them.
//
//   waiting for a client ──► open ──done──► closed
//
// Every operation that is under way keeps the call alive; what is asked for after `done` is
// dropped. That makes shutting down safe: once all calls have ended, nobody touches their queue.
// Thread-safe, but for one write at a time.
class GrpcCall : public std::enable_shared_from_this<GrpcCall> {
 public:
  GrpcCall(CallHost& host, grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue);

  // Waits for a client.
  void arm();

  grpc::ServerCompletionQueue& queue() { return queue_; }
  // "mp.v1.Dict/Set"
  std::string_view method() const;
  // The value of an entry of the client's metadata, or null.
  const grpc::string_ref* metadata(const char* key) const;

  // These give false if the call is closed.
  bool read();
  bool write(const grpc::ByteBuffer& message);
  bool finish(const grpc::Status& status);
  // The reply of a unary call, and OK.
  bool finish(const grpc::ByteBuffer& reply);
  // Calls on_alarm() after so long, once, unless the call is done or drops the alarm before.
  bool set_alarm(Duration after);
  void drop_alarm();
  // Ends it the hard way. From any thread.
  void cancel();

  // What a completion queue hands back: an operation of a call that has come to its end.
  class Tag {
   public:
    Tag(GrpcCall& call, void (GrpcCall::*then)(bool)) : call_(call), then_(then) {}
    // Under way from now on.
    void* begin() {
      keep_ = call_.shared_from_this();
      return this;
    }
    void complete(bool ok) {
      const std::shared_ptr<GrpcCall> keep = std::move(keep_);
      (call_.*then_)(ok);
    }

   private:
    GrpcCall& call_;
    void (GrpcCall::*const then_)(bool);
    std::shared_ptr<GrpcCall> keep_;
  };

 private:
  void on_accepted(bool ok);
  void on_read(bool ok);
  void on_written(bool ok);
  void on_finished(bool) {}
  void on_alarm(bool ok);
  void on_done(bool);
  std::shared_ptr<CallHandler> handler();

  CallHost& host_;
  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  grpc::ByteBuffer incoming_;
  Tag accept_tag_{*this, &GrpcCall::on_accepted};
  Tag read_tag_{*this, &GrpcCall::on_read};
  Tag write_tag_{*this, &GrpcCall::on_written};
  Tag finish_tag_{*this, &GrpcCall::on_finished};
  Tag alarm_tag_{*this, &GrpcCall::on_alarm};
  Tag done_tag_{*this, &GrpcCall::on_done};

  Mutex mutex_;
  bool open_ MP_GUARDED_BY(mutex_) = false;
  bool finished_ MP_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Alarm> alarm_ MP_GUARDED_BY(mutex_);
  // Refers to this call: let go when it is done.
  std::shared_ptr<CallHandler> handler_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
