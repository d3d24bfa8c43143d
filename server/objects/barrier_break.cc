#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/objects/barrier.h"
#include "server/objects/error.h"

// How a barrier breaks, and becomes whole again.

namespace mp::server {

void Barrier::break_by(Broken reason, SessionId dead) {
  state_.broken = reason;
  state_.dead = dead;
  state_.runner.reset();
  fail_all(absl::StrCat("the barrier broke: ",
                        reason == Broken::kTimeout ? "another party's wait timed out" : why()));
}

std::string Barrier::why() const {
  switch (state_.broken) {
    case Broken::kNot:
      break;
    case Broken::kTimeout:
      return "a party's wait timed out";
    case Broken::kAborted:
      return "it was aborted";
    case Broken::kPartyDied:
      return absl::StrCat("session ", state_.dead, " ended, which was a party of it");
    case Broken::kActionFailed:
      return "its action failed, or never began";
  }
  return "";
}

// The answers themselves are for settle(), so that this can be undone.
void Barrier::fail_all(const std::string& message) {
  if (length() != 0 && !state_.failure) state_.failure = error(v1::BROKEN_BARRIER, message);
}

void Barrier::start_generation() {
  state_.broken = Broken::kNot;
  state_.dead = 0;
  state_.runner.reset();
  ++state_.generation;
}

void Barrier::heal() {
  if (state_.broken != Broken::kPartyDied || !known_.empty()) return;
  start_generation();
  note_change();
}

void Barrier::expire(Ticket ticket, Step& step) {
  std::string arrived;
  if (line_.find(ticket) != nullptr) {
    arrived = absl::StrCat(std::min<std::uint64_t>(line_.size(), parties_), " of ", parties_,
                           " parties had arrived");
  } else if (members_.find(ticket) != nullptr) {
    arrived = absl::StrCat("all of ", parties_, " parties had arrived, and the action was running");
  } else {
    return;
  }
  step.answer(ticket).fail(
      error(v1::BROKEN_BARRIER,
            absl::StrCat("the time of this wait ran out, which breaks the barrier: ", arrived)));
  abandon(ticket);
  break_by(Broken::kTimeout);
  note_change();
}

void Barrier::owner_gone(SessionId session, Step&) {
  const bool was_known = known_.forget(session);
  const bool took_part = leave(session);
  if (was_known || took_part) break_by_end_of(session);
  heal();
}

void Barrier::owner_closed(SessionId session, Step&) {
  known_.forget(session);
  if (leave(session)) break_by_end_of(session);
  heal();
}

// Why it is broken already stays what later arrivals are told.
void Barrier::break_by_end_of(SessionId session) {
  if (state_.broken != Broken::kNot) return;
  // Who waited with the dead one knows of it, and it is not whole again before they are gone.
  for (const auto& member : members_) known_.add(member.owner);
  for (const auto& waiter : line_) known_.add(waiter.owner);
  if (state_.runner && state_.runner->session != session) known_.add(*state_.runner);
  break_by(Broken::kPartyDied, session);
  note_change();
}

bool Barrier::leave(SessionId session) {
  const std::uint64_t waited = length();
  members_.remove_session(session);
  line_.remove_session(session);
  return length() != waited || (state_.runner && state_.runner->session == session);
}

void Barrier::take_back(const v1::Outcome& outcome, Owner) {
  const v1::BarrierWaitReply& reply = outcome.barrier_wait();
  const bool acting = state_.runner && reply.generation() == state_.generation;
  if (!acting || !reply.run_action()) return;
  break_by(Broken::kActionFailed);
  note_change();
}

}  // namespace mp::server
