#include "server/objects/event.h"

#include <array>

namespace mp::server {

std::span<const Operation> Event::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  static constexpr std::array kRows = {
      operation<&Event::set, &In::event_set, &Out::mutable_event_set>("Set", kMutates),
      operation<&Event::clear, &In::event_clear, &Out::mutable_event_clear>("Clear", kMutates),
      operation<&Event::is_set, &In::event_is_set, &Out::mutable_event_is_set>("IsSet", kReads)
          .plain<&Event::is_set_plain>(),
      // Its outcome is kept: one that ran again, because its outcome was lost, would miss a set()
      // that was cleared meanwhile.
      operation<&Event::wait, &In::event_wait, &Out::mutable_event_wait>("Wait", kMutates),
  };
  return kRows;
}

absl::StatusOr<std::unique_ptr<Event>> Event::create(const v1::EventCreateRequest& request,
                                                     const ObjectLimits&) {
  return std::make_unique<Event>(request.set());
}

absl::Status Event::turn(bool set, Call& call) {
  if (set == set_) return call.alters_nothing();
  if (call.undoable()) call.on_undo([this, before = set_] { set_ = before; });
  set_ = set;
  return absl::OkStatus();
}

absl::Status Event::set(const v1::EventSetRequest&, v1::EventSetReply&, Call& call) {
  return turn(true, call);
}

absl::Status Event::clear(const v1::EventClearRequest&, v1::EventClearReply&, Call& call) {
  return turn(false, call);
}

absl::Status Event::is_set(const v1::EventIsSetRequest&, v1::EventIsSetReply& reply, Call&) const {
  reply.set_set(set_);
  return absl::OkStatus();
}

absl::Status Event::is_set_plain(std::span<Value>, PlainReply& reply, Call&) const {
  reply.truth(set_);
  return absl::OkStatus();
}

absl::Status Event::wait(const v1::EventWaitRequest& request, v1::EventWaitReply& reply,
                         Call& call) {
  if (set_) {
    reply.set_set(true);
    return call.alters_nothing();
  }
  if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
  waiters_.push(call, {});
  return absl::OkStatus();
}

void Event::settle(Step& step) {
  while (set_ && waiters_.front(step) != nullptr) {
    step.answer(waiters_.pop().ticket, Altered::kNo).outcome().mutable_event_wait()->set_set(true);
  }
}

void Event::expire(Ticket ticket, Step& step) {
  if (waiters_.remove(ticket)) {
    step.answer(ticket, Altered::kNo).outcome().mutable_event_wait()->set_set(false);
  }
}

void Event::abandon(Ticket ticket) { waiters_.remove(ticket); }

void Event::owner_gone(SessionId session, Step&) { waiters_.remove_session(session); }

void Event::dissolve(const absl::Status& why, Step& step) { waiters_.dissolve(why, step); }

std::size_t Event::heap_bytes() const {
  return waiters_.size() * sizeof(Waiters<NoDetail>::Waiter);
}

}  // namespace mp::server
