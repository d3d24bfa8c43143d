#include "server/objects/queue.h"

#include <algorithm>
#include <array>
#include <limits>
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
      operation<&Queue::size, &In::queue_size, &Out::mutable_queue_size>("Size", kReads),
      operation<&Queue::shutdown, &In::queue_shutdown, &Out::mutable_queue_shutdown>("Shutdown",
                                                                                     kMutates),
  };
  return kRows;
}

namespace {

// What was in the queue once may come back to it, whatever the limits are.
constexpr ObjectLimits kNoLimits = {.max_depth = std::numeric_limits<std::uint32_t>::max(),
                                    .max_bytes = std::numeric_limits<std::uint64_t>::max(),
                                    .max_items = std::numeric_limits<std::uint64_t>::max()};

absl::Status no_more_puts() {
  return error(v1::SHUT_DOWN, "the queue is shut down and takes no more items");
}

absl::Status no_more_gets() {
  return error(v1::SHUT_DOWN, "the queue is shut down, and there is nothing left in it");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Queue>> Queue::create(const v1::QueueCreateRequest& request,
                                                     const ObjectLimits&) {
  return std::make_unique<Queue>(request.maxsize());
}

absl::Status Queue::put(const v1::QueuePutRequest& request, v1::QueuePutReply&, Call& call) {
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  if (state_ != State::kOpen) return no_more_puts();
  if (full()) {
    if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
    putters_.push(call, *std::move(value));
    return absl::OkStatus();
  }
  if (absl::Status status = call.require_room(items_.size()); !status.ok()) return status;
  append(*std::move(value));
  if (call.undoable()) {
    call.on_undo([this] {
      items_.pop_back();
      --last_number_;
    });
  }
  return absl::OkStatus();
}

absl::Status Queue::get(const v1::QueueGetRequest& request, v1::QueueGetReply& reply, Call& call) {
  if (items_.empty()) {
    if (state_ != State::kOpen) return no_more_gets();
    if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
    getters_.push(call, {});
    return absl::OkStatus();
  }
  const Item item = take_first();
  give(item, call.answer(), reply);
  if (call.undoable()) call.on_undo([this, item] { put_back(item); });
  return absl::OkStatus();
}

absl::Status Queue::size(const v1::QueueSizeRequest&, v1::QueueSizeReply& reply, Call&) const {
  reply.set_size(items_.size());
  reply.set_maxsize(maxsize_);
  reply.set_shut_down(state_ != State::kOpen);
  return absl::OkStatus();
}

absl::Status Queue::shutdown(const v1::QueueShutdownRequest& request, v1::QueueShutdownReply&,
                             Call& call) {
  const State old_state = state_;
  std::deque<Item> dropped;
  if (request.immediate()) {
    state_ = State::kDropped;
    items_.swap(dropped);
  } else if (state_ == State::kOpen) {
    state_ = State::kDraining;
  }
  if (call.undoable()) {
    call.on_undo([this, old_state, dropped = std::move(dropped)]() mutable {
      if (state_ == State::kDropped) items_ = std::move(dropped);
      state_ = old_state;
    });
  }
  return absl::OkStatus();
}

void Queue::append(Value value) { items_.push_back({++last_number_, std::move(value)}); }

Queue::Item Queue::take_first() {
  Item item = std::move(items_.front());
  items_.pop_front();
  return item;
}

void Queue::put_back(Item item) {
  const auto at = std::ranges::lower_bound(items_, item.number, {}, &Item::number);
  items_.insert(at, std::move(item));
}

void Queue::give(const Item& item, Answer& answer, v1::QueueGetReply& reply) {
  answer.write(item.value, reply.mutable_value());
  reply.set_item(item.number);
}

void Queue::settle(Event& event) {
  const bool open = state_ == State::kOpen;
  if (!open && !putters_.empty()) putters_.dissolve(no_more_puts(), event);
  for (bool moved = true; moved;) {
    moved = false;
    if (!full() && putters_.front(event) != nullptr) {
      auto putter = putters_.pop();
      append(std::move(putter.detail));
      event.answer(putter.ticket).outcome().mutable_queue_put();
      moved = true;
    }
    if (!items_.empty() && getters_.front(event) != nullptr) {
      Answer answer = event.answer(getters_.pop().ticket);
      give(take_first(), answer, *answer.outcome().mutable_queue_get());
      moved = true;
    }
  }
  if (!open && !getters_.empty()) getters_.dissolve(no_more_gets(), event);
}

void Queue::expire(Ticket ticket, Event& event) {
  if (getters_.remove(ticket)) {
    event.answer(ticket).fail(error(v1::EMPTY, "the queue is empty, and no item came in time"));
  } else if (putters_.remove(ticket)) {
    event.answer(ticket).fail(error(v1::FULL, absl::StrCat("the queue is full (maxsize ", maxsize_,
                                                           "), and no item left in time")));
  }
}

void Queue::abandon(Ticket ticket) {
  if (!getters_.remove(ticket)) putters_.remove(ticket);
}

void Queue::owner_gone(SessionId session, Event&) {
  getters_.remove_session(session);
  putters_.remove_session(session);
}

void Queue::take_back(const v1::Outcome& outcome, Owner) {
  if (!outcome.has_queue_get() || state_ == State::kDropped) return;
  absl::StatusOr<Value> value = Value::from_wire(outcome.queue_get().value(), kNoLimits);
  if (value.ok()) put_back({outcome.queue_get().item(), *std::move(value)});
}

void Queue::dissolve(const absl::Status& why, Event& event) {
  putters_.dissolve(why, event);
  getters_.dissolve(why, event);
}

std::size_t Queue::heap_bytes() const {
  std::size_t total = items_.size() * sizeof(Item);
  for (const Item& item : items_) total += item.value.heap_bytes();
  for (const auto& putter : putters_) total += sizeof putter + putter.detail.heap_bytes();
  return total;
}

void Queue::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  for (const Item& item : items_) item.value.visit_refs(visit);
  for (const auto& putter : putters_) putter.detail.visit_refs(visit);
}

}  // namespace mp::server
