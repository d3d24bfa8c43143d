#pragma once

#include <memory>
#include <optional>
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
  bool awaits_alarm(Ticket) const override;
  void abandon(Ticket) override;
  void owner_gone(SessionId, Step&) override;
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Step&) override;
  bool holds_token(std::uint64_t token) const override;

  std::uint64_t length() const override { return value_; }
  std::size_t heap_bytes() const override { return granted_.capacity() * sizeof(Grant); }
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
  // All that a release or a grant can change.
  struct State {
    std::uint64_t value;
    bool signal;
    std::uint64_t died;
    std::vector<Grant> granted;
  };

  void grant(Owner owner, const Wanted& wanted, Step& step, v1::SemaphoreAcquireReply& reply);
  // Takes the grants out that a release of `count` by this owner ends, the last acquired first.
  // False: it holds none.
  bool end_grants(Owner owner, std::uint64_t count, std::uint64_t token);
  void keep_for_undo(Call& call);
  void come_back_by_death(std::size_t grants);

  const std::uint64_t at_first_;
  const bool bounded_;
  const bool made_as_signal_;
  bool signal_;
  std::uint64_t value_;
  std::uint64_t died_ = 0;      // of value_: permits whose last owner died
  std::vector<Grant> granted_;  // in order of the grants
  Waiters<Wanted> waiters_;
};

}  // namespace mp::server
