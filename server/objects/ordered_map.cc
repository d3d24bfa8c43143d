#include "server/objects/ordered_map.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace mp::server {

std::optional<OrderedMap::Position> OrderedMap::find(const Value& key) const {
  if (slots_.empty()) return std::nullopt;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = key.hash() & mask;; slot = (slot + 1) & mask) {
    const Position at = slots_[slot];
    if (at == kFree) return std::nullopt;
    // An erased entry keeps its slot, so that chains past it stay whole.
    if (same_key(entries_[at].key, key)) return at;
  }
}

OrderedMap::Position OrderedMap::insert(Value key, Value value, Compaction compaction) {
  const bool sparse = live_ < entries_.size() / (is_full() ? 2 : 8);
  if (sparse && compaction == Compaction::kAllowed) compact();
  if (is_full()) rebuild(std::max<std::size_t>(8, slots_.size() * 2));
  const auto at = static_cast<Position>(entries_.size());
  entries_.push_back({std::move(key), std::move(value)});
  occupy(at);
  ++live_;
  end_ = entries_.size();
  return at;
}

OrderedMap::Entry OrderedMap::erase(Position at) {
  --live_;
  return std::exchange(entries_[at], Entry{});
}

void OrderedMap::restore(Position at, Entry entry) {
  entries_[at] = std::move(entry);
  ++live_;
  end_ = std::max<std::size_t>(end_, at + 1U);
  // A table that was rebuilt meanwhile has dropped the hole.
  if (find(entries_[at].key) != at) occupy(at);
}

std::optional<OrderedMap::Position> OrderedMap::last() const {
  while (end_ > 0 && !entries_[end_ - 1].key.present()) --end_;
  if (end_ == 0) return std::nullopt;
  return static_cast<Position>(end_ - 1);
}

void OrderedMap::clear() {
  entries_ = {};
  slots_ = {};
  live_ = 0;
  end_ = 0;
}

void OrderedMap::occupy(Position at) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = entries_[at].key.hash() & mask;
  while (slots_[slot] != kFree) slot = (slot + 1) & mask;
  slots_[slot] = at;
}

void OrderedMap::compact() {
  std::erase_if(entries_, [](const Entry& entry) { return !entry.key.present(); });
  entries_.shrink_to_fit();
  end_ = entries_.size();
  // Room for as many entries again, so that the next compaction is as far away as this one was
  // dear.
  rebuild(std::bit_ceil(std::max<std::size_t>(8, live_ * 3)));
}

void OrderedMap::rebuild(std::size_t slots) {
  slots_ = std::vector<Position>(slots, kFree);
  for (std::size_t at = 0; at < entries_.size(); ++at) {
    if (entries_[at].key.present()) occupy(static_cast<Position>(at));
  }
}

std::size_t OrderedMap::heap_bytes() const {
  std::size_t total = entries_.capacity() * sizeof(Entry) + slots_.capacity() * sizeof(Position);
  for_each([&](const Entry& entry) { total += entry.key.heap_bytes() + entry.value.heap_bytes(); });
  return total;
}

}  // namespace mp::server
