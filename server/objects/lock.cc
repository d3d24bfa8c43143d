#include "server/objects/lock.h"

#include <array>

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

namespace {

void fill(const OwnedLock::Granted* granted, v1::LockAcquireReply& reply) {
  reply.set_acquired(granted != nullptr);
  if (granted == nullptr) return;
  reply.set_token(granted->token);
  reply.set_previous_owner_died(granted->previous_owner_died);
}

void tell(const OwnedLock::Granted* granted, v1::Outcome& outcome) {
  fill(granted, *outcome.mutable_lock_acquire());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Lock>> Lock::create(const v1::LockCreateRequest&,
                                                   const ObjectLimits&) {
  return std::make_unique<Lock>();
}

absl::Status Lock::acquire(const v1::LockAcquireRequest& request, v1::LockAcquireReply& reply,
                           Call& call) {
  const auto granted = OwnedLock::acquire(request, &tell, call);
  if (granted.ok() && *granted) fill(&**granted, reply);
  return granted.status();
}

absl::Status Lock::release(const v1::LockReleaseRequest&, v1::LockReleaseReply&, Call& call) {
  return OwnedLock::release(call);
}

absl::Status Lock::locked(const v1::LockLockedRequest&, v1::LockLockedReply& reply, Call&) const {
  reply.set_locked(count() != 0);
  reply.set_token(token());
  return absl::OkStatus();
}

void Lock::take_back(const v1::Outcome& outcome, Owner) {
  const v1::LockAcquireReply& reply = outcome.lock_acquire();
  if (reply.acquired()) take_back_grant(reply.token(), reply.previous_owner_died(), Part::kWhole);
}

}  // namespace mp::server
