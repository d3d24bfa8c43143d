#include "server/objects/rwlock.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> RWLock::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  static constexpr std::array kRows = {
      operation<&RWLock::acquire_read, &In::rwlock_acquire_read, &Out::mutable_rwlock_acquire_read>(
          "AcquireRead", kGives),
      operation<&RWLock::release_read, &In::rwlock_release_read, &Out::mutable_rwlock_release_read>(
          "ReleaseRead", kMutates),
      operation<&RWLock::read_locked, &In::rwlock_read_locked, &Out::mutable_rwlock_read_locked>(
          "ReadLocked", kReads),
      operation<&RWLock::acquire_write, &In::rwlock_acquire_write,
                &Out::mutable_rwlock_acquire_write>("AcquireWrite", kGives),
      operation<&RWLock::release_write, &In::rwlock_release_write,
                &Out::mutable_rwlock_release_write>("ReleaseWrite", kMutates),
      operation<&RWLock::write_locked, &In::rwlock_write_locked, &Out::mutable_rwlock_write_locked>(
          "WriteLocked", kReads),
  };
  return kRows;
}

absl::StatusOr<std::unique_ptr<RWLock>> RWLock::create(const v1::RWLockCreateRequest&,
                                                       const ObjectLimits&) {
  return std::make_unique<RWLock>();
}

namespace {

absl::Status upgrade_refused() {
  return error(v1::DEADLOCK,
               "the caller holds the lock for reading, and would wait for itself to write: release "
               "the read lock first, or acquire the write lock before it");
}

}  // namespace

RWLock::Grant* RWLock::grant_of(Owner owner, Access access) {
  if (access == Access::kWrite) {
    return writer_ && writer_->owner == owner ? &writer_->grant : nullptr;
  }
  const auto reader = readers_.find(owner);
  return reader == readers_.end() ? nullptr : &reader->second;
}

void RWLock::end_grant(Owner owner, Access access) {
  if (access == Access::kWrite) return writer_.reset();
  const auto reader = readers_.find(owner);
  read_leases_.erase(reader->second.lease_alarm);
  readers_.erase(reader);
}

void RWLock::leave(Owner owner, Access access) {
  if (--grant_of(owner, access)->count == 0) end_grant(owner, access);
}

void RWLock::restore(Owner owner, Access access, const Grant& grant) {
  if (access == Access::kWrite) {
    writer_ = Writer{owner, grant};
    return;
  }
  readers_.insert_or_assign(owner, grant);
  if (grant.lease_alarm != 0) read_leases_.insert_or_assign(grant.lease_alarm, owner);
}

RWLock::Grant& RWLock::grant(Owner owner, const Wanted& wanted, Step& step) {
  Grant grant{.token = step.next_token(), .since = step.now(), .count = 1, .lease_ends = {}};
  if (wanted.lease) grant.lease_ends = step.time_after(*wanted.lease);
  if (grant.lease_ends) grant.lease_alarm = step.alarm(*grant.lease_ends);
  restore(owner, wanted.access, grant);
  return *grant_of(owner, wanted.access);
}

template <class Reply>
void RWLock::enter(Owner owner, const Wanted& wanted, Step& step, Reply& reply) {
  Grant* held = grant_of(owner, wanted.access);
  if (held != nullptr) {
    ++held->count;
  } else {
    held = &grant(owner, wanted, step);
    reply.set_previous_owner_died(writer_died_);
    if (wanted.access == Access::kWrite) writer_died_ = false;
  }
  reply.set_acquired(true);
  reply.set_token(held->token);
}

