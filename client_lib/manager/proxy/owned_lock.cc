#include "mp/proxy/owned_lock.h"

#include <functional>
#include <utility>

#include "client_lib/manager/proxy/grant.h"
#include "mp/errors.h"
#include "mp/proxy/methods/call.h"

namespace mp {

using internal::Grant;

OwnedLockProxy::OwnedLockProxy(std::shared_ptr<const internal::RemoteObject> object,
                               const internal::LockOperations& operations)
    : Proxy(std::move(object)), operations_(operations) {}

bool OwnedLockProxy::acquire(AcquireOptions options) const {
  wire::Scratch request;
  internal::encode_acquire(*request, options);
  const internal::Reply reply = remote()->call(
      operations_.acquire, *request, internal::blocking(this->options(), options.timeout));
  if (!reply.boolean(1)) return false;
  internal::lock_granted(*remote(), reply, operations_.ownership);
  return true;
}

void OwnedLockProxy::release() const {
  const std::function<void()> released = internal::begin_release(remote(), operations_.ownership);
  wire::Scratch request;
  remote()->call(operations_.release, *request, options());
  released();
}

bool OwnedLockProxy::locked() const {
  wire::Scratch request;
  return internal::decode_flag(remote()->call(operations_.locked, *request, options()));
}

std::uint64_t OwnedLockProxy::token() const {
  const Grant* grant = internal::last_grant(*remote(), operations_.ownership);
  return grant == nullptr ? 0 : grant->token;
}

bool OwnedLockProxy::lost() const {
  const Grant* grant = internal::last_grant(*remote(), operations_.ownership);
  if (grant == nullptr) return false;
  if (grant->incarnation != remote()->incarnation()) return true;
  const std::uint64_t token = grant->token;
  try {
    wire::Scratch request;
    const internal::Reply reply = remote()->call(operations_.locked, *request, {});  // no fence
    return !reply.boolean(1) || reply.uint(2) != token;
  } catch (const NoSession&) {
    return true;
  } catch (const NoSuchObject&) {
    return true;
  }
}

bool OwnedLockProxy::previous_owner_died() const {
  const Grant* grant = internal::last_grant(*remote(), operations_.ownership);
  return grant != nullptr && grant->previous_owner_died;
}

AsyncLock OwnedLockProxy::async() const { return async(*this); }

AsyncLock OwnedLockProxy::async(const Proxy& through) const {
  return AsyncLock(through, operations_, remote());
}

Future<bool> AsyncLock::acquire(const AcquireOptions& options) const {
  wire::Scratch request;
  internal::encode_acquire(*request, options);
  return {remote()->start(operations_.acquire, *request,
                          internal::waiting(this->options(), options.timeout)),
          [acquisition = internal::Acquisition::begin(lock_, operations_.ownership)](
              const internal::Reply& reply) { return acquisition->end(reply); }};
}

Future<void> AsyncLock::release() const {
  wire::Scratch request;
  const std::function<void()> released = internal::begin_release(lock_, operations_.ownership);
  return {internal::if_dropped(remote()->start(operations_.release, *request, options()), released),
          [released](const internal::Reply&) { released(); }};
}

Future<bool> AsyncLock::locked() const {
  wire::Scratch request;
  return {remote()->start(operations_.locked, *request, options()), internal::decode_flag};
}

}  // namespace mp
