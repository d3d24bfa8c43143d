#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "mp/v1/semaphore.pb.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"
#include "server/objects/waiters.h"

namespace mp::server {

// Permits, granted in order of arrival. A permit is owned, until it becomes clear that the
// semaphore is a signal:
//
//                                                     release by who holds none
//   owning: permits come back by release, by the ────────────────────────────────► signal: permits
//           end of the owner's session or lease                                    belong to nobody
//
// Invariant: value_ + granted_.size() is constant while owning, but for releases of more than were
// held, and for signals.
// Invariant: value_ <= at_first_ if bounded.
// Invariant: a signal has no grants.
// Invariant, after settle(): nobody waits while value_ > 0.
class Semaphore final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Semaphore>> create(const v1::SemaphoreCreateRequest&,
                                                           const ObjectLimits&);
  static std::span<const Operation> operations();

  explicit Semaphore(const v1::SemaphoreCreateRequest& request);

  absl::Status acquire(const v1::SemaphoreAcquireRequest&, v1::SemaphoreAcquireReply&, Call&);
  absl::Status release(const v1::SemaphoreReleaseRequest&, v1::SemaphoreReleaseReply&, Call&);
  absl::Status get_value(const v1::SemaphoreGetValueRequest&, v1::SemaphoreGetValueReply&,
                         Call&) const;
  absl::Status require_match(const v1::SemaphoreCreateRequest&) const;

  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  bool awaits_alarm(Ticket ticket) const override { return leases_.contains(ticket); }
  void abandon(Ticket) override;
  void owner_gone(SessionId, Step&) override;
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Step&) override;
  bool holds_token(std::uint64_t token) const override;

  std::uint64_t length() const override { return value_; }
  std::size_t heap_bytes() const override { return granted_.capacity() * sizeof(Grant); }
  std::vector<Holding> holders() const override;
  // Only a bounded one is of seats, which their holders give up. Any other may be used as a signal,
  // though nobody has yet released who holds none: then anybody may end the wait.
  WaitsFor waits_for(Ticket) const override {
    if (!bounded_) return {};
    return {.holders = holders(), .needs = WaitsFor::Needs::kAnyToLetGo, .ahead = {}};
  }
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
  // A grant that was ended, and where it stood.
  struct Ended {
    std::size_t at;
    Grant grant;
  };

  std::uint64_t most() const;
  void grant(Owner owner, const Wanted& wanted, Step& step, v1::SemaphoreAcquireReply& reply);
  Grant end_grant(std::size_t at);
  // Ends the grants that a release of `count` by this owner gives back, the last acquired first.
  std::vector<Ended> end_grants(Owner owner, std::uint64_t count, std::uint64_t token);
  void restore_grants(std::vector<Ended> ended);
  // Ends all grants that meet the condition: their permits come back as those of the dead.
  template <class Condition>
  void end_by_death(Condition condition);

  const std::uint64_t at_first_;
  const bool bounded_;
  const bool made_as_signal_;
  bool signal_;
  std::uint64_t value_;
  std::uint64_t died_ = 0;      // of value_: permits whose last owner died
  std::vector<Grant> granted_;  // in order of the grants
  std::set<Ticket> leases_;     // the alarms of those that have one
  Waiters<Wanted> waiters_;
};

}  // namespace mp::server
