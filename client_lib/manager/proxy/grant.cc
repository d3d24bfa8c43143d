#include "client_lib/manager/proxy/grant.h"

#include <algorithm>

#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {

bool Grant::is_of_this_process() const { return generation == fork_generation(); }

void Grant::acquired(const RemoteObject& lock, const Reply& reply) {
  const bool again = is_of_this_process() && token == reply.uint(2);
  hold(lock, reply, again ? count + 1 : 1,
       reply.boolean(3) || (again && previous_owner_died.load()));
}

void Grant::held_again(const RemoteObject& lock, const Reply& reply, std::uint64_t count_before) {
  hold(lock, reply, std::max<std::uint64_t>(count_before, 1), reply.boolean(3));
}

void Grant::hold(const RemoteObject& lock, const Reply& reply, std::uint64_t times, bool died) {
  generation = fork_generation();
  incarnation = lock.incarnation();
  previous_owner_died = died;
  count = times;
  token = reply.uint(2);
}

void Grant::released(std::uint64_t held_token) {
  if (token != held_token) return;  // another thread holds the lock by now
  if (count > 1) {
    --count;
  } else {
    token.compare_exchange_strong(held_token, 0);
  }
}

void encode_acquire(wire::Message& request, const AcquireOptions& options) {
  if (const Timeout timeout = options.timeout.nanoseconds()) request.duration(3, *timeout);
  if (const Timeout lease = options.lease.nanoseconds()) {
    if (*lease <= std::chrono::nanoseconds::zero())
      throw ValueError("a lease must be longer than zero");
    request.duration(4, *lease);
  }
}

CallOptions waiting(CallOptions options, const TimeLimit& timeout) {
  options.may_wait = true;
  options.wait = timeout.nanoseconds();
  return options;
}

}  // namespace mp::internal
