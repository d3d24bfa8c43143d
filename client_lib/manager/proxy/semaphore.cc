#include "mp/proxy/semaphore.h"

#include <string>
#include <vector>

#include "client_lib/manager/proxy/grant.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"
#include "mp/proxy/methods/call.h"

namespace mp {

namespace {

using wire::Operation;
using Remote = std::shared_ptr<const internal::RemoteObject>;

// What this thread knows of the permit that it acquired last through a semaphore's handle, which
// copies of a proxy share.
struct Permit {
  std::weak_ptr<const internal::RemoteObject> semaphore;
  std::uint64_t generation;  // the parent's permits are not the child's
  std::uint64_t token;
  bool previous_owner_died;

  bool is_of(const Remote& remote) const {
    return !semaphore.owner_before(remote) && !remote.owner_before(semaphore);
  }
};
thread_local std::vector<Permit> last_permits;

const Permit* last_permit(const Remote& semaphore) {
  for (const Permit& permit : last_permits) {
    if (permit.generation == internal::fork_generation() && permit.is_of(semaphore)) return &permit;
  }
  return nullptr;
}

void forget_permit(const Remote& semaphore) {
  std::erase_if(last_permits, [&](const Permit& permit) {
    return permit.semaphore.expired() || permit.is_of(semaphore);
  });
}

bool decode_acquired(const Remote& semaphore, const internal::Reply& reply) {
  if (!reply.boolean(1)) return false;
  forget_permit(semaphore);
  last_permits.push_back({semaphore, internal::fork_generation(), reply.uint(2), reply.boolean(3)});
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
                                        internal::waiting(this->options(), options.timeout)));
}

void SemaphoreProxy::release(std::int64_t permits) const {
  // With its token, a permit that was lost is not given back twice, which would make the semaphore
  // a signal.
  const std::uint64_t token = permits == 1 ? this->token() : 0;
  forget_permit(remote());
  wire::Scratch request;
  encode_release(*request, permits, token);
  remote()->call(Operation::kSemaphoreRelease, *request, options());
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
  const Permit* permit = last_permit(remote());
  return permit == nullptr ? 0 : permit->token;
}

bool SemaphoreProxy::previous_owner_died() const {
  const Permit* permit = last_permit(remote());
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
  // With its token, as SemaphoreProxy::release().
  const std::uint64_t token = permits == 1 ? semaphore_.token() : 0;
  wire::Scratch request;
  encode_release(*request, permits, token);
  return {remote()->start(Operation::kSemaphoreRelease, *request, options()),
          [semaphore = semaphore_.remote()](const internal::Reply&) { forget_permit(semaphore); }};
}

Future<std::size_t> AsyncSemaphore::get_value() const {
  wire::Scratch request;
  return {remote()->start(Operation::kSemaphoreGetValue, *request, options()),
          internal::decode_count};
}

}  // namespace mp
