#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "server/engine/mutex.h"

namespace mp::server {

class Upstream;

// A stream of frames to a manager: mp.v1.Sessions/Stream, from the client's side.
//
//   starting ──► open ──hang_up(), cancel(), or the connection breaks──► over
//
// Small frames that are sent while a write is under way leave as one message after it. Thread-safe.
class UpstreamStream : public std::enable_shared_from_this<UpstreamStream> {
 public:
  // Told on the thread of the stream's queue, one event after another.
  class Receiver {
   public:
    virtual ~Receiver() = default;
    // A frame has come. False: no more for now; resume() goes on.
    virtual bool on_message(std::string_view frame) = 0;
    // What was sent has left, after there was too much.
    virtual void on_caught_up() {}
    // OK: the manager has ended the stream by itself, or agreed to hang_up().
    virtual void on_end(const grpc::Status& status) = 0;
  };

  explicit UpstreamStream(Upstream& upstream);

  ~UpstreamStream();

  // To be said before start(): it does not end because the manager can't be reached now.
  void wait_for_manager() { context_.set_wait_for_ready(true); }
  // Begins, and keeps the receiver until it has heard of the end. False: the relay is shutting
  // down, and there will be no stream.
  bool start(std::shared_ptr<Receiver> receiver);
  // Sends a frame. Unsaid after the stream is over.
  void send(std::string_view frame);
  // More waits to be sent than should: Receiver::on_caught_up() tells when it has left.
  bool congested();
  // Receives on, after on_message() said false.
  void resume();
  // Ends it once what was sent has left.
  void hang_up();
  // Ends it now.
  void cancel() { context_.TryCancel(); }

  // Serves the streams of a queue until that is shut down.
  static void serve(grpc::CompletionQueue& queue);

 private:
  // An operation under way, which keeps the stream.
  class Tag {
   public:
    Tag(UpstreamStream& stream, void (UpstreamStream::*then)(bool))
        : stream_(stream), then_(then) {}
    void* begin() {
      keep_ = stream_.shared_from_this();
      return this;
    }
    void complete(bool ok) {
      const std::shared_ptr<UpstreamStream> keep = std::move(keep_);
      (stream_.*then_)(ok);
    }

   private:
    UpstreamStream& stream_;
    void (UpstreamStream::*const then_)(bool);
    std::shared_ptr<UpstreamStream> keep_;
  };

  void on_started(bool ok);
  void on_read(bool ok);
  void on_written(bool ok);
  void on_hung_up(bool) {}
  void on_finished(bool);
  void write_some() MP_REQUIRES(mutex_);

  Upstream& upstream_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  std::shared_ptr<Receiver> receiver_;  // of the queue's thread, once started
  grpc::ByteBuffer incoming_;
  grpc::Status status_;
  Tag start_tag_{*this, &UpstreamStream::on_started};
  Tag read_tag_{*this, &UpstreamStream::on_read};
  Tag write_tag_{*this, &UpstreamStream::on_written};
  Tag hang_up_tag_{*this, &UpstreamStream::on_hung_up};
  Tag finish_tag_{*this, &UpstreamStream::on_finished};

  Mutex mutex_;
  std::deque<std::string> out_ MP_GUARDED_BY(mutex_);  // messages, each of one frame or several
  std::size_t out_bytes_ MP_GUARDED_BY(mutex_) = 0;
  bool writing_ MP_GUARDED_BY(mutex_) = true;  // starting counts
  bool hanging_up_ MP_GUARDED_BY(mutex_) = false;
  bool over_ MP_GUARDED_BY(mutex_) = false;
  bool was_congested_ MP_GUARDED_BY(mutex_) = false;
};

}  // namespace mp::server
