#include "server/relay/relay.h"

#include <algorithm>
#include <utility>

#include "server/relay/relayed_connection.h"

namespace mp::server {
namespace {
// How long a process that has ended may take to be heard out.
constexpr std::chrono::milliseconds kFarewell(50);
}  // namespace

Relay::Relay(std::unique_ptr<Upstream> upstream, const Clock& clock)
    : upstream_(std::move(upstream)),
      clock_(clock),
      idle_since_(clock.now()),
      ticker_([this] { return beat(); }) {}

void Relay::stop() {
  upstream_->stop();
  const MutexLock lock(mutex_);
  sessions_.clear();
}

std::shared_ptr<FrameHandler> Relay::serve(LocalConnection& connection) {
  return std::make_shared<RelayedConnection>(*this, connection);
}

Time Relay::idle_since() {
  const MutexLock lock(mutex_);
  return sessions_.empty() ? idle_since_ : Time::max();
}

void Relay::join(LocalConnection& connection, const v1::Hello& hello, const v1::Welcome& welcome) {
  const SessionId id = welcome.session();
  const Time now = clock_.now();
  const MutexLock lock(mutex_);
  Entry& entry = sessions_[id];
  if (entry.session == nullptr || entry.session->over()) {
    entry.session = std::make_shared<RelayedSession>(*upstream_, hello, welcome);
    entry.session->beat(now);
    ticker_.wake_at(now + entry.session->period());
  }
  ++entry.connections;
  ++entry.upstream;
  entry.watches = &connection.lane().watches();
  entry.watched = entry.watches->add(id, connection, hello.client().pid(), [this, id] { end(id); });
}

void Relay::part(SessionId session) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(session);
  if (at == sessions_.end() || --at->second.connections != 0 || at->second.watched) return;
  // Nobody can tell whether the process lives, unless it is known to have ended: its session has
  // its time to live now.
  at->second.session->leave();
  if (!at->second.session->over()) return;
  sessions_.erase(at);
  idle_since_ = clock_.now();
}

// What the process said last is on its connections: the session ends after them.
void Relay::end(SessionId session) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(session);
  if (at == sessions_.end()) return;
  const Time now = clock_.now();
  at->second.end = now + kFarewell;
  if (at->second.upstream == 0) at->second.session->end(now);
  ticker_.wake_at(at->second.end);
}

void Relay::upstream_over(SessionId session) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(session);
  if (at == sessions_.end() || at->second.upstream == 0) return;
  const bool process_ended = at->second.end != Time::max();
  if (--at->second.upstream == 0 && process_ended) at->second.session->end(clock_.now());
}

Time Relay::beat() {
  const Time now = clock_.now();
  Time next = Time::max();
  const MutexLock lock(mutex_);
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    if (at->second.end <= now) at->second.session->end(now);
    if (at->second.session->beat(now)) {
      const Time end = at->second.end > now ? at->second.end : Time::max();
      next = std::min({next, end, now + at->second.session->period()});
      ++at;
    } else {
      at->second.watches->remove(at->first);
      at = sessions_.erase(at);
      idle_since_ = now;
    }
  }
  return next;
}

}  // namespace mp::server
