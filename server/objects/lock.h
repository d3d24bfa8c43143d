#pragma once

#include <memory>
#include <optional>
#include <span>

#include "mp/v1/lock.pb.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"
#include "server/objects/waiters.h"

namespace mp::server {

// A lock with an owner, granted in order of arrival.
//
//            acquire / settle()                 release, owner_gone, lease over
//   free ────────────────────────► held(owner, token, lease) ────────────────────► free
//
// A grant that ends with its owner's session or its lease is told to the next owner.
// Invariant: tokens only grow; a token is held while, and only while, its grant is.
// Invariant: previous_owner_died_ only while free; whoever is granted the lock learns it, and
// nobody else.
class Lock final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Lock>> create(const v1::LockCreateRequest&,
                                                      const ObjectLimits&);
  static std::span<const Operation> operations();

  Lock() : Object(Kind::kLock) {}

  absl::Status acquire(const v1::LockAcquireRequest&, v1::LockAcquireReply&, Call&);
  absl::Status release(const v1::LockReleaseRequest&, v1::LockReleaseReply&, Call&);
  absl::Status locked(const v1::LockLockedRequest&, v1::LockLockedReply&, Call&) const;

  void settle(Event&) override;
  void expire(Ticket, Event&) override;
  bool awaits_alarm(Ticket ticket) const override {
    return grant_ && grant_->lease_alarm == ticket;
  }
  void abandon(Ticket) override;
  void owner_gone(SessionId, Event&) override;
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Event&) override;
  bool holds_token(std::uint64_t token) const override { return grant_ && grant_->token == token; }

  std::uint64_t length() const override { return grant_ ? 1 : 0; }
  std::size_t heap_bytes() const override { return 0; }
  std::vector<Holding> holders() const override;
  void visit_refs(const std::function<void(std::uint64_t)>&) const override {}

 private:
  struct Grant {
    Owner owner;
    std::uint64_t token;
    Time since;
    std::optional<Time> lease_ends;
    Ticket lease_alarm = 0;
  };
  struct Wanted {
    std::optional<Duration> lease;
  };

  void grant(Owner owner, const Wanted& wanted, Event& event, v1::LockAcquireReply& reply);

  std::optional<Grant> grant_;
  bool previous_owner_died_ = false;
  std::optional<Owner> expired_owner_;  // whose lease ran out, until the next grant
  Waiters<Wanted> waiters_;
};

}  // namespace mp::server
