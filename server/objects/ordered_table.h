#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "server/objects/value.h"

namespace mp::server {

// A number that changes whenever entries come, go or move, and is never the same again: not when a
// table's contents are replaced, nor when they come back.
class Shape {
 public:
  Shape() = default;
  ~Shape() = default;
  Shape(const Shape&) = default;
  Shape& operator=(const Shape& other) {
    number_ = std::max(number_, other.number_) + 1;
    return *this;
  }
  void change() { ++number_; }
  std::uint64_t number() const { return number_; }

 private:
  std::uint64_t number_ = 1;
};

// What OrderedMap and OrderedSet are made of: a hash table that remembers the order of insertion.
// Entries stand in a row, and beside them an open-addressed table of their positions. An entry has
// key_of(entry), which is absent in the hole that an erased one leaves, and heap_bytes_of(entry).
//
// Positions are stable until a compaction: compact_if_sparse(), or an insert() that is allowed to
// make one. An undo log that names positions must forbid both.
template <class Entry>
class OrderedTable {
 public:
  using Position = std::uint32_t;
  enum class Compaction { kAllowed, kForbidden };

  // At most 2^32 - 2 entries; the object's limit is far below.
  std::size_t size() const { return live_; }
  std::optional<Position> find(const Value& key) const;

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Entry& entry : entries_) {
      if (key_of(entry).present()) visit(entry);
    }
  }

  // Of the entries, but for what is beside their keys.
  std::uint64_t shape() const { return shape_.number(); }
  // The length of the row, holes included.
  std::size_t row() const { return entries_.size(); }
  // Visits the entries from this position on until one is not wanted, and gives the position of
  // that; 0 if there is none. What a position means changes with the shape.
  template <class Visit>
  std::size_t visit_from(std::size_t position, Visit&& visit) const {
    for (; position < row(); ++position) {
      const Entry& entry = entries_[position];
      if (key_of(entry).present() && !visit(entry)) return position;
    }
    return 0;
  }

  // Bytes on the heap, those of the values included.
  std::size_t heap_bytes() const;

 protected:
  // An entry made of `parts`, whose key must be absent from the table.
  template <class... Parts>
  Position insert(Compaction compaction, Parts&&... parts) {
    make_room(compaction);
    const auto at = static_cast<Position>(entries_.size());
    entries_.push_back(Entry{std::forward<Parts>(parts)...});
    occupy(at);
    ++live_;
    shape_.change();
    return at;
  }
  // Leaves a hole in its place.
  Entry erase(Position at) {
    --live_;
    shape_.change();
    return std::exchange(entries_[at], Entry{});
  }
  // Puts an entry back where erase() took it from.
  void restore(Position at, Entry entry);
  // Drops the holes once there are far more of them than entries. True if it did.
  bool compact_if_sparse() {
    const bool sparse = entries_.size() >= kLeastToCompact && live_ < entries_.size() / 8;
    if (sparse) compact();
    return sparse;
  }
  void clear() {
    entries_ = {};
    slots_ = {};
    live_ = 0;
    shape_.change();
  }

  bool is_hole(std::size_t at) const { return !key_of(entries_[at]).present(); }
  Entry& at(Position at) { return entries_[at]; }
  const Entry& at(Position at) const { return entries_[at]; }

 private:
  static constexpr Position kFree = UINT32_MAX;
  static constexpr std::size_t kLeastToCompact = 64;

  bool is_full() const { return (entries_.size() + 1) * 3 > slots_.size() * 2; }
  void make_room(Compaction compaction);
  void rebuild(std::size_t slots);
  void compact();
  void occupy(Position at);

  std::vector<Entry> entries_;
  std::vector<Position>
      slots_;  // a power of two, at most two thirds full of entries, erased ones included
  std::size_t live_ = 0;
  Shape shape_;
};

template <class Entry>
auto OrderedTable<Entry>::find(const Value& key) const -> std::optional<Position> {
  if (slots_.empty()) return std::nullopt;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = key.hash() & mask;; slot = (slot + 1) & mask) {
    const Position at = slots_[slot];
    if (at == kFree) return std::nullopt;
    // An erased entry keeps its slot, so that chains past it stay whole.
    if (same_key(key_of(entries_[at]), key)) return at;
  }
}

template <class Entry>
void OrderedTable<Entry>::make_room(Compaction compaction) {
  const bool sparse = live_ < entries_.size() / (is_full() ? 2 : 8);
  if (sparse && compaction == Compaction::kAllowed) compact();
  if (is_full()) rebuild(std::max<std::size_t>(8, slots_.size() * 2));
}

template <class Entry>
void OrderedTable<Entry>::restore(Position at, Entry entry) {
  entries_[at] = std::move(entry);
  ++live_;
  shape_.change();
  // A table that was rebuilt meanwhile has dropped the hole.
  if (find(key_of(entries_[at])) != at) occupy(at);
}

template <class Entry>
void OrderedTable<Entry>::occupy(Position at) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = key_of(entries_[at]).hash() & mask;
  while (slots_[slot] != kFree) slot = (slot + 1) & mask;
  slots_[slot] = at;
}

template <class Entry>
void OrderedTable<Entry>::compact() {
  std::erase_if(entries_, [](const Entry& entry) { return !key_of(entry).present(); });
  entries_.shrink_to_fit();
  shape_.change();
  // Room for as many entries again, so that the next compaction is as far away as this one was
  // dear.
  rebuild(std::bit_ceil(std::max<std::size_t>(8, live_ * 3)));
}

template <class Entry>
void OrderedTable<Entry>::rebuild(std::size_t slots) {
  slots_ = std::vector<Position>(slots, kFree);
  for (std::size_t at = 0; at < entries_.size(); ++at) {
    if (!is_hole(at)) occupy(static_cast<Position>(at));
  }
}

template <class Entry>
std::size_t OrderedTable<Entry>::heap_bytes() const {
  std::size_t total = entries_.capacity() * sizeof(Entry) + slots_.capacity() * sizeof(Position);
  for_each([&](const Entry& entry) { total += heap_bytes_of(entry); });
  return total;
}

}  // namespace mp::server
