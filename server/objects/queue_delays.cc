#include <optional>
#include <utility>

#include "server/objects/queue.h"

// Items that were put with a delay. They count as items and as tasks, and enter the queue, as if
// they were put then, when they are due.

namespace mp::server {

absl::Status Queue::delay(std::span<const Value> values, Time due, Step& step) {
  for (const Value& value : values) {
    const QueuedItem item{.number = last_number_ + 1, .deliveries = 0, .value = value};
    if (absl::Status status = items_.require_order(item); !status.ok()) return status;
  }
  for (const Value& value : values) delayed_.emplace(std::pair(due, ++last_delayed_), value);
  unfinished_ += values.size();
  watch_delayed(step);
  return absl::OkStatus();
}

void Queue::remove_last_delayed(std::size_t count, Time due) {
  for (std::size_t left = count; left != 0; --left) delayed_.erase({due, last_delayed_--});
  unfinished_ -= count;
}

void Queue::let_in_due(Step& step) {
  alarm_ = 0;
  for (auto first = delayed_.begin(); first != delayed_.end() && first->first.first <= step.now();
       first = delayed_.erase(first)) {
    items_.add({.number = ++last_number_, .deliveries = 0, .value = std::move(first->second)});
  }
  watch_delayed(step);
}

void Queue::watch_delayed(Step& step) {
  if (delayed_.empty()) return;
  const Time due = delayed_.begin()->first.first;
  if (alarm_ != 0 && alarm_rings_ <= due) return;
  alarm_ = step.alarm(due);
  alarm_rings_ = due;
}

}  // namespace mp::server
