#include "server/objects/owned_lock.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

absl::StatusOr<std::optional<OwnedLock::Granted>> OwnedLock::acquire(
    std::optional<Duration> timeout, std::optional<Duration> lease, Tell tell, Call& call) {
  if (absl::Status status = call.require_session(); !status.ok()) return status;
  if (lease && *lease <= Duration::zero())
    return error(v1::VALUE_ERROR, "a lease must be longer than 0");

  if (reentry_ == Reentry::kCounts && held_by(call.caller())) {
    ++grant_->count;
    if (call.undoable()) call.on_undo([this] { --grant_->count; });
    return Granted{grant_->token, false, grant_->count};
  }
  const Wanted wanted{.lease = lease, .tell = tell};
  if (grant_) {
    if (absl::Status status = call.park(timeout); !status.ok()) return status;
    waiters_.push(call, wanted);
    return std::nullopt;
  }
  if (call.undoable()) {
    call.on_undo([this, died = previous_owner_died_, late = expired_owner_] {
      grant_.reset();
      previous_owner_died_ = died;
      expired_owner_ = late;
    });
  }
  return grant(call.caller(), wanted, call.step());
}

absl::Status OwnedLock::release(Call& call) {
  if (!grant_ && expired_owner_ != call.caller() && reentry_ == Reentry::kWaits)
    return error(v1::VALUE_ERROR, "the lock is not held: it was released too many times");
  if (absl::Status status = require_owner(call); !status.ok()) return status;
  if (call.undoable()) call.on_undo([this, grant = *grant_] { grant_ = grant; });
  if (--grant_->count == 0) grant_.reset();
  return absl::OkStatus();
}

absl::Status OwnedLock::require_owner(const Call& call) const {
  return held_by(call.caller()) ? absl::OkStatus() : why_not_owner(call.caller());
}

absl::Status OwnedLock::why_not_owner(Owner caller) const {
  if (!grant_ && expired_owner_ == caller)
    return error(v1::NOT_OWNER, "the lock is not held any more: its lease ran out");
  if (!grant_)
    return error(
        v1::NOT_OWNER,
        "the lock is not held: it was released as often as it was acquired, or never acquired");
  return error(v1::NOT_OWNER,
               absl::StrCat("the lock is held by session ", grant_->owner.session, ", owner ",
                            grant_->owner.handle, ", and only its owner may do this"));
}

OwnedLock::Granted OwnedLock::grant(Owner owner, const Wanted& wanted, Step& step) {
  grant_ = Grant{.owner = owner,
                 .token = step.next_token(),
                 .since = step.now(),
                 .count = wanted.count,
                 .lease = wanted.lease,
                 .lease_ends = {}};
  expired_owner_.reset();
  if (wanted.lease) grant_->lease_ends = step.time_after(*wanted.lease);
  if (grant_->lease_ends) grant_->lease_alarm = step.alarm(*grant_->lease_ends, id_);
  return {grant_->token, std::exchange(previous_owner_died_, false), grant_->count};
}

void OwnedLock::settle(Step& step) {
  const auto lost = [&](const Wanted& wanted) { lose(wanted, step); };
  while (!grant_ && waiters_.front(step, lost) != nullptr) {
    const auto waiter = waiters_.pop();
    const Granted granted = grant(waiter.owner, waiter.detail, step);
    if (waiter.detail.user != nullptr) note_change();  // by an operation on another object
    waiter.detail.tell(&granted, step.answer(waiter.ticket).outcome());
  }
}

void OwnedLock::expire(Ticket ticket, Step& step) {
  if (const auto* waiter = waiters_.find(ticket)) {
    if (waiter->detail.user != nullptr) return;  // who has waited takes the lock, however long
    waiter->detail.tell(nullptr, step.answer(ticket, Altered::kNo).outcome());
    waiters_.remove(ticket);
  } else if (grant_ && ticket != 0 && grant_->lease_alarm == ticket) {
    const Owner late = grant_->owner;
    free_by_death();
    expired_owner_ = late;
  }
}

std::optional<OwnedLock::Wanted> OwnedLock::leave_line(Ticket ticket) {
  const auto* waiter = waiters_.find(ticket);
  if (waiter == nullptr) return std::nullopt;
  const Wanted wanted = waiter->detail;
  waiters_.remove(ticket);
  return wanted;
}

void OwnedLock::owner_gone(SessionId session, Step& step) {
  std::vector<Wanted> lost;  // told when the line is whole again, since that adds to it
  waiters_.remove_session(session, [&](const Wanted& wanted) { lost.push_back(wanted); });
  for (const Wanted& wanted : lost) lose(wanted, step);
  if (expired_owner_ && expired_owner_->session == session) expired_owner_.reset();
  if (grant_ && grant_->owner.session == session) free_by_death();
}

void OwnedLock::free_by_death() {
  grant_.reset();
  previous_owner_died_ = true;
  note_change();
}

void OwnedLock::dissolve(const absl::Status& why, Step& step) {
  for (User* user : users_) user->lock_gone(why, step);
  waiters_.dissolve(why, step);
}

bool OwnedLock::in_use() const {
  return grant_ || !waiters_.empty() || std::ranges::any_of(users_, &User::is_waited_for);
}

std::vector<Holding> OwnedLock::holders() const {
  if (!grant_) return {};
  return {{grant_->owner, grant_->since, grant_->token, grant_->lease_ends}};
}

WaitsFor OwnedLock::waits_for(Ticket ticket) const {
  const auto* waiter = waiters_.find_from_end(ticket);
  if (waiter == nullptr) return {};
  return {.holders = holders(), .ahead = {}, .until_granted = waiter->detail.user != nullptr};
}

OwnedLock::Wanted OwnedLock::let_go() {
  Wanted again{.lease = grant_->lease, .count = grant_->count};
  grant_.reset();
  note_change();
  return again;
}

void OwnedLock::want_again(Ticket ticket, Owner owner, Wanted wanted) {
  waiters_.push(ticket, owner, wanted);
}

void OwnedLock::forget_waiters_of(const User& user, const absl::Status& why, Step& step) {
  waiters_.dissolve_if(why, step, [&](const auto& waiter) { return waiter.detail.user == &user; });
}

void OwnedLock::take_back_grant(std::uint64_t token, bool previous_owner_died, Part part) {
  if (!holds_token(token)) return;
  note_change();
  if (part == Part::kEntry && --grant_->count != 0) return;
  grant_.reset();
  previous_owner_died_ = previous_owner_died;  // nobody has seen it yet
}

}  // namespace mp::server
