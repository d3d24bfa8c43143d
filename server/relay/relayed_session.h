#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "mp/v1/session.pb.h"
#include "server/engine/clock.h"
#include "server/engine/mutex.h"
#include "server/relay/upstream.h"
#include "server/relay/upstream_connection.h"

namespace mp::server {

// Keeps a client process's session alive at the manager for as long as the process lives, and ends
// it there when the process has ended, over a connection upstream of its own.
//
//   kept ──end()──► ending ──the manager has ended it, or can't be reached for too long──► over
//   kept ──the manager has ended it──► over
//
// Thread-safe.
class RelayedSession final : public UpstreamConnection::Receiver,
                             public std::enable_shared_from_this<RelayedSession> {
 public:
  // Of the client's hello and its answer.
  RelayedSession(Upstream& upstream, const v1::Hello& hello, const v1::Welcome& welcome);

  SessionId id() const { return hello_.hello().session(); }
  Duration time_to_live() const { return time_to_live_; }
  // How often it gives a sign of life: so that one may be lost, and another come late.
  Duration period() const { return std::max<Duration>(time_to_live_ / 4, kShortestPeriod); }
  // Sends a sign of life, on a new connection if need be. False: the session is over.
  bool beat(Time now);
  // The process has ended: so shall its session.
  void end(Time now);
  // Lets go of it: unless it is ending, its time to live begins.
  void leave();
  bool over();

  bool on_message(std::string_view frame) override;
  void on_end(const grpc::Status& status) override;

 private:
  static constexpr Duration kShortestPeriod = std::chrono::milliseconds(50);

  void connect() MP_REQUIRES(mutex_);
  void send(std::string_view frame) MP_REQUIRES(mutex_);
  void hang_up() MP_REQUIRES(mutex_);

  Upstream& upstream_;
  v1::ClientFrame hello_;
  const Duration time_to_live_;

  Mutex mutex_;
  // Null: not connected.
  std::shared_ptr<UpstreamConnection> connection_ MP_GUARDED_BY(mutex_);
  bool ending_ MP_GUARDED_BY(mutex_) = false;
  bool over_ MP_GUARDED_BY(mutex_) = false;
  bool may_reconnect_ MP_GUARDED_BY(mutex_) = false;  // before the next beat
  Time give_up_ MP_GUARDED_BY(mutex_) = Time::max();
};

}  // namespace mp::server
