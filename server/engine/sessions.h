#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "server/engine/session.h"

namespace mp::server {

// The sessions of this manager, and when those end that nobody watches.
//
// A session is *watched* while a lane would see its process die, through a pidfd or the end of its
// connections. One that is not has a time to live, which begins anew whenever it is renewed, as by
// a frame of a stream, and stands still while a unary call of it waits. Thread-safe.
class Sessions {
 public:
  // Ids count up from `epoch`, so that a session of an earlier run has expired, and not the wrong
  // secret.
  Sessions(const Limits& limits, std::uint64_t epoch)
      : limits_(limits), shortest_(limits.session_time_to_live), last_id_(epoch) {}

  // A new session, unwatched. LIMIT_EXCEEDED if there are too many.
  absl::StatusOr<std::shared_ptr<Session>> open(const v1::ClientInfo& client, std::string lane,
                                                Time now, Duration time_to_live);
  // SESSION_EXPIRED if it is over or never was, BAD_SECRET if the secret is another's.
  absl::StatusOr<std::shared_ptr<Session>> find(SessionId id, std::string_view secret) const;
  std::shared_ptr<Session> find(SessionId id) const;
  void erase(SessionId id);

  // Until somebody takes it up, it does not end before `keeper` has.
  void wait_with(SessionId id, SessionId keeper);
  // Somebody would see its end: no time to live.
  void watch(SessionId id);
  // Nobody would: it ends at now + time_to_live unless it is renewed.
  void unwatch(SessionId id, Time now, Duration time_to_live);
  // Its time to live begins anew, if it has one now. Returns that which it has when nobody watches
  // it.
  std::optional<Duration> renew(SessionId id, Time now);
  // A unary call of the session waits. It would be seen if its process died; and who waits an hour
  // for a lock must not lose the session over it.
  void begin_wait(SessionId id);
  void end_wait(SessionId id, Time now);

  std::optional<Time> next_expiry() const;
  // Those whose time is over at `now`. For one that waited with a keeper it begins then.
  std::vector<std::shared_ptr<Session>> expired(Time now);
  // Every session that has a time to live now gets `more`.
  void extend_all(Duration more);
  // No session that may expire has a shorter time to live than this.
  Duration shortest_time_to_live() const;

  std::vector<std::shared_ptr<Session>> all() const;
  std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<Session> session;
    Duration time_to_live{};
    Time expires = Time::max();
    bool watched = false;
    std::uint32_t waits = 0;
    SessionId keeper = 0;  // 0: none
  };
  void set_expiry(Entry& entry, SessionId id, Time expires) MP_REQUIRES(mutex_);
  // By what holds at `now`: none while it is watched or waits.
  void start_over(Entry& entry, SessionId id, Time now) MP_REQUIRES(mutex_);

  const Limits& limits_;
  mutable Mutex mutex_;
  Duration shortest_ MP_GUARDED_BY(mutex_);
  SessionId last_id_ MP_GUARDED_BY(mutex_);
  absl::btree_map<SessionId, Entry> sessions_ MP_GUARDED_BY(mutex_);
  absl::btree_set<std::pair<Time, SessionId>> expiries_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
