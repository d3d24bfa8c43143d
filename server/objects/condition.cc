#include "server/objects/condition.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> Condition::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  static constexpr std::array kRows = {
      operation<&Condition::wait, &In::condition_wait, &Out::mutable_condition_wait>("Wait",
                                                                                     kGives),
      operation<&Condition::notify, &In::condition_notify, &Out::mutable_condition_notify>(
          "Notify", kMutates),
      operation<&Condition::which_lock, &In::condition_lock, &Out::mutable_condition_lock>("Lock",
                                                                                           kReads),
  };
  return kRows;
}

namespace {

void tell(bool notified, const OwnedLock::Granted& granted, v1::Outcome& outcome) {
  v1::ConditionWaitReply& reply = *outcome.mutable_condition_wait();
  reply.set_notified(notified);
  reply.set_token(granted.token);
  reply.set_previous_owner_died(granted.previous_owner_died);
}

// Both are only told of a grant: who waits for a condition gets the lock, however long it takes.
void tell_notified(const OwnedLock::Granted* granted, v1::Outcome& outcome) {
  tell(true, *granted, outcome);
}
void tell_timed_out(const OwnedLock::Granted* granted, v1::Outcome& outcome) {
  tell(false, *granted, outcome);
}

// The lock that an object is or has, which keeps that object; null if there is none.
std::shared_ptr<OwnedLock> lock_of(const std::shared_ptr<Object>& object) {
  Object* lock = object->facet(Kind::kLock);
  if (lock == nullptr) lock = object->facet(Kind::kRLock);
  return {object, static_cast<OwnedLock*>(lock)};
}

}  // namespace

Target Condition::related(const v1::ConditionCreateRequest& request) {
  return {.name = request.lock_name(), .id = request.lock_id()};
}

absl::StatusOr<std::unique_ptr<Condition>> Condition::create(const v1::ConditionCreateRequest&,
                                                             const ObjectLimits&,
                                                             const Related& lock) {
  if (lock.object == nullptr) return std::make_unique<Condition>(nullptr, 0);
  std::shared_ptr<OwnedLock> shared = lock_of(lock.object);
  if (shared == nullptr) {
    return error(v1::WRONG_KIND,
                 "a condition is over a lock or an rlock, and the object neither is nor has one");
  }
  return std::make_unique<Condition>(std::move(shared), lock.id);
}

absl::Status Condition::require_match(const v1::ConditionCreateRequest&,
                                      const Related& lock) const {
  if (lock.id == 0 || lock.id == lock_id()) return absl::OkStatus();
  return error(v1::WRONG_KIND, "the condition is over another lock");
}

Object* Condition::facet(Kind kind) {
  if (shared_lock_ == nullptr) return WithLock::facet(kind);
  return kind == this->kind() ? this : nullptr;
}

absl::Status Condition::require_lock(const Call& call) {
  if (!lock_gone_) return lock().require_owner(call);
  return error(v1::NO_SUCH_OBJECT, "the lock that the condition is over was deleted");
}

absl::Status Condition::wait(const v1::ConditionWaitRequest& request, v1::ConditionWaitReply&,
                             Call& call) {
  if (absl::Status status = call.require_session(); !status.ok()) return status;
  if (absl::Status status = require_lock(call); !status.ok()) return status;
  if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
  waiters_.push(call, lock().let_go());
  if (shared_lock_ == nullptr) note_change();
  return absl::OkStatus();
}

absl::Status Condition::notify(const v1::ConditionNotifyRequest& request,
                               v1::ConditionNotifyReply& reply, Call& call) {
  if (absl::Status status = require_lock(call); !status.ok()) return status;
  const std::uint64_t asleep = waiters_.size() - wakes_;
  const std::uint64_t count = request.count() == 0 ? 1 : request.count();
  const std::uint64_t woken = request.all() ? asleep : std::min(count, asleep);
  if (woken == 0) return call.alters_nothing();
  wakes_ += woken;
  if (call.undoable()) call.on_undo([this, woken] { wakes_ -= woken; });
  reply.set_woken(woken);
  return absl::OkStatus();
}

absl::Status Condition::which_lock(const v1::ConditionLockRequest&, v1::ConditionLockReply& reply,
                                   Call& call) const {
  const Kind kind = shared_lock_ == nullptr ? Kind::kRLock : shared_lock_->kind();
  reply.mutable_lock()->set_id(lock_id());
  reply.mutable_lock()->set_kind(std::string(name_of(kind)));
  call.answer().retain(lock_id());
  return absl::OkStatus();
}

void Condition::send_to_lock(Ticket ticket, Owner owner, OwnedLock::Wanted wanted,
                             OwnedLock::Tell tell, Step& step) {
  wanted.tell = tell;
  wanted.user = this;
  lock().want_again(ticket, owner, wanted);
  step.stands_in_line(ticket);
}

void Condition::settle(Step& step) {
  while (wakes_ != 0 && wake_next(step)) --wakes_;
  wakes_ = 0;
  lock().settle(step);
}

bool Condition::wake_next(Step& step) {
  if (waiters_.front(step) == nullptr) return false;
  const auto waiter = waiters_.pop();
  send_to_lock(waiter.ticket, waiter.owner, waiter.detail, &tell_notified, step);
  return true;
}

void Condition::expire(Ticket ticket, Step& step) {
  if (const auto* waiter = waiters_.find(ticket)) {
    send_to_lock(ticket, waiter->owner, waiter->detail, &tell_timed_out, step);
    waiters_.remove(ticket);
  } else if (shared_lock_ != nullptr) {
    shared_lock_->expire(ticket, step);
  } else {
    WithLock::expire(ticket, step);
  }
}

void Condition::lost_in_line(OwnedLock::Tell tell, Step& step) {
  if (tell == &tell_notified) wake_next(step);
}

void Condition::lock_gone(const absl::Status& why, Step& step) {
  lock_gone_ = true;
  waiters_.dissolve(why, step);
}

void Condition::abandon(Ticket ticket) {
  if (waiters_.remove(ticket)) return;
  const std::optional<OwnedLock::Wanted> wanted = lock().leave_line(ticket);
  if (wanted && wanted->tell == &tell_notified) ++wakes_;  // settle() wakes the next one instead
}

void Condition::owner_gone(SessionId session, Step& step) {
  waiters_.remove_session(session);
  if (shared_lock_ != nullptr) return shared_lock_->owner_gone(session, step);
  WithLock::owner_gone(session, step);
}

void Condition::take_back(const v1::Outcome& outcome, Owner owner) {
  if (!outcome.has_condition_wait()) {
    if (shared_lock_ != nullptr) return shared_lock_->take_back(outcome, owner);
    return WithLock::take_back(outcome, owner);
  }
  const v1::ConditionWaitReply& reply = outcome.condition_wait();
  note_change();
  lock().take_back_grant(reply.token(), reply.previous_owner_died(), OwnedLock::Part::kWhole);
  if (reply.notified()) ++wakes_;
}

void Condition::dissolve(const absl::Status& why, Step& step) {
  waiters_.dissolve(why, step);
  if (shared_lock_ != nullptr) {
    shared_lock_->forget_waiters_of(*this, why, step);
  } else {
    WithLock::dissolve(why, step);
  }
}

std::size_t Condition::heap_bytes() const {
  return waiters_.size() * sizeof(Waiters<OwnedLock::Wanted>::Waiter);
}

void Condition::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  if (shared_lock_ != nullptr) visit(shared_lock_id_);
}

}  // namespace mp::server
