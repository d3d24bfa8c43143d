#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "mp/proxy/methods/call.h"
#include "mp/proxy/owned_lock.h"

namespace mp {

using AsyncRLock = AsyncLock;

// A lock of a manager that its owner may acquire again: it is free once it was released as often.
//
// Python: the proxy of a threading.RLock; the standard's std::recursive_timed_mutex. The owner is a
// thread, as there: another thread of the same process waits. Every acquisition of one owner has
// the token of the first, whose lease counts. The methods, and what owners, leases and tokens are,
// are said at mp::OwnedLockProxy: acquire release locked lock try_lock try_lock_for try_lock_until
// unlock token lost previous_owner_died last_error async fenced_by.
//
// Conditions, Values and Arrays have such a lock of their own: a proxy made of their object means
// that. It can't be put into a container; they can.
//
//   auto tree = manager.rlock("tree");
//   std::scoped_lock guard(tree);
//   rebalance(tree);                       // which locks it again
class RLockProxy : public OwnedLockProxy {
 public:
  static constexpr std::string_view kKind = "rlock";

  explicit RLockProxy(std::shared_ptr<const internal::RemoteObject> object)
      : OwnedLockProxy(std::move(object), {.acquire = wire::Operation::kRLockAcquire,
                                           .release = wire::Operation::kRLockRelease,
                                           .locked = wire::Operation::kRLockLocked}) {}

  // See OwnedLockProxy.
  RLockProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }

  // How often its owner, whoever that is, holds it; 0 if nobody does.
  std::size_t count() const {
    wire::Scratch request;
    return remote()->call(wire::Operation::kRLockLocked, *request, options()).uint(3);
  }
};

}  // namespace mp
