#include "server/engine/sessions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/clock.h"
#include "server/engine/secret.h"
#include "server/objects/error.h"

namespace mp::server {

absl::StatusOr<std::shared_ptr<Session>> Sessions::open(const v1::ClientInfo& client,
                                                        std::string lane, Time now,
                                                        Duration time_to_live) {
  const MutexLock lock(mutex_);
  if (sessions_.size() >= limits_.max_sessions) {
    return error(v1::LIMIT_EXCEEDED,
                 absl::StrCat("the manager has ", sessions_.size(),
                              " sessions and may have no more (limit --max-sessions)"));
  }
  const SessionId id = ++last_id_;
  Entry& entry = sessions_[id];
  entry.session = std::make_shared<Session>(
      Session::Identity{
          .id = id, .secret = random_secret(), .client = client, .lane = std::move(lane)},
      now, limits_);
  entry.time_to_live = time_to_live;
  start_over(entry, id, now);
  return entry.session;
}

absl::StatusOr<std::shared_ptr<Session>> Sessions::find(SessionId id,
                                                        std::string_view secret) const {
  std::shared_ptr<Session> session = find(id);
  if (session == nullptr || session->ended()) {
    return error(v1::SESSION_EXPIRED,
                 absl::StrCat("session ", id,
                              " has ended: it was closed, its process died, its "
                              "time to live ran out, or the manager was restarted"));
  }
  if (!same_secret(secret, session->secret())) {
    return error(v1::BAD_SECRET, absl::StrCat("this is not the secret of session ", id));
  }
  return session;
}

std::shared_ptr<Session> Sessions::find(SessionId id) const {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(id);
  return at == sessions_.end() ? nullptr : at->second.session;
}

void Sessions::erase(SessionId id) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  expiries_.erase({at->second.expires, id});
  sessions_.erase(at);
}

void Sessions::set_expiry(Entry& entry, SessionId id, Time expires) {
  expiries_.erase({entry.expires, id});
  entry.expires = expires;
  if (expires != Time::max()) expiries_.insert({expires, id});
}

void Sessions::start_over(Entry& entry, SessionId id, Time now) {
  if (entry.watched || entry.waits != 0) return set_expiry(entry, id, Time::max());
  if (expiries_.empty()) shortest_ = limits_.session_time_to_live;
  shortest_ = std::min(shortest_, entry.time_to_live);
  set_expiry(entry, id, later(now, entry.time_to_live));
}

void Sessions::wait_with(SessionId id, SessionId keeper) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(id);
  if (at != sessions_.end()) at->second.keeper = keeper;
}

void Sessions::watch(SessionId id) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  at->second.keeper = 0;
  at->second.watched = true;
  set_expiry(at->second, id, Time::max());
}

void Sessions::unwatch(SessionId id, Time now, Duration time_to_live) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  at->second.keeper = 0;
  at->second.watched = false;
  at->second.time_to_live = time_to_live;
  start_over(at->second, id, now);
}

std::optional<Duration> Sessions::renew(SessionId id, Time now) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return std::nullopt;
  at->second.keeper = 0;
  start_over(at->second, id, now);
  return at->second.time_to_live;
}

void Sessions::begin_wait(SessionId id) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  ++at->second.waits;
  set_expiry(at->second, id, Time::max());
}

void Sessions::end_wait(SessionId id, Time now) {
  const MutexLock lock(mutex_);
  const auto at = sessions_.find(id);
  if (at == sessions_.end() || at->second.waits == 0) return;
  --at->second.waits;
  start_over(at->second, id, now);
}

std::optional<Time> Sessions::next_expiry() const {
  const MutexLock lock(mutex_);
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

std::vector<std::shared_ptr<Session>> Sessions::expired(Time now) {
  const MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Session>> over;
  std::vector<SessionId> kept;
  for (const auto& [when, id] : expiries_) {
    if (when > now) break;
    const Entry& entry = sessions_[id];
    if (entry.keeper == 0) {
      over.push_back(entry.session);
    } else {
      kept.push_back(id);
    }
  }
  for (const SessionId id : kept) {
    Entry& entry = sessions_[id];
    if (!sessions_.contains(entry.keeper)) entry.keeper = 0;
    start_over(entry, id, now);
  }
  return over;
}

void Sessions::extend_all(Duration more) {
  const MutexLock lock(mutex_);
  for (auto& [id, entry] : sessions_) {
    if (entry.expires != Time::max()) set_expiry(entry, id, later(entry.expires, more));
  }
}

Duration Sessions::shortest_time_to_live() const {
  const MutexLock lock(mutex_);
  return shortest_;
}

std::vector<std::shared_ptr<Session>> Sessions::all() const {
  const MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Session>> sessions;
  sessions.reserve(sessions_.size());
  for (const auto& [id, entry] : sessions_) sessions.push_back(entry.session);
  return sessions;
}

std::size_t Sessions::size() const {
  const MutexLock lock(mutex_);
  return sessions_.size();
}

}  // namespace mp::server
