#include "mp/proxy/semaphore.h"

#include <memory>
#include <string>
#include <utility>

#include "client_lib/manager/proxy/grant.h"
#include "mp/errors.h"
#include "mp/proxy/methods/call.h"

namespace mp {

namespace {

using wire::Operation;
using Remote = std::shared_ptr<const internal::RemoteObject>;

bool decode_acquired(const Remote& semaphore, const internal::Reply& reply) {
  if (!reply.boolean(1)) return false;
  if (reply.uint(2) == 0) {  // it is a signal, whose permits are nobody's
    internal::forget_all_grants(*semaphore);
  } else {
    internal::permit_granted(*semaphore, reply);
  }
  return true;
}

void encode_release(wire::Message& request, std::int64_t permits, std::uint64_t token) {
  if (permits < 1) throw ValueError("release at least 1 permit, not " + std::to_string(permits));
  if (permits > 1) request.uint(3, static_cast<std::uint64_t>(permits));
  if (token != 0) request.uint(4, token);
}

}  // namespace

bool SemaphoreProxy::acquire(AcquireOptions options) const {
  wire::Scratch request;
  internal::encode_acquire(*request, options);
  return decode_acquired(remote(),
                         remote()->call(Operation::kSemaphoreAcquire, *request,
                                        internal::blocking(this->options(), options.timeout)));
}

void SemaphoreProxy::release(std::int64_t permits) const {
  // With its token, a permit that was lost is not given back twice, which would make the semaphore
  // a signal.
  internal::PermitRelease release(*remote(), permits);
  wire::Scratch request;
  encode_release(*request, permits, release.token());
  try {
    remote()->call(Operation::kSemaphoreRelease, *request, options());
  } catch (const NotOwnerError&) {
    release.done();  // it was lost
    throw;
  }
  release.done();
}

bool SemaphoreProxy::is_signal() const {
  wire::Scratch request;
  return remote()->call(Operation::kSemaphoreGetValue, *request, options()).boolean(3);
}

std::size_t SemaphoreProxy::get_value() const {
  wire::Scratch request;
  return internal::decode_count(remote()->call(Operation::kSemaphoreGetValue, *request, options()));
}

std::uint64_t SemaphoreProxy::token() const {
  const internal::Grant* permit = internal::last_grant(*remote());
  return permit == nullptr ? 0 : permit->token;
}

bool SemaphoreProxy::previous_owner_died() const {
  const internal::Grant* permit = internal::last_grant(*remote());
  return permit != nullptr && permit->previous_owner_died;
}

AsyncSemaphore SemaphoreProxy::async() const { return async(*this); }

AsyncSemaphore SemaphoreProxy::async(const Proxy& through) const {
  return AsyncSemaphore(through, *this);
}

Future<bool> AsyncSemaphore::acquire(const AcquireOptions& options) const {
  wire::Scratch request;
  internal::encode_acquire(*request, options);
  return {remote()->start(Operation::kSemaphoreAcquire, *request,
                          internal::waiting(this->options(), options.timeout)),
          [semaphore = semaphore_.remote()](const internal::Reply& reply) {
            return decode_acquired(semaphore, reply);
          }};
}

Future<void> AsyncSemaphore::release(std::int64_t permits) const {
  // With its token, as SemaphoreProxy::release(). The permit is spent once the call is sure to run,
  // whatever becomes of it: at once, and in a batch when that is committed.
  const auto release = std::make_shared<internal::PermitRelease>(*semaphore_.remote(), permits);
  wire::Scratch request;
  encode_release(*request, permits, release->token());
  internal::PendingReply call = remote()->start(Operation::kSemaphoreRelease, *request, options());
  call.when_sure([release] { release->done(); });
  return {std::move(call), [](const internal::Reply&) {}};
}

Future<std::size_t> AsyncSemaphore::get_value() const {
  wire::Scratch request;
  return {remote()->start(Operation::kSemaphoreGetValue, *request, options()),
          internal::decode_count};
}

}  // namespace mp
