#pragma once

#include <optional>

#include "server/objects/rwlock.h"
#include "tests/unit/objects/harness.h"

namespace mp::server::test {

inline std::uint64_t token_of(const Result& result) {
  return result.outcome.has_rwlock_acquire_read() ? result.outcome.rwlock_acquire_read().token()
                                                  : result.outcome.rwlock_acquire_write().token();
}
inline bool tells_of_a_death(const Result& result) {
  return result.outcome.rwlock_acquire_read().previous_owner_died() ||
         result.outcome.rwlock_acquire_write().previous_owner_died();
}
MATCHER_P(Reads, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.rwlock_acquire_read().acquired();
}
MATCHER_P(Writes, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.rwlock_acquire_write().acquired();
}
MATCHER_P(NotGranted, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && !arg.outcome.has_error() &&
         !arg.outcome.rwlock_acquire_read().acquired() &&
         !arg.outcome.rwlock_acquire_write().acquired();
}

// Who(ticket, session): so that one session can be told to do several things.
class RWLockTest : public ::testing::Test {
 protected:
  template <class Request>
  Results acquire(Who who, std::optional<int> lease, std::optional<int> timeout) {
    Request request;
    if (lease) request.mutable_lease()->set_seconds(*lease);
    if (timeout) request.mutable_timeout()->set_seconds(*timeout);
    return lock.run(who, request);
  }
  Results read(Who who, std::optional<int> lease = {}, std::optional<int> timeout = {}) {
    return acquire<v1::RWLockAcquireReadRequest>(who, lease, timeout);
  }
  Results write(Who who, std::optional<int> lease = {}, std::optional<int> timeout = {}) {
    return acquire<v1::RWLockAcquireWriteRequest>(who, lease, timeout);
  }
  Results stop_reading(Who who) { return lock.run(who, v1::RWLockReleaseReadRequest()); }
  Results stop_writing(Who who) { return lock.run(who, v1::RWLockReleaseWriteRequest()); }
  bool holds(std::uint64_t token) { return lock.object().holds_token(token); }

  Shell lock{v1::RWLockCreateRequest()};
};

}  // namespace mp::server::test
