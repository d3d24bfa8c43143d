#include <algorithm>
#include <limits>
#include <ranges>
#include <utility>
#include <vector>

#include "server/objects/queue.h"

// What becomes of the items that come back to a queue: that were given and never received, or were
// not confirmed by one whose session has ended.

namespace mp::server {

namespace {

// What was in the queue once may come back to it, whatever the limits are.
constexpr ObjectLimits kNoLimits = {.max_depth = std::numeric_limits<std::uint32_t>::max(),
                                    .max_bytes = std::numeric_limits<std::uint64_t>::max(),
                                    .max_items = std::numeric_limits<std::uint64_t>::max()};

}  // namespace

void Queue::forget_dropped(std::uint64_t items) { unfinished_ -= std::min(unfinished_, items); }

void Queue::put_back(Item item) {
  items_.add(std::move(item));
  unfinished_ = std::max<std::uint64_t>(unfinished_, items_.size() + delayed_.size());
}

void Queue::bury(const Value& letter) {
  if (dead_letters_ != nullptr && dead_letters_->take_in(letter)) {
    ++dead_lettered_;
    has_buried_ = true;
  } else {
    ++dropped_;
  }
  forget_dropped(1);  // nobody will do its task here
}

bool Queue::take_in(const Value& letter) {
  if (deleted_ || state_ != State::kOpen) return false;
  note_change();
  items_.add({.number = ++last_number_, .deliveries = 0, .value = letter});
  ++unfinished_;
  return true;
}

void Queue::take_back(std::uint64_t number, std::uint64_t deliveries, const v1::Value& wire) {
  if (delivery_ == v1::UNTIL_CONFIRMED && !delivered_.take(number)) return;
  if (state_ == State::kDropped) return forget_dropped(1);
  absl::StatusOr<Value> value = Value::from_wire(wire, kNoLimits);
  if (value.ok()) put_back({number, deliveries - 1, *std::move(value)});
}

void Queue::take_back(const v1::Outcome& outcome, Owner) {
  const std::size_t before = items_.size();
  if (outcome.has_queue_get()) {
    const v1::QueueGetReply& reply = outcome.queue_get();
    take_back(reply.item(), reply.deliveries(), reply.value());
  }
  const auto& items = outcome.queue_get_many().items();
  for (const v1::QueueItem& item : std::ranges::subrange(items) | std::views::reverse)
    take_back(item.item(), item.deliveries(), item.value());
  if (items_.size() != before) note_change();
}

void Queue::owner_gone(SessionId session, Step&) {
  getters_.remove_session(session);
  putters_.remove_session(session);
  joiners_.remove_session(session);
  std::vector<Item> dead;
  std::vector<Item> undone = delivered_.take_all_of(session);
  if (!undone.empty()) note_change();
  for (Item& item : undone) {  // the last one first: no walk
    if (state_ == State::kDropped) {
      forget_dropped(1);
    } else if (max_deliveries_ != 0 && item.deliveries >= max_deliveries_) {
      dead.push_back(std::move(item));
    } else {
      put_back(std::move(item));
    }
  }
  for (const Item& item : dead | std::views::reverse) bury(item.value);
  const State before = state_;
  remove_producer(session);
  if (state_ != before) note_change();
}

}  // namespace mp::server
