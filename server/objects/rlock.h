#pragma once

#include <memory>
#include <span>

#include "mp/v1/rlock.pb.h"
#include "server/objects/operations.h"
#include "server/objects/owned_lock.h"

namespace mp::server {

// A lock that its owner may acquire again, and releases as often. Re-entry keeps the token.
class RLock final : public OwnedLock {
 public:
  static absl::StatusOr<std::unique_ptr<RLock>> create(const v1::RLockCreateRequest&,
                                                       const ObjectLimits&);
  static std::span<const Operation> operations();

  RLock() : OwnedLock(Kind::kRLock, Reentry::kCounts) {}

  absl::Status acquire(const v1::RLockAcquireRequest&, v1::RLockAcquireReply&, Call&);
  absl::Status release(const v1::RLockReleaseRequest&, v1::RLockReleaseReply&, Call&);
  absl::Status locked(const v1::RLockLockedRequest&, v1::RLockLockedReply&, Call&) const;

  // One entry of as many as there are.
  void take_back(const v1::Outcome&, Owner) override;
};

}  // namespace mp::server
