#pragma once

#include <memory>

#include "server/lanes/frame_queue.h"
#include "server/lanes/grpc_call.h"
#include "server/lanes/remote_conversation.h"

namespace mp::server {

// A client's stream of frames: mp.v1.Sessions/Stream. A session may have several. One that says no
// hello in time is ended.
//
// What is appended while a write is under way leaves as one message after it.
class SessionStream final : public CallHandler, public Port, private RemoteConversation {
 public:
  SessionStream(std::shared_ptr<GrpcCall> call, const UnaryTarget& target, const AccessToken& token,
                bool authenticated)
      : CallHandler(std::move(call)), RemoteConversation(target, token, authenticated, "stream") {}

  void start() override;
  void on_read(const grpc::ByteBuffer* message) override;
  void on_written() override;
  void on_alarm() override;
  void on_done(bool delivered) override;
  void on_shutdown() override;

  void append(const v1::Outcome& outcome) override;
  void append_bytes(std::string_view outcome) override;
  void flush() override;
  void session_over() override;

 private:
  std::shared_ptr<Port> port() override;
  void send(const v1::ServerFrame& frame) override;

  bool on_message(const grpc::ByteBuffer& message);
  // Ends the call with this status once everything that is queued has left.
  void end(grpc::Status status);
  void write_some() MP_REQUIRES(mutex_);

  bool mute_ = true;  // of the call's thread: nothing has come yet

  Mutex mutex_;
  FrameQueue out_ MP_GUARDED_BY(mutex_);
  bool writing_ MP_GUARDED_BY(mutex_) = false;
  bool read_later_ MP_GUARDED_BY(mutex_) = false;  // once the client has taken its answers
  bool ending_ MP_GUARDED_BY(mutex_) = false;
  grpc::Status status_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
