#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"
#include "server/objects/queue.h"

// What getters have to say of the items that they have, and who puts them.

namespace mp::server {

// Which item of a queue that delivers until confirmed is done; 0 if it was confirmed before.
absl::StatusOr<std::uint64_t> Queue::item_done(std::uint64_t number, Owner caller) const {
  if (number != 0) {
    if (delivered_.is_of(number, caller.session)) return number;
    return error(v1::VALUE_ERROR, absl::StrCat("item ", number,
                                               " is not this session's: it was confirmed, or came "
                                               "back to the queue"));
  }
  if (const auto first = delivered_.first_of(caller)) return *first;
  if (unfinished_ > items_.size() + delayed_.size() + delivered_.size()) return 0;
  return error(v1::VALUE_ERROR,
               "task_done() called too many times: this session has no item that "
               "is not confirmed");
}

void Queue::forget_delivered(std::uint64_t number, Call& call) {
  const std::optional<Unconfirmed::Delivered> delivered = delivered_.take(number);
  if (delivered && call.undoable())
    call.on_undo([this, delivered = *delivered] { delivered_.add(delivered); });
}

absl::Status Queue::task_done(const v1::QueueTaskDoneRequest& request,
                              v1::QueueTaskDoneReply& reply, Call& call) {
  if (unfinished_ == 0)
    return error(v1::VALUE_ERROR, "task_done() called too many times: no task is unfinished");
  if (delivery_ == v1::UNTIL_CONFIRMED) {
    const absl::StatusOr<std::uint64_t> number = item_done(request.item(), call.caller());
    if (!number.ok()) return number.status();
    if (*number != 0) forget_delivered(*number, call);
  }
  reply.set_unfinished(--unfinished_);
  if (call.undoable()) call.on_undo([this] { ++unfinished_; });
  return absl::OkStatus();
}

absl::Status Queue::join(const v1::QueueJoinRequest& request, v1::QueueJoinReply& reply,
                         Call& call) {
  if (unfinished_ == 0) {
    reply.set_finished(true);
    return call.alters_nothing();
  }
  if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
  joiners_.push(call, {});
  return absl::OkStatus();
}

absl::Status Queue::confirm(const v1::QueueConfirmRequest& request, v1::QueueConfirmReply&,
                            Call& call) {
  const std::set<std::uint64_t> numbers(request.items().begin(), request.items().end());
  if (delivery_ != v1::UNTIL_CONFIRMED) {
    return error(v1::VALUE_ERROR,
                 "there is nothing to confirm: the queue was not made to deliver until confirmed");
  }
  for (const std::uint64_t number : numbers) {
    if (number == 0) return error(v1::VALUE_ERROR, "items are numbered from 1");
    const absl::StatusOr<std::uint64_t> done = item_done(number, call.caller());
    if (!done.ok()) return done.status();
  }
  for (const std::uint64_t number : numbers) forget_delivered(number, call);
  return absl::OkStatus();
}

void Queue::add_producer(Call& call) {
  const SessionId session = call.caller().session;
  if (!close_when_producers_gone_ || session == 0) return;
  call.concern_session();
  const bool added = producers_.insert(session).second;
  if (added && call.undoable()) call.on_undo([this, session] { producers_.erase(session); });
}

void Queue::remove_producer(SessionId session) {
  const bool last = producers_.erase(session) != 0 && producers_.empty();
  if (last && state_ == State::kOpen) state_ = State::kDraining;
}

absl::Status Queue::enlist(const v1::QueueEnlistRequest&, v1::QueueEnlistReply&, Call& call) {
  if (absl::Status status = call.require_session(); !status.ok()) return status;
  if (state_ != State::kOpen)
    return error(v1::SHUT_DOWN, "the queue is shut down and takes no more items");
  add_producer(call);
  return absl::OkStatus();
}

absl::Status Queue::leave(const v1::QueueLeaveRequest&, v1::QueueLeaveReply&, Call& call) {
  if (!producers_.contains(call.caller().session)) return call.alters_nothing();
  if (call.undoable()) {
    call.on_undo([this, producers = producers_, state = state_] {
      producers_ = producers;
      state_ = state;
    });
  }
  remove_producer(call.caller().session);
  return absl::OkStatus();
}

}  // namespace mp::server
