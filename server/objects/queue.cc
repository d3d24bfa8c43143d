#include "server/objects/queue.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> Queue::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum Growth;
  static constexpr std::array kRows = {
      operation<&Queue::put, &In::queue_put, &Out::mutable_queue_put>("Put", kMutates, kGrows),
      operation<&Queue::get, &In::queue_get, &Out::mutable_queue_get>("Get", kGives),
      operation<&Queue::put_many, &In::queue_put_many, &Out::mutable_queue_put_many>(
          "PutMany", kMutates, kGrows),
      operation<&Queue::get_many, &In::queue_get_many, &Out::mutable_queue_get_many>("GetMany",
                                                                                     kGives),
      operation<&Queue::task_done, &In::queue_task_done, &Out::mutable_queue_task_done>("TaskDone",
                                                                                        kMutates),
      operation<&Queue::join, &In::queue_join, &Out::mutable_queue_join>("Join", kMutates),
      operation<&Queue::confirm, &In::queue_confirm, &Out::mutable_queue_confirm>("Confirm",
                                                                                  kMutates),
      operation<&Queue::enlist, &In::queue_enlist, &Out::mutable_queue_enlist>("Enlist", kMutates),
      operation<&Queue::leave, &In::queue_leave, &Out::mutable_queue_leave>("Leave", kMutates),
      operation<&Queue::size, &In::queue_size, &Out::mutable_queue_size>("Size", kReads),
      operation<&Queue::shutdown, &In::queue_shutdown, &Out::mutable_queue_shutdown>("Shutdown",
                                                                                     kMutates),
  };
  return kRows;
}

namespace {

// What an item takes in a reply beside its value, at most.
constexpr std::uint64_t kItemBytes = 40;
// How much one GetMany gives: well below what a message may have, which is as much as a value may.
std::uint64_t most_bytes_of(const Step& step) { return step.limits().max_bytes / 2; }

absl::Status no_more_puts() {
  return error(v1::SHUT_DOWN, "the queue is shut down and takes no more items");
}

// When what a put brings is to enter the queue; none: at once.
template <class Request>
std::optional<Time> due_time_of(const Request& request, Call& call) {
  const Duration delay = request.has_delay() ? duration_of(request.delay()) : Duration::zero();
  if (delay <= Duration::zero()) return std::nullopt;
  return call.step().time_after(delay).value_or(Time::max());
}

absl::Status no_more_gets() {
  return error(v1::SHUT_DOWN, "the queue is shut down, and there is nothing left in it");
}

}  // namespace

absl::Status Queue::put(const v1::QueuePutRequest& request, v1::QueuePutReply&, Call& call) {
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  std::vector<Value> values;
  values.push_back(*std::move(value));
  return put_all({Form::kOne, std::move(values), due_time_of(request, call)}, timeout_of(request),
                 call);
}

absl::Status Queue::put_many(const v1::QueuePutManyRequest& request, v1::QueuePutManyReply&,
                             Call& call) {
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(request.values_size()));
  for (const v1::Value& wire : request.values()) {
    absl::StatusOr<Value> value = call.read(wire);
    if (!value.ok()) return value.status();
    values.push_back(*std::move(value));
  }
  if (maxsize_ != 0 && values.size() > maxsize_) {
    return error(v1::VALUE_ERROR, absl::StrCat("the queue holds at most ", maxsize_, " items, and ",
                                               values.size(), " were put at once"));
  }
  return put_all({Form::kMany, std::move(values), due_time_of(request, call)}, timeout_of(request),
                 call);
}

