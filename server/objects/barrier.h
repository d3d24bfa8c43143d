#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mp/v1/barrier.pb.h"
#include "server/objects/known_parties.h"
#include "server/objects/operations.h"
#include "server/objects/waiters.h"

namespace mp::server {

// Where a fixed number of parties wait for one another, generation after generation.
//
//              the last party arrives, and none has an action: all are answered
//             ┌──┐
//             ▼  │  the last party arrives, and one has an action: it is answered, to run it
//           filling ───────────────────────────────────────────────────────────► acting
//            ▲ │ ▲                 finish: all others are answered                 │ │
//            │ │ └─────────────────────────────────────────────────────────────────┘ │
//     reset, │ │  timeout, abort, a party's end                                      │
//     heal   │ ▼                                                                     │
//           broken ◄─────────────────────────────────────────────────────────────────┘
//                        the same, and: the action fails, or its runner ends
//
// A party is known from the end of the first generation that it was in, or since it enlisted, until
// its session ends; a reset doesn't change who is known. A known party's death breaks the barrier
// even where it does not wait. A barrier that a death broke heals when no known party is left.
//
// Who gives up a wait has not arrived; during the action, which runs already, it holds nobody up.
// The last to arrive finds nobody missing: it passes even with a timeout of 0, with which it waits
// for an action that another one runs as if it had none.
//
// Each way from one state to `filling` starts a new generation, so that what belongs to an old one
// (a late finish) is told apart. Who arrives while acting waits in line for the next generation.
//
// Invariant: members_ is empty unless acting, or settle() is yet to answer them.
// Invariant, after settle(): nobody waits while broken; unless acting, or held up by a party whose
// session has ended and is not swept yet, fewer than `parties` stand in line.
class Barrier final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Barrier>> create(const v1::BarrierCreateRequest&,
                                                         const ObjectLimits&);
  static std::span<const Operation> operations();

  // `timeout`: of a wait that has none of its own; none: for ever.
  Barrier(std::uint64_t parties, std::optional<Duration> timeout)
      : Object(Kind::kBarrier), parties_(parties), timeout_(timeout), known_(parties) {}

  absl::Status wait(const v1::BarrierWaitRequest&, v1::BarrierWaitReply&, Call&);
  absl::Status finish(const v1::BarrierFinishRequest&, v1::BarrierFinishReply&, Call&);
  absl::Status abort(const v1::BarrierAbortRequest&, v1::BarrierAbortReply&, Call&);
  absl::Status reset(const v1::BarrierResetRequest&, v1::BarrierResetReply&, Call&);
  absl::Status enlist(const v1::BarrierEnlistRequest&, v1::BarrierEnlistReply&, Call&);
  absl::Status state(const v1::BarrierStateRequest&, v1::BarrierStateReply&, Call&) const;
  absl::Status require_match(const v1::BarrierCreateRequest&) const;

  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  void abandon(Ticket) override;
  void owner_gone(SessionId, Step&) override;
  void owner_closed(SessionId, Step&) override;
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Step&) override;

  std::uint64_t length() const override { return members_.size() + line_.size(); }
  std::vector<Owner> missing() const override;
  std::size_t heap_bytes() const override;
  void visit_refs(const std::function<void(std::uint64_t)>&) const override {}

 private:
  enum class Broken : std::uint8_t { kNot, kTimeout, kAborted, kPartyDied, kActionFailed };
  // One who stands in line for a generation that is not complete.
  struct Arrival {
    bool has_action;
  };
  // One who waits for the end of the action.
  struct Member {
    std::uint64_t index;
  };
  // All that operations change, but for who is known and who waits.
  struct State {
    std::uint64_t generation = 1;
    Broken broken = Broken::kNot;
    SessionId dead = 0;           // whose end broke it
    std::optional<Owner> runner;  // of the action: while acting
    // What settle() is yet to do: release the members of this generation, then fail all who wait.
    std::optional<std::uint64_t> finished;
    std::optional<absl::Status> failure;
  };

  // Why it is broken, as a clause.
  std::string why() const;
  void register_undo(Call& call);

  // May the caller wait?
  absl::Status admit(const v1::BarrierWaitRequest&, const Call&) const;
  absl::Status require_room_to_know(const Call&) const;
  // Is the generation complete with so many in line?
  bool completes(const Step& step, std::uint64_t arrivals) const;
  // The caller, who is the last to arrive, need not wait.
  void pass(bool runs_action, v1::BarrierWaitReply& reply, const Call& call);
  // Takes a generation that is complete out of the line: its action runs, or it is over.
  void take_generation(Step& step);
  // All who were in the generation, the members and `one_more`, are known now. Gives those who were
  // not before.
  std::vector<Owner> end_generation(std::optional<Owner> one_more);
  void release_members(std::uint64_t generation, Step& step);
  // After a break or a reset.
  void start_generation();

  void break_by(Broken reason, SessionId dead = 0);
  void fail_all(const std::string& message);
  void heal();

  void break_by_end_of(SessionId session);
  // Takes its waits out; true if it waited, or runs the action.
  bool leave(SessionId session);

  const std::uint64_t parties_;
  const std::optional<Duration> timeout_;
  State state_;
  KnownParties known_;
  Waiters<Member> members_;
  Waiters<Arrival> line_;
};

}  // namespace mp::server
