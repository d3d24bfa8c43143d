#pragma once

#include <memory>
#include <span>
#include <utility>

#include "mp/v1/condition.pb.h"
#include "server/objects/operations.h"
#include "server/objects/with_lock.h"

namespace mp::server {

// A condition variable over a lock: an RLock of its own, or another object of the same shard: a
// Lock, an RLock, or one that has an RLock (with_lock.h). Without that, if it is deleted, it can't
// be used.
//
//                    wait                  notify, timeout             settle() of the lock
//   holds the lock ──────► waits here ───────────────────► in the lock's line ────────────►
//   answered
//                          (lock let go)                                   (holds it again)
//
// A notification whose waiter ends before it has the lock passes to the next one here.
// Invariant: who waits here, or stands in the lock's line for this condition, holds no lock.
class Condition final : public WithLock, private OwnedLock::User {
 public:
  static absl::StatusOr<std::unique_ptr<Condition>> create(const v1::ConditionCreateRequest&,
                                                           const ObjectLimits&,
                                                           const Related& lock);
  static Target related(const v1::ConditionCreateRequest&);
  static std::span<const Operation> operations();

  Condition(std::shared_ptr<OwnedLock> shared_lock, std::uint64_t lock_id)
      : WithLock(Kind::kCondition), shared_lock_(std::move(shared_lock)), shared_lock_id_(lock_id) {
    if (shared_lock_ != nullptr) shared_lock_->add_user(*this);
  }
  ~Condition() override {
    if (shared_lock_ != nullptr) shared_lock_->remove_user(*this);
  }

  absl::Status wait(const v1::ConditionWaitRequest&, v1::ConditionWaitReply&, Call&);
  absl::Status notify(const v1::ConditionNotifyRequest&, v1::ConditionNotifyReply&, Call&);
  absl::Status which_lock(const v1::ConditionLockRequest&, v1::ConditionLockReply&, Call&) const;
  absl::Status require_match(const v1::ConditionCreateRequest&, const Related& lock) const;

  // The lock of a condition over another one's is taken there.
  Object* facet(Kind kind) override;
  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  void abandon(Ticket) override;
  void owner_gone(SessionId, Step&) override;
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Step&) override;

  Object* companion() override { return shared_lock_.get(); }

  bool holds_token(std::uint64_t token) const override {
    if (shared_lock_ == nullptr) return WithLock::holds_token(token);
    return !lock_gone_ && shared_lock_->holds_token(token);
  }

  // Who waits to be notified waits for nobody: anybody who gets the lock may do it.
  WaitsFor waits_for(Ticket ticket) const override {
    return shared_lock_ != nullptr ? shared_lock_->waits_for(ticket) : WithLock::waits_for(ticket);
  }

  std::uint64_t length() const override { return waiters_.size(); }
  std::size_t heap_bytes() const override;
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const override;

 private:
  void lost_in_line(OwnedLock::Tell tell, Step& step) override;
  void lock_gone(const absl::Status& why, Step& step) override;
  bool is_waited_for() const override { return !waiters_.empty(); }

  // NOT_OWNER unless the caller holds the lock, NO_SUCH_OBJECT if that is gone.
  absl::Status require_lock(const Call& call);
  OwnedLock& lock() { return shared_lock_ ? *shared_lock_ : own_lock(); }
  // Of the object that is named to take it.
  std::uint64_t lock_id() const { return shared_lock_ ? shared_lock_id_ : id(); }
  // Sends the first who waits here into the lock's line; false if there is none.
  bool wake_next(Step& step);
  // Puts a waiter, who will be told this, into the lock's line.
  void send_to_lock(Ticket ticket, Owner owner, OwnedLock::Wanted wanted, OwnedLock::Tell tell,
                    Step& step);

  const std::shared_ptr<OwnedLock> shared_lock_;  // null: it has its own
  const std::uint64_t shared_lock_id_;
  bool lock_gone_ = false;
  std::uint64_t wakes_ = 0;  // how many of those that wait are notified, and sent off by settle()
  Waiters<OwnedLock::Wanted> waiters_;
};

}  // namespace mp::server
