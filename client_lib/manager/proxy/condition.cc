#include "mp/proxy/condition.h"

#include <atomic>
#include <string>
#include <utility>

#include "client_lib/manager/proxy/grant.h"
#include "mp/errors.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/rlock.h"

namespace mp {

namespace {

using wire::Operation;

void encode_wait(wire::Message& request, const TimeLimit& timeout) {
  if (const internal::Timeout limit = timeout.nanoseconds()) request.duration(3, *limit);
}

void encode_notify(wire::Message& request, std::int64_t waiters) {
  if (waiters < 1) throw ValueError("notify at least 1 waiter, not " + std::to_string(waiters));
  if (waiters > 1) request.uint(3, static_cast<std::uint64_t>(waiters));
}

// A ConditionLockReply.
OwnedLockProxy decode_lock(const internal::Reply& reply) {
  std::uint64_t id = 0;
  std::string kind;
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() != 1) continue;
    for (wire::Fields ref = fields.message(); ref.next();) {
      if (ref.field() == 1) id = ref.fixed64();
      if (ref.field() == 2) kind = ref.bytes();
    }
  }
  const wire::RefResolver* resolver = reply.fields().resolver();
  if (resolver == nullptr) throw RemoteError("the reply lacks the reference to the lock");
  if (kind == LockProxy::kKind) return LockProxy(resolver->resolve(id, kind));
  if (kind == RLockProxy::kKind) return RLockProxy(resolver->resolve(id, kind));
  throw RemoteError("a condition is over a lock or an rlock, not over a " + kind);
}

}  // namespace

// Which lock a condition is over, once known. Without a mutex, since a child may be forked while
// another thread asks.
struct ConditionProxy::Association {
  Association() = default;
  explicit Association(const OwnedLockProxy& known) : lock(new OwnedLockProxy(known)) {}
  ~Association() { delete lock.load(); }
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  std::atomic<const OwnedLockProxy*> lock{nullptr};
};

ConditionProxy::ConditionProxy(std::shared_ptr<const internal::RemoteObject> object)
    : Proxy(std::move(object)), association_(std::make_shared<Association>()) {}

ConditionProxy::ConditionProxy(std::shared_ptr<const internal::RemoteObject> object,
                               const OwnedLockProxy& lock)
    : Proxy(std::move(object)), association_(std::make_shared<Association>(lock)) {}

OwnedLockProxy ConditionProxy::get_lock() const {
  const OwnedLockProxy* known = association_->lock.load();
  if (known != nullptr) return part(*known);
  wire::Scratch request;
  auto found = std::make_unique<const OwnedLockProxy>(
      decode_lock(remote()->call(Operation::kConditionLock, *request, options())));
  // Unless another thread was faster.
  if (association_->lock.compare_exchange_strong(known, found.get())) known = found.release();
  return part(*known);
}

// The request has the time; the call has none, since after it the lock is waited for, however long.
bool ConditionProxy::wait(TimeLimit timeout) const {
  const OwnedLockProxy lock = get_lock();
  wire::Scratch request;
  encode_wait(*request, timeout);
  const internal::Reply reply =
      remote()->call(Operation::kConditionWait, *request, internal::blocking(options(), None));
  internal::lock_held_again(*lock.remote(), reply);
  return reply.boolean(1);
}

std::size_t ConditionProxy::notify(std::int64_t waiters) const {
  wire::Scratch request;
  encode_notify(*request, waiters);
  return internal::decode_count(remote()->call(Operation::kConditionNotify, *request, options()));
}

std::size_t ConditionProxy::notify_all() const {
  wire::Scratch request;
  request->boolean(4, true);
  return internal::decode_count(remote()->call(Operation::kConditionNotify, *request, options()));
}

AsyncCondition ConditionProxy::async() const { return async(*this); }

AsyncCondition ConditionProxy::async(const Proxy& through) const {
  return AsyncCondition(through, *this);
}

Future<bool> AsyncCondition::wait(TimeLimit timeout) const {
  const OwnedLockProxy lock = condition_.get_lock();
  wire::Scratch request;
  encode_wait(*request, timeout);
  auto call =
      remote()->start(Operation::kConditionWait, *request, internal::waiting(options(), None));
  return {internal::if_dropped(std::move(call),
                               [lock] { internal::forget_all_grants(*lock.remote()); }),
          [lock](const internal::Reply& reply) {
            internal::lock_held_again(*lock.remote(), reply);
            return reply.boolean(1);
          }};
}

Future<std::size_t> AsyncCondition::notify(std::int64_t waiters) const {
  wire::Scratch request;
  encode_notify(*request, waiters);
  return {remote()->start(Operation::kConditionNotify, *request, options()),
          internal::decode_count};
}

Future<std::size_t> AsyncCondition::notify_all() const {
  wire::Scratch request;
  request->boolean(4, true);
  return {remote()->start(Operation::kConditionNotify, *request, options()),
          internal::decode_count};
}

}  // namespace mp
