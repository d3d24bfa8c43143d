#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/lanes/credentials.h"
#include "server/lanes/grpc_call.h"
#include "server/lanes/trunk_connection.h"
#include "server/lanes/trunk_flow.h"
#include "server/lanes/unary_call.h"

namespace mp::server {

// A relay's stream, with many connections on it: mp.v1.Relays/Trunk.
//
// What comes in one message is run before its answers are written, so that they leave as one; and
// what is appended while a write is under way leaves as one message after it.
class TrunkStream final : public CallHandler {
 public:
  // Without `authenticated` each client must show the token.
  TrunkStream(std::shared_ptr<GrpcCall> call, const UnaryTarget& target, const AccessToken& token,
              bool authenticated)
      : CallHandler(std::move(call)),
        target_(target),
        token_(token),
        authenticated_(authenticated) {}

  void start() override;
  void on_read(const grpc::ByteBuffer* message) override;
  void on_written() override;
  void on_alarm() override;
  void on_done(bool delivered) override;
  void on_shutdown() override;

  // --- For its connections. From any thread. ---
  // What leaves, under the trunk's lock.
  template <typename Use>
  auto out(Use use) {
    const MutexLock lock(mutex_);
    return use(flow_);
  }
  // Writes what waits, unless there will be more in a moment.
  void flush();
  void write_what_is_done();

 private:
  using Number = TrunkFlow::Number;
  using Connections = std::unordered_map<Number, std::shared_ptr<TrunkConnection>>;

  void on_part(const ConnectionPart& part);
  Connections::iterator begin(Number number);
  void remove(Number number, TrunkFlow::Waiting waiting);
  void await_hello(Number number);
  Duration time_for_hello() const { return target_.engine.limits().hello_timeout; }
  // Ends the call with this status once everything that may has left.
  void end(grpc::Status status);
  void write_some() MP_REQUIRES(mutex_);

  const UnaryTarget target_;
  const AccessToken& token_;
  const bool authenticated_;
  // Of the call's thread:
  Connections connections_;
  Number last_ = 0;  // that has begun
  std::vector<ConnectionPart> parts_;
  std::deque<std::pair<Time, Number>> greeting_;  // by when they must have said hello
  bool alarmed_ = true;

  Mutex mutex_;
  TrunkFlow flow_ MP_GUARDED_BY(mutex_);
  bool running_ MP_GUARDED_BY(mutex_) = false;  // a message's commands
  bool writing_ MP_GUARDED_BY(mutex_) = false;
  bool ending_ MP_GUARDED_BY(mutex_) = false;
  grpc::Status status_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
