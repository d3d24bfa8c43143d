#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "mp/internal/remote_object.h"
#include "mp/proxy/owned_lock.h"
#include "mp/wire/message.h"

namespace mp::internal {

// What this thread was granted and has not released: one acquisition of a lock, or a permit. Nobody
// else's, as the manager has it too, so that no two threads ever look at the same one.
struct Grant {
  std::weak_ptr<const void> session;  // that it was granted to
  std::uint64_t incarnation;          // which of that session's
  std::uint64_t generation;           // the parent's grants are not the child's
  std::uint64_t object;               // id
  std::uint64_t token;
  bool previous_owner_died;
  Ownership ownership;
  // A release of it: none was started, or what became of that.
  enum class Release { kUnderWay, kDone, kUndone };
  std::shared_ptr<const std::atomic<Release>> release = nullptr;

  bool is_of(const RemoteObject& remote, Ownership of = Ownership::kExclusive) const;
  bool is_spent() const { return release != nullptr && *release == Release::kDone; }
  bool is_being_released() const { return release != nullptr && *release == Release::kUnderWay; }
};

// The last one of this object that is not spent; null if there is none. Valid until the next
// change.
const Grant* last_grant(const RemoteObject& object, Ownership of = Ownership::kExclusive);
std::size_t count_grants(const RemoteObject& object);

// A permit was granted, or the lock, or the lock once more to its owner. Replies that grant have
// the token as their field 2, and previous_owner_died as field 3.
void permit_granted(const RemoteObject& semaphore, const Reply& reply);
void lock_granted(const RemoteObject& lock, const Reply& reply,
                  Ownership of = Ownership::kExclusive);
// After a wait for a condition the lock is held anew, as often as before.
void lock_held_again(const RemoteObject& lock, const Reply& reply);
// So many of the last ones were released.
void forget_grants(const RemoteObject& object, std::size_t count,
                   Ownership of = Ownership::kExclusive);
void forget_all_grants(const RemoteObject& object, Ownership of = Ownership::kExclusive);

// An acquisition of a lock that was started, and whose outcome is not known yet.
class Acquisition {
 public:
  static std::shared_ptr<Acquisition> begin(std::shared_ptr<const RemoteObject> lock, Ownership of);
  Acquisition(std::shared_ptr<const RemoteObject> lock, Ownership of)
      : lock_(std::move(lock)), ownership_(of) {}

  // Takes its outcome: was it granted?
  bool end(const Reply& reply);

 private:
  friend std::function<void()> begin_release(std::shared_ptr<const RemoteObject>, Ownership);

  const std::shared_ptr<const RemoteObject> lock_;
  const Ownership ownership_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> released_{false};  // by what was started after it
};

// A release of this lock is started: to be called when it has run. It is of what is held now, or,
// if nothing is, of what the first acquisition under way will grant.
std::function<void()> begin_release(std::shared_ptr<const RemoteObject> lock,
                                    Ownership of = Ownership::kExclusive);

// A release of so many of this thread's permits, the last ones of which no other release is under
// way. Unless it is done they are held as before when this goes. Of any thread.
class PermitRelease {
 public:
  PermitRelease(const RemoteObject& semaphore, std::int64_t permits);
  ~PermitRelease();
  PermitRelease(const PermitRelease&) = delete;
  PermitRelease& operator=(const PermitRelease&) = delete;

  // Of a single permit; 0 if this thread holds none.
  std::uint64_t token() const { return token_; }
  void done() { *fate_ = Grant::Release::kDone; }

 private:
  const std::shared_ptr<std::atomic<Grant::Release>> fate_ =
      std::make_shared<std::atomic<Grant::Release>>(Grant::Release::kUnderWay);
  std::uint64_t token_ = 0;
};

// The same call, of which `then` is told if it is dropped and yet runs.
PendingReply if_dropped(PendingReply call, std::function<void()> then);

// The timeout and the lease of a request to acquire. Errors: ValueError for a lease of 0 or less.
void encode_acquire(wire::Message& request, const AcquireOptions& options);

// That an operation may wait for so long.
CallOptions waiting(CallOptions options, const TimeLimit& timeout);
// The same of one that acquires, and for whose outcome the thread waits at once.
CallOptions blocking(CallOptions options, const TimeLimit& timeout);

}  // namespace mp::internal
