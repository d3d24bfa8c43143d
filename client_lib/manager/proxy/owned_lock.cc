#include "mp/proxy/owned_lock.h"

#include <utility>

#include "client_lib/manager/proxy/grant.h"
#include "mp/errors.h"
#include "mp/proxy/methods/call.h"

namespace mp {

using internal::Grant;

namespace {

bool decode_acquired(const Proxy& lock, Grant& grant, const internal::Reply& reply) {
  if (!reply.boolean(1)) return false;
  grant.acquired(*lock.remote(), reply);
  return true;
}

}  // namespace

OwnedLockProxy::OwnedLockProxy(std::shared_ptr<const internal::RemoteObject> object,
                               const internal::LockOperations& operations)
    : Proxy(std::move(object)), operations_(operations), grant_(std::make_shared<Grant>()) {}

bool OwnedLockProxy::acquire(AcquireOptions options) const {
  wire::Scratch request;
  internal::encode_acquire(*request, options);
  return decode_acquired(*this, *grant_,
                         remote()->call(operations_.acquire, *request,
                                        internal::waiting(this->options(), options.timeout)));
}

void OwnedLockProxy::release() const {
  const std::uint64_t held = grant_->token;
  wire::Scratch request;
  remote()->call(operations_.release, *request, options());
  grant_->released(held);
}

bool OwnedLockProxy::locked() const {
  wire::Scratch request;
  return internal::decode_flag(remote()->call(operations_.locked, *request, options()));
}

std::uint64_t OwnedLockProxy::token() const {
  return grant_->is_of_this_process() ? grant_->token.load() : 0;
}

bool OwnedLockProxy::lost() const {
  const std::uint64_t token = this->token();
  if (token == 0) return false;
  if (grant_->incarnation != remote()->incarnation()) return true;
  try {
    wire::Scratch request;
    const internal::Reply reply = remote()->call(operations_.locked, *request, options());
    return !reply.boolean(1) || reply.uint(2) != token;
  } catch (const NoSession&) {
    return true;
  } catch (const NoSuchObject&) {
    return true;
  }
}

bool OwnedLockProxy::previous_owner_died() const {
  return grant_->is_of_this_process() && grant_->previous_owner_died;
}

AsyncLock OwnedLockProxy::async() const { return async(*this); }

AsyncLock OwnedLockProxy::async(const Proxy& through) const {
  return AsyncLock(through, operations_, grant_);
}

Future<bool> AsyncLock::acquire(const AcquireOptions& options) const {
  wire::Scratch request;
  internal::encode_acquire(*request, options);
  return {remote()->start(operations_.acquire, *request,
                          internal::waiting(this->options(), options.timeout)),
          [lock = Proxy(*this), grant = grant_](const internal::Reply& reply) {
            return decode_acquired(lock, *grant, reply);
          }};
}

Future<void> AsyncLock::release() const {
  wire::Scratch request;
  return {remote()->start(operations_.release, *request, options()),
          [grant = grant_, held = grant_->token.load()](const internal::Reply&) {
            // What was not held yet at the start was acquired by a call before this one.
            grant->released(held != 0 ? held : grant->token.load());
          }};
}

Future<bool> AsyncLock::locked() const {
  wire::Scratch request;
  return {remote()->start(operations_.locked, *request, options()), internal::decode_flag};
}

}  // namespace mp
