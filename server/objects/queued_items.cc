#include "server/objects/queued_items.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "server/objects/total_order.h"

namespace mp::server {

bool QueuedItems::Before::operator()(const QueuedItem& a, const QueuedItem& b) const {
  if (order == v1::LIFO) return a.number > b.number;
  const std::weak_ordering by_value = total_order(a.value, b.value);
  return std::is_eq(by_value) ? a.number < b.number : std::is_lt(by_value);
}

absl::Status QueuedItems::require_order(const QueuedItem& item) const {
  if (order_ != v1::PRIORITY) return absl::OkStatus();
  // Whatever has no order beside this one would be its neighbour: total_order() puts nothing
  // between values that less() cannot compare but what it cannot compare with one of them either.
  const auto next = sorted_.upper_bound(item);
  if (next != sorted_.end()) {
    if (const auto order = less(item.value, next->value); !order.ok()) return order.status();
  }
  if (next != sorted_.begin()) {
    if (const auto order = less(item.value, std::prev(next)->value); !order.ok())
      return order.status();
  }
  return absl::OkStatus();
}

void QueuedItems::add(QueuedItem item) {
  if (!in_line()) {
    sorted_.insert(std::move(item));
  } else if (line_.empty() || line_.back().number < item.number) {
    line_.push_back(std::move(item));
  } else {
    const auto at = std::ranges::lower_bound(line_, item.number, {}, &QueuedItem::number);
    line_.insert(at, std::move(item));
  }
}

void QueuedItems::remove_last(const QueuedItem& item) {
  if (in_line()) {
    line_.pop_back();
  } else {
    sorted_.erase(item);
  }
}

QueuedItem QueuedItems::take_first() {
  if (!in_line()) return std::move(sorted_.extract(sorted_.begin()).value());
  QueuedItem item = std::move(line_.front());
  line_.pop_front();
  return item;
}

std::vector<QueuedItem> QueuedItems::copy_first(std::uint64_t most) const {
  const auto copy = [&](const auto& items) {
    const auto count = std::min<std::uint64_t>(most, items.size());
    return std::vector<QueuedItem>(items.begin(),
                                   std::next(items.begin(), static_cast<std::ptrdiff_t>(count)));
  };
  return in_line() ? copy(line_) : copy(sorted_);
}

std::size_t QueuedItems::heap_bytes() const {
  // The nodes of a tree are full by two thirds, about.
  std::size_t total =
      line_.size() * sizeof(QueuedItem) + sorted_.size() * sizeof(QueuedItem) * 3 / 2;
  for (const QueuedItem& item : line_) total += item.value.heap_bytes();
  for (const QueuedItem& item : sorted_) total += item.value.heap_bytes();
  return total;
}

void QueuedItems::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  for (const QueuedItem& item : line_) item.value.visit_refs(visit);
  for (const QueuedItem& item : sorted_) item.value.visit_refs(visit);
}

}  // namespace mp::server
