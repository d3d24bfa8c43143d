#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "mp/proxy/owned_lock.h"

namespace mp {

// A lock of a manager, owned by the thread that acquired it, and not re-entrant: its owner's second
// acquire() is a DeadlockError, unless the manager was told not to refuse what closes a deadlock,
// or, with a time-out, waits like anybody's.
//
// Python: the proxy of a threading.Lock. The methods, and what owners, leases and tokens are, are
// said at mp::OwnedLockProxy: acquire release locked lock try_lock try_lock_for try_lock_until
// unlock token lost previous_owner_died last_error async fenced_by.
//
//   auto deploy = manager.lock("deploy");
//   {
//     std::scoped_lock guard(deploy);
//     roll_out();
//   }
//   if (deploy.acquire({.timeout = 1s, .lease = 30s})) { ...; deploy.release(); }
class LockProxy : public OwnedLockProxy {
 public:
  static constexpr std::string_view kKind = "lock";

  explicit LockProxy(std::shared_ptr<const internal::RemoteObject> object)
      : OwnedLockProxy(std::move(object), {.acquire = wire::Operation::kLockAcquire,
                                           .release = wire::Operation::kLockRelease,
                                           .locked = wire::Operation::kLockLocked}) {}

  // See OwnedLockProxy.
  LockProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }
};

}  // namespace mp
