#pragma once

#include <memory>
#include <span>

#include "mp/v1/lock.pb.h"
#include "server/objects/operations.h"
#include "server/objects/owned_lock.h"

namespace mp::server {

// A lock whose owner waits like anybody if it acquires it again.
class Lock final : public OwnedLock {
 public:
  static absl::StatusOr<std::unique_ptr<Lock>> create(const v1::LockCreateRequest&,
                                                      const ObjectLimits&);
  static std::span<const Operation> operations();

  Lock() : OwnedLock(Kind::kLock, Reentry::kWaits) {}

  absl::Status acquire(const v1::LockAcquireRequest&, v1::LockAcquireReply&, Call&);
  absl::Status release(const v1::LockReleaseRequest&, v1::LockReleaseReply&, Call&);
  absl::Status locked(const v1::LockLockedRequest&, v1::LockLockedReply&, Call&) const;

  void take_back(const v1::Outcome&, Owner) override;
};

}  // namespace mp::server
