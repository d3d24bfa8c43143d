#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "server/engine/clock.h"
#include "server/engine/ticker.h"
#include "server/lanes/local_lane.h"
#include "server/relay/relayed_session.h"
#include "server/relay/upstream.h"

namespace mp::server {

// The node's way to a manager on another machine: what its processes send on the local lane goes
// on over one stream, a trunk, on which each of their connections has its number. It keeps nothing
// that is worth anything: when it or the connection breaks, clients connect again and send again
// what is unanswered.
//
// Thread-safe.
class Relay final : public LocalService {
 public:
  Relay(std::unique_ptr<Upstream> upstream, const Clock& clock);
  ~Relay() override { stop(); }

  // Lets go of all sessions, which go on at the manager for their time to live: another relay may
  // take them up. To be called before the lane goes.
  void stop();
  const std::string& address() const { return upstream_->address(); }
  std::shared_ptr<FrameHandler> serve(LocalConnection& connection) override;
  void on_rest() override { upstream_->flush(); }
  bool gathers() const override { return true; }

  // Since when no session has passed through here; Time::max() while one does.
  Time idle_since();

  // --- For its connections. ---
  Upstream& upstream() { return *upstream_; }
  // A connection has joined this session.
  void join(LocalConnection& connection, const v1::Hello& hello, const v1::Welcome& welcome);
  // What it was upstream is over.
  void upstream_over(SessionId session);
  // A connection of this session has closed.
  void part(SessionId session);

 private:
  struct Entry {
    std::shared_ptr<RelayedSession> session;
    std::size_t connections = 0;
    std::size_t upstream = 0;           // of them; they may go on there for a moment
    ProcessWatches* watches = nullptr;  // of the lane whose connections they are
    bool watched = false;               // there it will be seen when the process ends
    Time end = Time::max();  // the process has ended: when the session ends at the latest
  };

  Time beat();
  void end(SessionId session);

  const std::unique_ptr<Upstream> upstream_;
  const Clock& clock_;
  Mutex mutex_;
  std::unordered_map<SessionId, Entry> sessions_ MP_GUARDED_BY(mutex_);
  Time idle_since_ MP_GUARDED_BY(mutex_);
  Ticker ticker_;  // last: its thread uses everything above
};

}  // namespace mp::server
