#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "mp/v1/queue.pb.h"
#include "server/objects/value.h"

namespace mp::server {

// An item of a queue.
struct QueuedItem {
  std::uint64_t number;
  std::uint64_t deliveries;  // so far
  Value value;
};

// The items of a queue, in the order in which they are given:
//
//   FIFO      by number
//   LIFO      by number, the last first
//   PRIORITY  by value, the smallest first; by number where neither is smaller
//
// An item's place depends on nothing but the item and those that are here: what was taken out and
// comes back stands where it would stand if it had stayed.
class QueuedItems {
 public:
  explicit QueuedItems(v1::Order order) : order_(order), sorted_(Before{order}) {}

  // TYPE_ERROR if the order is that of the values, and the value of this item, which is not here,
  // has none beside those that it would stand between.
  absl::Status require_order(const QueuedItem& item) const;
  // Puts an item to its place. It is not refused: where it has no order beside the others,
  // total_order() says which is first.
  void add(QueuedItem item);
  // Takes out the item with the largest number, which is this one.
  void remove_last(const QueuedItem& item);

  const QueuedItem& first() const { return in_line() ? line_.front() : *sorted_.begin(); }
  QueuedItem take_first();
  // Up to so many, as take_first() would give them.
  std::vector<QueuedItem> copy_first(std::uint64_t most) const;

  v1::Order order() const { return order_; }
  bool empty() const { return size() == 0; }
  std::size_t size() const { return in_line() ? line_.size() : sorted_.size(); }
  std::size_t heap_bytes() const;
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const;

 private:
  struct Before {
    v1::Order order;
    bool operator()(const QueuedItem& a, const QueuedItem& b) const;
  };

  bool in_line() const { return order_ == v1::FIFO; }

  v1::Order order_;
  std::deque<QueuedItem> line_;                 // FIFO
  absl::btree_set<QueuedItem, Before> sorted_;  // any other order
};

}  // namespace mp::server