absl::Status Queue::put_all(Offered offered, std::optional<Duration> timeout, Call& call) {
  if (state_ != State::kOpen) return no_more_puts();
  const std::size_t count = offered.values.size();
  if (!has_room(count) || !putters_.empty()) {
    if (absl::Status status = call.park(timeout); !status.ok()) return status;
    add_producer(call);
    putters_.push(call, std::move(offered));
    return absl::OkStatus();
  }
  const std::uint64_t held = items_.size() + delayed_.size() + delivered_.size();
  if (absl::Status status = call.require_room(held, count); !status.ok()) return status;
  if (absl::Status status = accept(offered, call.step()); !status.ok()) return status;
  add_producer(call);
  if (call.undoable()) {
    call.on_undo([this, offered = std::move(offered)] {
      if (offered.due) {
        remove_last_delayed(offered.values.size(), *offered.due);
      } else {
        remove_last(offered.values);
      }
    });
  }
  return absl::OkStatus();
}

absl::Status Queue::get(const v1::QueueGetRequest& request, v1::QueueGetReply&, Call& call) {
  return get_some({Form::kOne, 1}, timeout_of(request), call);
}

absl::Status Queue::get_many(const v1::QueueGetManyRequest& request, v1::QueueGetManyReply&,
                             Call& call) {
  if (request.max() == 0) return error(v1::VALUE_ERROR, "get at least 1 item: max is 0");
  return get_some({Form::kMany, request.max()}, timeout_of(request), call);
}

absl::Status Queue::get_some(Wanted wanted, std::optional<Duration> timeout, Call& call) {
  if (delivery_ == v1::UNTIL_CONFIRMED) {
    if (absl::Status status = call.require_session(); !status.ok()) return status;
  }
  if (items_.empty()) {
    if (is_over_for(call.caller().session)) return no_more_gets();
    if (absl::Status status = call.park(timeout); !status.ok()) return status;
    getters_.push(call, wanted);
    return absl::OkStatus();
  }
  if (call.undoable()) {
    call.on_undo([this, unfinished = unfinished_, taken = items_.copy_first(wanted.max)] {
      for (const Item& item : taken | std::views::reverse) {  // each to the front: no walk
        delivered_.take(item.number);
        put_back(item);
      }
      unfinished_ = unfinished;  // which may be of fewer tasks than there are items
    });
  }
  give(call.caller(), wanted, most_bytes_of(call.step()), call.answer());
  return absl::OkStatus();
}

absl::Status Queue::shutdown(const v1::QueueShutdownRequest& request, v1::QueueShutdownReply&,
                             Call& call) {
  const State old_state = state_;
  const std::uint64_t old_unfinished = unfinished_;
  QueuedItems dropped(items_.order());
  decltype(delayed_) dropped_delayed;
  if (request.immediate()) {
    state_ = State::kDropped;
    std::swap(items_, dropped);
    delayed_.swap(dropped_delayed);
    forget_dropped(dropped.size() + dropped_delayed.size());
  } else if (state_ == State::kOpen) {
    state_ = State::kDraining;
  }
  if (state_ == old_state && dropped.empty() && dropped_delayed.empty())
    return call.alters_nothing();
  if (call.undoable()) {
    call.on_undo([this, old_state, old_unfinished, dropped = std::move(dropped),
                  dropped_delayed = std::move(dropped_delayed)]() mutable {
      if (state_ == State::kDropped) {
        items_ = std::move(dropped);
        delayed_ = std::move(dropped_delayed);
      }
      unfinished_ = old_unfinished;
      state_ = old_state;
    });
  }
  return absl::OkStatus();
}

absl::Status Queue::accept(const Offered& offered, Step& step) {
  if (offered.due && *offered.due > step.now()) return delay(offered.values, *offered.due, step);
  return append(offered.values);
}

absl::Status Queue::append(std::span<const Value> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    QueuedItem item{.number = last_number_ + 1, .deliveries = 0, .value = values[i]};
    if (absl::Status status = items_.require_order(item); !status.ok()) {
      remove_last(values.first(i));
      return status;
    }
    items_.add(std::move(item));
    ++last_number_;
    ++unfinished_;
  }
  return absl::OkStatus();
}

