#include "server/objects/count_down_latch.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> CountDownLatch::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum Growth;
  static constexpr std::array kRows = {
      operation<&CountDownLatch::count_down, &In::count_down_latch_count_down,
                &Out::mutable_count_down_latch_count_down>("CountDown", kMutates),
      // Its outcome is kept: one that ran again, because its outcome was lost, would wait for a
      // count that was set meanwhile.
      operation<&CountDownLatch::wait, &In::count_down_latch_wait,
                &Out::mutable_count_down_latch_wait>("Wait", kMutates),
      operation<&CountDownLatch::get_count, &In::count_down_latch_get_count,
                &Out::mutable_count_down_latch_get_count>("GetCount", kReads),
      operation<&CountDownLatch::try_set_count, &In::count_down_latch_try_set_count,
                &Out::mutable_count_down_latch_try_set_count>("TrySetCount", kMutates),
      operation<&CountDownLatch::enlist, &In::count_down_latch_enlist,
                &Out::mutable_count_down_latch_enlist>("Enlist", kMutates, kGrows),
  };
  return kRows;
}

namespace {

absl::Status require_count(std::uint64_t count) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (count <= kMost) return absl::OkStatus();
  return error(v1::VALUE_ERROR, "a latch counts from 2^63 - 1 at most");
}

}  // namespace

absl::StatusOr<std::unique_ptr<CountDownLatch>> CountDownLatch::create(
    const v1::CountDownLatchCreateRequest& request, const ObjectLimits&) {
  if (absl::Status status = require_count(request.count()); !status.ok()) return status;
  return std::make_unique<CountDownLatch>(request.count());
}

absl::Status CountDownLatch::count_down(const v1::CountDownLatchCountDownRequest& request,
                                        v1::CountDownLatchCountDownReply& reply, Call& call) {
  const bool late = request.generation() != 0 && request.generation() != state_.generation;
  if (!late && state_.count != 0) {
    register_undo(call);
    const std::uint64_t counted =
        std::min(std::max<std::uint64_t>(request.count(), 1), state_.count);
    state_.count -= counted;
    reply.set_counted(counted);
    const auto promise = state_.promises.find(call.caller().session);
    if (promise != state_.promises.end()) {
      promise->second.owed -= std::min(promise->second.owed, counted);
      if (promise->second.owed == 0) state_.promises.erase(promise);
    }
    if (state_.count == 0) state_ = {.count = 0, .generation = state_.generation};
  }
  reply.set_count(state_.count);
  reply.set_generation(state_.generation);
  return reply.counted() == 0 ? call.alters_nothing() : absl::OkStatus();
}

absl::Status CountDownLatch::wait(const v1::CountDownLatchWaitRequest& request,
                                  v1::CountDownLatchWaitReply& reply, Call& call) {
  if (state_.count == 0) {
    reply.set_reached(true);
    return call.alters_nothing();
  }
  if (is_broken()) return why_broken();
  if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
  waiters_.push(call, {state_.generation});
  return absl::OkStatus();
}

absl::Status CountDownLatch::get_count(const v1::CountDownLatchGetCountRequest&,
                                       v1::CountDownLatchGetCountReply& reply, Call&) const {
  reply.set_count(state_.count);
  reply.set_generation(state_.generation);
  reply.set_promised(promised());
  reply.set_broken(is_broken());
  return absl::OkStatus();
}

absl::Status CountDownLatch::try_set_count(const v1::CountDownLatchTrySetCountRequest& request,
                                           v1::CountDownLatchTrySetCountReply& reply, Call& call) {
  if (request.count() == 0) return error(v1::VALUE_ERROR, "a latch is set to a count of 1 or more");
  if (absl::Status status = require_count(request.count()); !status.ok()) return status;
  if (state_.count == 0 || is_broken()) {
    register_undo(call);
    state_ = {.count = request.count(), .generation = state_.generation + 1};
    reply.set_set(true);
  }
  reply.set_generation(state_.generation);
  return reply.set() ? absl::OkStatus() : call.alters_nothing();
}

absl::Status CountDownLatch::enlist(const v1::CountDownLatchEnlistRequest& request,
                                    v1::CountDownLatchEnlistReply&, Call& call) {
  if (absl::Status status = call.require_session(); !status.ok()) return status;
  if (is_broken()) return why_broken();
  const std::uint64_t count = std::max<std::uint64_t>(request.count(), 1);
  const std::uint64_t before = std::min(promised(), state_.count);
  if (count > state_.count - before) {
    return error(v1::VALUE_ERROR,
                 absl::StrCat("nobody can promise to count down ", count, ": ", state_.count,
                              " is left to count, of which ", before, " is promised"));
  }
  const SessionId session = call.caller().session;
  if (!state_.promises.contains(session)) {
    if (absl::Status status = call.require_room(state_.promises.size()); !status.ok())
      return status;
  }
  register_undo(call);
  state_.promises.try_emplace(session, Promise{0, call.now()}).first->second.owed += count;
  call.concern_session();
  return absl::OkStatus();
}

std::uint64_t CountDownLatch::promised() const {
  std::uint64_t sum = 0;
  for (const auto& [session, promise] : state_.promises) sum += promise.owed;
  return sum;
}

void CountDownLatch::register_undo(Call& call) {
  if (!call.undoable()) return;
  call.on_undo([this, before = state_] { state_ = before; },
               state_.promises.size() * sizeof(Promises::value_type));
}

absl::Status CountDownLatch::why_broken() const {
  return error(v1::BROKEN_BARRIER,
               absl::StrCat("the latch is broken: session ", state_.dead, " ended, which owed ",
                            state_.lost, " of the ", state_.count,
                            " that are left to count; mp.v1.CountDownLatch/TrySetCount begins "
                            "anew"));
}

void CountDownLatch::settle(Step& step) {
  while (const auto* first = waiters_.front(step)) {
    const bool reached = state_.count == 0 || first->detail.generation != state_.generation;
    if (!reached) break;
    Answer answer = step.answer(waiters_.pop().ticket, Altered::kNo);
    answer.outcome().mutable_count_down_latch_wait()->set_reached(true);
  }
  if (is_broken()) waiters_.dissolve(why_broken(), step);
}

void CountDownLatch::expire(Ticket ticket, Step& step) {
  if (!waiters_.remove(ticket)) return;
  Answer answer = step.answer(ticket, Altered::kNo);
  answer.outcome().mutable_count_down_latch_wait()->set_reached(false);
}

void CountDownLatch::abandon(Ticket ticket) { waiters_.remove(ticket); }

void CountDownLatch::owner_gone(SessionId session, Step&) {
  waiters_.remove_session(session);
  const auto promise = state_.promises.find(session);
  if (promise == state_.promises.end()) return;
  if (!is_broken()) {
    state_.dead = session;
    state_.lost = std::min(promise->second.owed, state_.count);
  }
  state_.promises.erase(promise);
  note_change();
}

void CountDownLatch::dissolve(const absl::Status& why, Step& step) { waiters_.dissolve(why, step); }

std::size_t CountDownLatch::heap_bytes() const {
  constexpr std::size_t kTreeNode = sizeof(Promises::value_type) + 4 * sizeof(void*);
  return state_.promises.size() * kTreeNode + waiters_.size() * sizeof(Waiters<Waiting>::Waiter);
}

std::vector<Holding> CountDownLatch::holders() const {
  std::vector<Holding> holders;
  for (const auto& [session, promise] : state_.promises)
    holders.push_back({.owner = {.session = session}, .since = promise.since, .lease_ends = {}});
  return holders;
}

}  // namespace mp::server
