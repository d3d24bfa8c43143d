#include "server/objects/barrier.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> Barrier::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum Growth;
  static constexpr std::array kRows = {
      operation<&Barrier::wait, &In::barrier_wait, &Out::mutable_barrier_wait>("Wait", kGives),
      operation<&Barrier::finish, &In::barrier_finish, &Out::mutable_barrier_finish>("Finish",
                                                                                     kMutates),
      operation<&Barrier::abort, &In::barrier_abort, &Out::mutable_barrier_abort>("Abort",
                                                                                  kMutates),
      operation<&Barrier::reset, &In::barrier_reset, &Out::mutable_barrier_reset>("Reset",
                                                                                  kMutates),
      operation<&Barrier::enlist, &In::barrier_enlist, &Out::mutable_barrier_enlist>(
          "Enlist", kMutates, kGrows),
      operation<&Barrier::state, &In::barrier_state, &Out::mutable_barrier_state>("State", kReads),
  };
  return kRows;
}

namespace {

absl::Status require_parties(std::uint64_t parties) {
  if (parties != 0) return absl::OkStatus();
  return error(v1::VALUE_ERROR, "a barrier needs 1 party or more");
}

void fill(v1::BarrierWaitReply& reply, std::uint64_t index, std::uint64_t generation,
          bool run_action) {
  reply.set_index(index);
  reply.set_generation(generation);
  reply.set_run_action(run_action);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Barrier>> Barrier::create(const v1::BarrierCreateRequest& request,
                                                         const ObjectLimits& limits) {
  if (absl::Status status = require_parties(request.parties()); !status.ok()) return status;
  if (request.parties() > limits.max_items) {
    return error(v1::LIMIT_EXCEEDED,
                 absl::StrCat("a barrier of ", request.parties(), " parties was asked for, and ",
                              limits.max_items, " may meet (limit --max-object-items)"));
  }
  return std::make_unique<Barrier>(request.parties(), timeout_of(request));
}

absl::Status Barrier::require_match(const v1::BarrierCreateRequest& request) const {
  if (request.parties() == parties_) return absl::OkStatus();
  if (absl::Status status = require_parties(request.parties()); !status.ok()) return status;
  return error(v1::WRONG_KIND, absl::StrCat("the barrier is one of ", parties_, " parties, not of ",
                                            request.parties()));
}

absl::Status Barrier::admit(const v1::BarrierWaitRequest& request, const Call& call) const {
  if (request.has_action()) {
    // The end of a runner without a session would not be noticed.
    if (absl::Status status = call.require_session(); !status.ok()) return status;
  }
  if (state_.broken != Broken::kNot) {
    return error(v1::BROKEN_BARRIER, absl::StrCat("the barrier is broken: ", why(),
                                                  "; mp.v1.Barrier/Reset makes it whole"));
  }
  return require_room_to_know(call);
}

// Who waits will be known, so that there must be room for all who do.
absl::Status Barrier::require_room_to_know(const Call& call) const {
  if (!known_.would_add(call.caller())) return absl::OkStatus();
  return call.require_room(known_.size(), length() + 1);
}

absl::Status Barrier::wait(const v1::BarrierWaitRequest& request, v1::BarrierWaitReply& reply,
                           Call& call) {
  if (call.undoable()) return call.park(std::nullopt);
  if (absl::Status status = admit(request, call); !status.ok()) return status;
  const bool last = line_.size() + 1 == parties_ && completes(call.step(), parties_);
  const bool runs_action = last && request.has_action();
  const auto has_action = [](const auto& waiter) { return waiter.detail.has_action; };
  if (runs_action || (last && std::ranges::none_of(line_, has_action))) {
    pass(runs_action, reply, call);
  } else {
    std::optional<Duration> timeout = timeout_of(request);
    if (!timeout && !request.forever()) timeout = timeout_;
    // No party is missing: what is left to wait for is the action of another one.
    if (last && timeout == Duration::zero()) timeout.reset();
    if (absl::Status status = call.park(timeout); !status.ok()) return status;
    line_.push(call, {.has_action = request.has_action()});
  }
  if (call.caller().session != 0) call.concern_session();
  return absl::OkStatus();
}

bool Barrier::completes(const Step& step, std::uint64_t arrivals) const {
  if (state_.runner || arrivals < parties_) return false;
  // One whose session has ended is about to break the barrier.
  const auto count = std::min<std::uint64_t>(line_.size(), parties_);
  return std::all_of(line_.begin(), std::next(line_.begin(), static_cast<std::ptrdiff_t>(count)),
                     [&](const auto& waiter) { return step.alive(waiter.owner.session); });
}

void Barrier::pass(bool runs_action, v1::BarrierWaitReply& reply, const Call& call) {
  fill(reply, line_.size(), state_.generation, runs_action);
  for (std::uint64_t index = 0; !line_.empty(); ++index) {
    const auto waiter = line_.pop();
    members_.push(waiter.ticket, waiter.owner, {.index = index});
  }
  if (runs_action) {
    state_.runner = call.caller();
  } else {
    end_generation(call.caller());
  }
}

void Barrier::take_generation(Step& step) {
  std::optional<std::uint64_t> runner;  // the last to arrive of those that can
  auto waiter = line_.begin();
  for (std::uint64_t index = 0; index < parties_; ++index, ++waiter) {
    if (waiter->detail.has_action) runner = index;
  }
  for (std::uint64_t index = 0; index < parties_; ++index) {
    const auto next = line_.pop();
    if (index != runner) {
      members_.push(next.ticket, next.owner, {.index = index});
      continue;
    }
    state_.runner = next.owner;
    fill(*step.answer(next.ticket).outcome().mutable_barrier_wait(), index, state_.generation,
         true);
  }
  if (!runner) end_generation(std::nullopt);
}

std::vector<Owner> Barrier::end_generation(std::optional<Owner> one_more) {
  std::vector<Owner> fresh;
  const auto know_and_tell = [&](Owner owner) {
    if (known_.add(owner)) fresh.push_back(owner);
  };
  for (const auto& member : members_) know_and_tell(member.owner);
  if (one_more) know_and_tell(*one_more);
  if (!members_.empty()) state_.finished = state_.generation;
  state_.runner.reset();
  ++state_.generation;
  return fresh;
}

void Barrier::release_members(std::uint64_t generation, Step& step) {
  while (members_.front(step) != nullptr) {
    const auto member = members_.pop();
    fill(*step.answer(member.ticket).outcome().mutable_barrier_wait(), member.detail.index,
         generation, false);
  }
}

absl::Status Barrier::finish(const v1::BarrierFinishRequest& request, v1::BarrierFinishReply&,
                             Call& call) {
  if (!state_.runner || request.generation() != state_.generation) {
    return error(v1::BROKEN_BARRIER,
                 absl::StrCat("no action of generation ", request.generation(), " is running: ",
                              "it is over, or the barrier broke or was reset meanwhile"));
  }
  if (state_.runner->session != call.caller().session) {
    return error(v1::NOT_OWNER,
                 absl::StrCat("the action is run by session ", state_.runner->session,
                              ", and only it can finish it"));
  }
  register_undo(call);
  if (request.failed()) {
    break_by(Broken::kActionFailed);
    return absl::OkStatus();
  }
  std::vector<Owner> fresh = end_generation(*state_.runner);
  if (call.undoable()) {
    call.on_undo([this, fresh = std::move(fresh)] {
      for (const Owner& party : fresh) known_.remove(party);
    });
  }
  return absl::OkStatus();
}

absl::Status Barrier::abort(const v1::BarrierAbortRequest&, v1::BarrierAbortReply&, Call& call) {
  register_undo(call);
  break_by(Broken::kAborted);
  return absl::OkStatus();
}

absl::Status Barrier::reset(const v1::BarrierResetRequest&, v1::BarrierResetReply&, Call& call) {
  register_undo(call);
  fail_all("the barrier was reset");
  start_generation();
  return absl::OkStatus();
}

absl::Status Barrier::enlist(const v1::BarrierEnlistRequest&, v1::BarrierEnlistReply&, Call& call) {
  if (absl::Status status = call.require_session(); !status.ok()) return status;
  if (absl::Status status = require_room_to_know(call); !status.ok()) return status;
  const Owner party = call.caller();
  const bool fresh = known_.add(party);
  if (fresh && call.undoable()) call.on_undo([this, party] { known_.remove(party); });
  call.concern_session();
  return absl::OkStatus();
}

absl::Status Barrier::state(const v1::BarrierStateRequest&, v1::BarrierStateReply& reply,
                            Call&) const {
  reply.set_parties(parties_);
  reply.set_waiting(length());
  reply.set_broken(state_.broken != Broken::kNot);
  reply.set_generation(state_.generation);
  reply.set_known(known_.size());
  return absl::OkStatus();
}

std::vector<Owner> Barrier::missing() const {
  if (length() == 0) return {};
  if (state_.runner) return {*state_.runner};
  absl::flat_hash_set<Owner> here;
  for (const auto& waiter : line_) here.insert(waiter.owner);
  std::vector<Owner> missing;
  known_.visit([&](Owner party) {
    if (!here.contains(party)) missing.push_back(party);
  });
  return missing;
}

void Barrier::register_undo(Call& call) {
  if (call.undoable()) call.on_undo([this, before = state_] { state_ = before; });
}

void Barrier::settle(Step& step) {
  if (const auto finished = std::exchange(state_.finished, std::nullopt)) {
    release_members(*finished, step);
  }
  if (const auto failure = std::exchange(state_.failure, std::nullopt)) {
    members_.dissolve(*failure, step);
    line_.dissolve(*failure, step);
  }
  while (completes(step, line_.size())) {
    take_generation(step);
    if (state_.finished) release_members(*std::exchange(state_.finished, std::nullopt), step);
  }
}

void Barrier::abandon(Ticket ticket) {
  if (!line_.remove(ticket)) members_.remove(ticket);
}

void Barrier::dissolve(const absl::Status& why, Step& step) {
  members_.dissolve(why, step);
  line_.dissolve(why, step);
}

std::size_t Barrier::heap_bytes() const {
  constexpr std::size_t kTreeNode = sizeof(Owner) + 4 * sizeof(void*);
  return known_.size() * kTreeNode + members_.size() * sizeof(Waiters<Member>::Waiter) +
         line_.size() * sizeof(Waiters<Arrival>::Waiter);
}

}  // namespace mp::server
