#pragma once

#include <deque>
#include <memory>
#include <string>

#include "server/lanes/conversation.h"
#include "server/lanes/credentials.h"
#include "server/lanes/grpc_call.h"
#include "server/lanes/unary_call.h"

namespace mp::server {

// A client's stream of frames: mp.v1.Sessions/Stream. A session may have several; every frame on
// any of them, be it empty, lets its time to live begin anew. One that says no hello in time is
// ended.
//
// What is appended while a write is under way leaves as one message after it.
class SessionStream final : public CallHandler, public Port, private Conversation::Host {
 public:
  // Without `authenticated` the hello must show the token.
  SessionStream(std::shared_ptr<GrpcCall> call, const UnaryTarget& target, const AccessToken& token,
                bool authenticated);

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
  absl::Status admit(const v1::Hello& hello) override;
  void on_joined(const v1::Hello& hello) override;
  std::shared_ptr<Port> port() override;
  void send(const v1::ServerFrame& frame) override;

  bool on_message(const grpc::ByteBuffer& message);
  void renew();
  // Ends the call with this status once everything that is queued has left.
  void end(grpc::Status status);
  void write_some() MP_REQUIRES(mutex_);
  void seal_if_long() MP_REQUIRES(mutex_);
  std::size_t unsent() const MP_REQUIRES(mutex_) { return sealed_bytes_ + out_.size(); }

  Engine& engine_;
  const AccessToken& token_;
  const bool authenticated_;
  // Of the call's thread:
  Conversation conversation_;
  bool mute_ = true;  // nothing has come yet
  Time renewed_{};

  Mutex mutex_;
  FrameWriter out_ MP_GUARDED_BY(mutex_){FrameWriter::Delimiting::kByLane};
  std::deque<std::string> sealed_ MP_GUARDED_BY(mutex_);  // messages that leave before out_
  std::size_t sealed_bytes_ MP_GUARDED_BY(mutex_) = 0;
  bool writing_ MP_GUARDED_BY(mutex_) = false;
  bool read_later_ MP_GUARDED_BY(mutex_) = false;  // once the client has taken its answers
  bool ending_ MP_GUARDED_BY(mutex_) = false;
  grpc::Status status_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
