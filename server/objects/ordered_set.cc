#include "server/objects/ordered_set.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace mp::server {

absl::StatusOr<OrderedSet> OrderedSet::from_wire(
    const google::protobuf::RepeatedPtrField<v1::Value>& wire, const ObjectLimits& limits) {
  OrderedSet items;
  for (const v1::Value& item : wire) {
    absl::StatusOr<Value> value = Value::key_from_wire(item, limits);
    if (!value.ok()) return value.status();
    if (!items.contains(*value)) items.insert(*std::move(value));
  }
  return items;
}

std::optional<OrderedSet::Position> OrderedSet::find(const Value& item) const {
  if (slots_.empty()) return std::nullopt;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = item.hash() & mask;; slot = (slot + 1) & mask) {
    const Position at = slots_[slot];
    if (at == kFree) return std::nullopt;
    // An erased item keeps its slot, so that chains past it stay whole.
    if (same_key(items_[at], item)) return at;
  }
}

OrderedSet::Position OrderedSet::insert(Value item, Compaction compaction) {
  const bool sparse = live_ < items_.size() / (is_full() ? 2 : 8);
  if (sparse && compaction == Compaction::kAllowed) compact();
  if (is_full()) rebuild(std::max<std::size_t>(8, slots_.size() * 2));
  const auto at = static_cast<Position>(items_.size());
  items_.push_back(std::move(item));
  occupy(at);
  ++live_;
  return at;
}

Value OrderedSet::erase(Position at) {
  --live_;
  return std::exchange(items_[at], Value());
}

void OrderedSet::restore(Position at, Value item) {
  items_[at] = std::move(item);
  ++live_;
  begin_ = std::min<std::size_t>(begin_, at);
  // A table that was rebuilt meanwhile has dropped the hole.
  if (find(items_[at]) != at) occupy(at);
}

std::optional<OrderedSet::Position> OrderedSet::first() const {
  while (begin_ < items_.size() && !items_[begin_].present()) ++begin_;
  if (begin_ == items_.size()) return std::nullopt;
  return static_cast<Position>(begin_);
}

void OrderedSet::clear() {
  items_ = {};
  slots_ = {};
  live_ = 0;
  begin_ = 0;
}

void OrderedSet::occupy(Position at) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = items_[at].hash() & mask;
  while (slots_[slot] != kFree) slot = (slot + 1) & mask;
  slots_[slot] = at;
}

void OrderedSet::compact() {
  std::erase_if(items_, [](const Value& item) { return !item.present(); });
  items_.shrink_to_fit();
  begin_ = 0;
  // Room for as many items again, so that the next compaction is as far away as this one was dear.
  rebuild(std::bit_ceil(std::max<std::size_t>(8, live_ * 3)));
}

void OrderedSet::rebuild(std::size_t slots) {
  slots_ = std::vector<Position>(slots, kFree);
  for (std::size_t at = 0; at < items_.size(); ++at) {
    if (items_[at].present()) occupy(static_cast<Position>(at));
  }
}

std::size_t OrderedSet::heap_bytes() const {
  std::size_t total = items_.capacity() * sizeof(Value) + slots_.capacity() * sizeof(Position);
  for_each([&](const Value& item) { total += item.heap_bytes(); });
  return total;
}

}  // namespace mp::server
