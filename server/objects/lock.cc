#include "server/objects/lock.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> Lock::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  static constexpr std::array kRows = {
      operation<&Lock::acquire, &In::lock_acquire, &Out::mutable_lock_acquire>("Acquire", kGives),
      operation<&Lock::release, &In::lock_release, &Out::mutable_lock_release>("Release", kMutates),
      operation<&Lock::locked, &In::lock_locked, &Out::mutable_lock_locked>("Locked", kReads),
  };
  return kRows;
}

absl::StatusOr<std::unique_ptr<Lock>> Lock::create(const v1::LockCreateRequest&,
                                                   const ObjectLimits&) {
  return std::make_unique<Lock>();
}

absl::Status Lock::acquire(const v1::LockAcquireRequest& request, v1::LockAcquireReply& reply,
                           Call& call) {
  if (absl::Status status = call.require_session(); !status.ok()) return status;
  Wanted wanted;
  if (request.has_lease()) {
    wanted.lease = duration_of(request.lease());
    if (*wanted.lease <= Duration::zero()) {
      return error(v1::VALUE_ERROR, "a lease must be longer than 0");
    }
  }
  if (grant_) {
    if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
    waiters_.push(call, wanted);
    return absl::OkStatus();
  }
  if (call.undoable())
    call.on_undo([this, died = previous_owner_died_, late = expired_owner_] {
      grant_.reset();
      previous_owner_died_ = died;
      expired_owner_ = late;
    });
  grant(call.caller(), wanted, call.event(), reply);
  return absl::OkStatus();
}

absl::Status Lock::release(const v1::LockReleaseRequest&, v1::LockReleaseReply&, Call& call) {
  if (!grant_ && expired_owner_ == call.caller()) {
    return error(v1::NOT_OWNER, "the lock is not held any more: its lease ran out");
  }
  if (!grant_)
    return error(v1::VALUE_ERROR, "the lock is not held: it was released too many times");
  if (grant_->owner != call.caller()) {
    return error(v1::NOT_OWNER,
                 absl::StrCat("the lock is held by session ", grant_->owner.session, ", owner ",
                              grant_->owner.handle, ", and only its owner may release it"));
  }
  if (call.undoable()) call.on_undo([this, grant = *grant_] { grant_ = grant; });
  grant_.reset();
  return absl::OkStatus();
}

absl::Status Lock::locked(const v1::LockLockedRequest&, v1::LockLockedReply& reply, Call&) const {
  reply.set_locked(grant_.has_value());
  if (grant_) reply.set_token(grant_->token);
  return absl::OkStatus();
}

void Lock::grant(Owner owner, const Wanted& wanted, Event& event, v1::LockAcquireReply& reply) {
  grant_ =
      Grant{.owner = owner, .token = event.next_token(), .since = event.now(), .lease_ends = {}};
  expired_owner_.reset();
  if (wanted.lease) grant_->lease_ends = event.time_after(*wanted.lease);
  if (grant_->lease_ends) grant_->lease_alarm = event.alarm(*grant_->lease_ends);
  reply.set_acquired(true);
  reply.set_token(grant_->token);
  reply.set_previous_owner_died(std::exchange(previous_owner_died_, false));
}

void Lock::settle(Event& event) {
  while (!grant_ && waiters_.front(event) != nullptr) {
    const auto waiter = waiters_.pop();
    grant(waiter.owner, waiter.detail, event,
          *event.answer(waiter.ticket).outcome().mutable_lock_acquire());
  }
}

void Lock::expire(Ticket ticket, Event& event) {
  if (waiters_.remove(ticket)) {
    event.answer(ticket).outcome().mutable_lock_acquire()->set_acquired(false);
  } else if (grant_ && ticket != 0 && grant_->lease_alarm == ticket) {
    expired_owner_ = grant_->owner;
    grant_.reset();
    previous_owner_died_ = true;
  }
}

void Lock::abandon(Ticket ticket) { waiters_.remove(ticket); }

void Lock::owner_gone(SessionId session, Event&) {
  waiters_.remove_session(session);
  if (expired_owner_ && expired_owner_->session == session) expired_owner_.reset();
  if (grant_ && grant_->owner.session == session) {
    grant_.reset();
    previous_owner_died_ = true;
  }
}

void Lock::take_back(const v1::Outcome& outcome, Owner) {
  const v1::LockAcquireReply& reply = outcome.lock_acquire();
  if (!reply.acquired() || !holds_token(reply.token())) return;
  grant_.reset();
  previous_owner_died_ = reply.previous_owner_died();  // nobody has seen it yet
}

void Lock::dissolve(const absl::Status& why, Event& event) { waiters_.dissolve(why, event); }

std::vector<Holding> Lock::holders() const {
  if (!grant_) return {};
  return {{grant_->owner, grant_->since, grant_->token, grant_->lease_ends}};
}

}  // namespace mp::server