template <class Request, class Reply>
absl::Status RWLock::acquire(Access access, const Request& request, Reply& reply, Call& call) {
  if (absl::Status status = call.require_session(); !status.ok()) return status;
  const Owner caller = call.caller();
  Wanted wanted{.access = access, .lease = {}, .since = call.now()};
  if (request.has_lease()) wanted.lease = duration_of(request.lease());
  if (wanted.lease && *wanted.lease <= Duration::zero())
    return error(v1::VALUE_ERROR, "a lease must be longer than 0");

  const bool again = grant_of(caller, access) != nullptr;
  if (!again && access == Access::kWrite && grant_of(caller, Access::kRead) != nullptr)
    return upgrade_refused();
  // A writer need not stand in line to read.
  const bool at_once =
      again || is_writer(caller) || (is_free_for(access) && waiters_.front(call.step()) == nullptr);
  if (!at_once) {
    if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
    waiters_.push(call, wanted);
    return absl::OkStatus();
  }
  if (call.undoable()) {
    call.on_undo([this, caller, access, died = writer_died_] {
      leave(caller, access);
      writer_died_ = died;
    });
  }
  enter(caller, wanted, call.step(), reply);
  return absl::OkStatus();
}

absl::Status RWLock::release(Access access, Call& call) {
  const Owner caller = call.caller();
  Grant* held = grant_of(caller, access);
  if (held == nullptr) {
    return error(
        v1::NOT_OWNER,
        absl::StrCat("session ", caller.session, ", owner ", caller.handle,
                     " does not hold the lock for ",
                     access == Access::kRead ? "reading" : "writing",
                     ": it never acquired it, released it as often, or its lease ran out"));
  }
  if (call.undoable()) {
    call.on_undo([this, caller, access, before = *held] { restore(caller, access, before); });
  }
  leave(caller, access);
  return absl::OkStatus();
}

absl::Status RWLock::acquire_read(const v1::RWLockAcquireReadRequest& request,
                                  v1::RWLockAcquireReadReply& reply, Call& call) {
  return acquire(Access::kRead, request, reply, call);
}

absl::Status RWLock::acquire_write(const v1::RWLockAcquireWriteRequest& request,
                                   v1::RWLockAcquireWriteReply& reply, Call& call) {
  return acquire(Access::kWrite, request, reply, call);
}

absl::Status RWLock::release_read(const v1::RWLockReleaseReadRequest&, v1::RWLockReleaseReadReply&,
                                  Call& call) {
  return release(Access::kRead, call);
}

absl::Status RWLock::release_write(const v1::RWLockReleaseWriteRequest&,
                                   v1::RWLockReleaseWriteReply&, Call& call) {
  return release(Access::kWrite, call);
}

absl::Status RWLock::read_locked(const v1::RWLockReadLockedRequest&,
                                 v1::RWLockReadLockedReply& reply, Call& call) const {
  reply.set_locked(!readers_.empty());
  reply.set_readers(readers_.size());
  const auto reader = readers_.find(call.caller());
  if (reader != readers_.end()) reply.set_token(reader->second.token);
  return absl::OkStatus();
}

absl::Status RWLock::write_locked(const v1::RWLockWriteLockedRequest&,
                                  v1::RWLockWriteLockedReply& reply, Call&) const {
  reply.set_locked(writer_.has_value());
  if (writer_) reply.set_token(writer_->grant.token);
  return absl::OkStatus();
}

void RWLock::settle(Step& step) {
  while (const auto* first = waiters_.front(step)) {
    if (!is_free_for(first->detail.access)) return;
    const auto waiter = waiters_.pop();
    serve(waiter.ticket, waiter.owner, waiter.detail, step);
    serve_others_of(waiter.owner, step);
  }
}

void RWLock::serve(Ticket ticket, Owner owner, const Wanted& wanted, Step& step) {
  v1::Outcome& outcome = step.answer(ticket).outcome();
  if (wanted.access == Access::kWrite) {
    enter(owner, wanted, step, *outcome.mutable_rwlock_acquire_write());
  } else {
    enter(owner, wanted, step, *outcome.mutable_rwlock_acquire_read());
  }
}