void Queue::remove_last(std::span<const Value> values) {
  for (const Value& value : values | std::views::reverse) {
    items_.remove_last({.number = last_number_--, .deliveries = 0, .value = value});
    --unfinished_;
  }
}

Queue::Item Queue::take_first(Owner getter) {
  Item item = items_.take_first();
  ++item.deliveries;
  if (delivery_ == v1::UNTIL_CONFIRMED) delivered_.add({getter, item});
  return item;
}

void Queue::give(Owner getter, const Wanted& wanted, std::uint64_t most_bytes, Answer& answer) {
  const auto give_one = [&](auto& reply) {
    const Item item = take_first(getter);
    answer.write(item.value, reply.mutable_value());
    reply.set_item(item.number);
    reply.set_deliveries(item.deliveries);
  };
  if (wanted.form == Form::kOne) return give_one(*answer.outcome().mutable_queue_get());
  // One item, and of the others as many as are sure to fit into one message.
  v1::QueueGetManyReply& reply = *answer.outcome().mutable_queue_get_many();
  std::uint64_t bytes = 0;
  for (std::uint64_t left = wanted.max; left != 0 && !items_.empty(); --left) {
    bytes += items_.first().value.counted_bytes() + kItemBytes;
    if (reply.items_size() != 0 && bytes > most_bytes) break;
    give_one(*reply.add_items());
  }
}

void Queue::settle(Step& step) {
  const bool open = state_ == State::kOpen;
  if (!open && !putters_.empty()) putters_.dissolve(no_more_puts(), step);
  for (bool moved = true; moved;) {
    moved = false;
    if (const auto* first = putters_.front(step);
        first != nullptr && has_room(first->detail.values.size())) {
      const auto putter = putters_.pop();
      Answer answer = step.answer(putter.ticket);
      if (absl::Status status = accept(putter.detail, step); !status.ok()) {
        answer.fail(status);
      } else if (putter.detail.form == Form::kOne) {
        answer.outcome().mutable_queue_put();
      } else {
        answer.outcome().mutable_queue_put_many();
      }
      moved = true;
    }
    if (!items_.empty() && getters_.front(step) != nullptr) {
      const auto getter = getters_.pop();
      Answer answer = step.answer(getter.ticket);
      give(getter.owner, getter.detail, most_bytes_of(step), answer);
      moved = true;
    }
  }
  if (!open && !getters_.empty()) {
    getters_.dissolve_if(no_more_gets(), step,
                         [&](const auto& getter) { return is_over_for(getter.owner.session); });
  }
  while (unfinished_ == 0 && joiners_.front(step) != nullptr) {
    Answer answer = step.answer(joiners_.pop().ticket, Altered::kNo);
    answer.outcome().mutable_queue_join()->set_finished(true);
  }
  if (std::exchange(has_buried_, false)) dead_letters_->settle(step);
}

void Queue::expire(Ticket ticket, Step& step) {
  if (awaits_alarm(ticket)) {
    let_in_due(step);
    note_change();
  } else if (getters_.remove(ticket)) {
    step.answer(ticket).fail(error(v1::EMPTY, "the queue is empty, and no item came in time"));
  } else if (putters_.remove(ticket)) {
    step.answer(ticket).fail(error(v1::FULL, absl::StrCat("the queue is full (maxsize ", maxsize_,
                                                          "), and no item left in time")));
  } else if (joiners_.remove(ticket)) {
    Answer answer = step.answer(ticket, Altered::kNo);
    answer.outcome().mutable_queue_join()->set_finished(false);
  }
}

void Queue::abandon(Ticket ticket) {
  if (!getters_.remove(ticket) && !putters_.remove(ticket)) joiners_.remove(ticket);
}

void Queue::dissolve(const absl::Status& why, Step& step) {
  deleted_ = true;
  putters_.dissolve(why, step);
  getters_.dissolve(why, step);
  joiners_.dissolve(why, step);
}

}  // namespace mp::server
