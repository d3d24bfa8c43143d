#include "server/objects/rlock.h"

#include <array>

namespace mp::server {

std::span<const Operation> RLock::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  static constexpr std::array kRows = {
      operation<&RLock::acquire, &In::rlock_acquire, &Out::mutable_rlock_acquire>("Acquire",
                                                                                  kGives),
      operation<&RLock::release, &In::rlock_release, &Out::mutable_rlock_release>("Release",
                                                                                  kMutates),
      operation<&RLock::locked, &In::rlock_locked, &Out::mutable_rlock_locked>("Locked", kReads),
  };
  return kRows;
}

namespace {

void fill(const OwnedLock::Granted* granted, v1::RLockAcquireReply& reply) {
  reply.set_acquired(granted != nullptr);
  if (granted == nullptr) return;
  reply.set_token(granted->token);
  reply.set_previous_owner_died(granted->previous_owner_died);
  reply.set_count(granted->count);
}

void tell(const OwnedLock::Granted* granted, v1::Outcome& outcome) {
  fill(granted, *outcome.mutable_rlock_acquire());
}

}  // namespace

absl::StatusOr<std::unique_ptr<RLock>> RLock::create(const v1::RLockCreateRequest&,
                                                     const ObjectLimits&) {
  return std::make_unique<RLock>();
}

absl::Status RLock::acquire(const v1::RLockAcquireRequest& request, v1::RLockAcquireReply& reply,
                            Call& call) {
  const auto granted = OwnedLock::acquire(request, &tell, call);
  if (granted.ok() && *granted) fill(&**granted, reply);
  return granted.status();
}

absl::Status RLock::release(const v1::RLockReleaseRequest&, v1::RLockReleaseReply&, Call& call) {
  return OwnedLock::release(call);
}

absl::Status RLock::locked(const v1::RLockLockedRequest&, v1::RLockLockedReply& reply,
                           Call&) const {
  reply.set_locked(count() != 0);
  reply.set_token(token());
  reply.set_count(count());
  return absl::OkStatus();
}

void RLock::take_back(const v1::Outcome& outcome, Owner) {
  const v1::RLockAcquireReply& reply = outcome.rlock_acquire();
  if (reply.acquired()) take_back_grant(reply.token(), reply.previous_owner_died(), Part::kEntry);
}

}  // namespace mp::server