void RWLock::serve_others_of(Owner owner, Step& step) {
  const auto is_its = [&](const auto& waiter) { return waiter.owner == owner; };
  while (true) {
    const auto at = std::find_if(waiters_.begin(), waiters_.end(), is_its);
    if (at == waiters_.end()) return;
    const auto waiter = *at;
    waiters_.remove(waiter.ticket);
    if (waiter.detail.access == Access::kRead || is_writer(owner)) {
      serve(waiter.ticket, owner, waiter.detail, step);
    } else {
      step.answer(waiter.ticket).fail(upgrade_refused());
    }
  }
}

void RWLock::expire(Ticket ticket, Step& step) {
  if (const auto* waiter = waiters_.find(ticket)) {
    v1::Outcome& outcome = step.answer(ticket, Altered::kNo).outcome();
    if (waiter->detail.access == Access::kRead) {
      outcome.mutable_rwlock_acquire_read()->set_acquired(false);
    } else {
      outcome.mutable_rwlock_acquire_write()->set_acquired(false);
    }
    waiters_.remove(ticket);
  } else if (writer_ && ticket != 0 && writer_->grant.lease_alarm == ticket) {
    writer_.reset();
    writer_died_ = true;
    note_change();
  } else if (const auto reader = read_leases_.find(ticket); reader != read_leases_.end()) {
    end_grant(Owner(reader->second), Access::kRead);
    note_change();
  }
}

bool RWLock::awaits_alarm(Ticket ticket) const {
  return (writer_ && writer_->grant.lease_alarm == ticket) || read_leases_.contains(ticket);
}

void RWLock::abandon(Ticket ticket) { waiters_.remove(ticket); }

void RWLock::owner_gone(SessionId session, Step&) {
  waiters_.remove_session(session);
  const std::size_t held = readers_.size() + (writer_ ? 1 : 0);
  if (writer_ && writer_->owner.session == session) {
    writer_.reset();
    writer_died_ = true;
  }
  for (auto reader = readers_.lower_bound({.session = session});
       reader != readers_.end() && reader->first.session == session;) {
    read_leases_.erase(reader->second.lease_alarm);
    reader = readers_.erase(reader);
  }
  if (readers_.size() + (writer_ ? 1 : 0) != held) note_change();
}

void RWLock::take_back(const v1::Outcome& outcome, Owner) {
  if (outcome.has_rwlock_acquire_read()) {
    const std::uint64_t token = outcome.rwlock_acquire_read().token();
    const auto reader = std::ranges::find_if(
        readers_, [&](const auto& entry) { return entry.second.token == token; });
    if (reader == readers_.end()) return;
    leave(Owner(reader->first), Access::kRead);
    return note_change();
  }
  const v1::RWLockAcquireWriteReply& reply = outcome.rwlock_acquire_write();
  if (!writer_ || writer_->grant.token != reply.token()) return;
  leave(Owner(writer_->owner), Access::kWrite);
  note_change();
  if (!writer_) writer_died_ = reply.previous_owner_died();  // nobody has seen it yet
}

void RWLock::dissolve(const absl::Status& why, Step& step) { waiters_.dissolve(why, step); }

bool RWLock::holds_token(std::uint64_t token) const {
  if (writer_ && writer_->grant.token == token) return true;
  return std::ranges::any_of(readers_,
                             [&](const auto& reader) { return reader.second.token == token; });
}

std::size_t RWLock::heap_bytes() const {
  constexpr std::size_t kTreeNode = sizeof(Readers::value_type) + 4 * sizeof(void*);
  return readers_.size() * kTreeNode + waiters_.size() * sizeof(Waiters<Wanted>::Waiter);
}

std::vector<Holding> RWLock::holders() const {
  std::vector<Holding> holders;
  const auto add = [&](Owner owner, const Grant& grant) {
    holders.push_back({owner, grant.since, grant.token, grant.lease_ends});
  };
  if (writer_) add(writer_->owner, writer_->grant);
  for (const auto& [owner, grant] : readers_) add(owner, grant);
  return holders;
}

}  // namespace mp::server
