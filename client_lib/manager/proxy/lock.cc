#include "mp/proxy/lock.h"

#include <atomic>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"
#include "mp/proxy/methods/call.h"

namespace mp {

namespace {

using Operation = wire::Operation;

void encode_acquire(wire::Message& request, const AcquireOptions& options) {
  if (const internal::Timeout timeout = options.timeout.nanoseconds()) {
    request.duration(3, *timeout);
  }
  if (const internal::Timeout lease = options.lease.nanoseconds()) {
    if (*lease <= std::chrono::nanoseconds::zero()) {
      throw ValueError("the lease of a lock must be longer than zero");
    }
    request.duration(4, *lease);
  }
}

// This thread's last unlock(), if it failed.
struct FailedUnlock {
  std::uint64_t lock = 0;
  std::string reason;
};
thread_local FailedUnlock last_failed_unlock;

}  // namespace

// What this process knows of the lock's last grant to it. All atomic, since a child may be forked
// while another thread writes.
struct LockProxy::Grant {
  std::atomic<std::uint64_t> token{0};
  std::atomic<std::uint64_t> incarnation{0};  // of the session that it was granted to
  std::atomic<std::uint64_t> generation{0};   // the parent's grants are not the child's
  std::atomic<bool> previous_owner_died{false};

  bool is_of_this_process() const { return generation == internal::fork_generation(); }
};

LockProxy::LockProxy(std::shared_ptr<const internal::RemoteObject> object)
    : Proxy(std::move(object)), grant_(std::make_shared<Grant>()) {}

internal::CallOptions LockProxy::waiting(const Proxy& lock, const AcquireOptions& options) {
  internal::CallOptions waiting;
  waiting.fence = lock.fence();
  waiting.may_wait = true;
  waiting.wait = options.timeout.nanoseconds();
  return waiting;
}

bool LockProxy::decode_acquired(const Proxy& lock, Grant& grant, const internal::Reply& reply) {
  if (!reply.boolean(1)) return false;
  grant.generation = internal::fork_generation();
  grant.incarnation = lock.remote()->incarnation();
  grant.previous_owner_died = reply.boolean(3);
  grant.token = reply.uint(2);
  return true;
}

bool LockProxy::acquire(AcquireOptions options) const {
  wire::Scratch request;
  encode_acquire(*request, options);
  return decode_acquired(
      *this, *grant_, remote()->call(Operation::kLockAcquire, *request, waiting(*this, options)));
}

void LockProxy::release() const {
  wire::Scratch request;
  remote()->call(Operation::kLockRelease, *request, options());
  grant_->token = 0;
}

bool LockProxy::locked() const {
  wire::Scratch request;
  return internal::decode_flag(remote()->call(Operation::kLockLocked, *request, options()));
}

void LockProxy::unlock() const noexcept {
  try {
    try {
      release();
      last_failed_unlock = {};
    } catch (const std::exception& error) {
      std::fprintf(stderr, "mp: unlock failed: %s\n", error.what());
      last_failed_unlock = {id(), error.what()};
    }
  } catch (...) {  // no memory to say so
  }
}

std::uint64_t LockProxy::token() const {
  return grant_->is_of_this_process() ? grant_->token.load() : 0;
}

bool LockProxy::lost() const {
  const std::uint64_t token = this->token();
  if (token == 0) return false;
  if (grant_->incarnation != remote()->incarnation()) return true;
  try {
    wire::Scratch request;
    const internal::Reply reply = remote()->call(Operation::kLockLocked, *request, options());
    return !reply.boolean(1) || reply.uint(2) != token;
  } catch (const NoSession&) {
    return true;
  } catch (const NoSuchObject&) {
    return true;
  }
}

bool LockProxy::previous_owner_died() const {
  return grant_->is_of_this_process() && grant_->previous_owner_died;
}

std::string LockProxy::last_error() const {
  return last_failed_unlock.lock == id() ? last_failed_unlock.reason : std::string();
}

AsyncLock LockProxy::async() const { return AsyncLock(*this, grant_); }

AsyncLock LockProxy::async(const Proxy& through) const { return AsyncLock(through, grant_); }

Future<bool> AsyncLock::acquire(const AcquireOptions& options) const {
  wire::Scratch request;
  encode_acquire(*request, options);
  return {remote()->start(Operation::kLockAcquire, *request, LockProxy::waiting(*this, options)),
          [lock = Proxy(*this), grant = grant_](const internal::Reply& reply) {
            return LockProxy::decode_acquired(lock, *grant, reply);
          }};
}

Future<void> AsyncLock::release() const {
  wire::Scratch request;
  return {remote()->start(Operation::kLockRelease, *request, options()),
          [grant = grant_](const internal::Reply&) { grant->token = 0; }};
}

Future<bool> AsyncLock::locked() const {
  wire::Scratch request;
  return {remote()->start(Operation::kLockLocked, *request, options()), internal::decode_flag};
}

}  // namespace mp
