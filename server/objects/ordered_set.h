#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "server/objects/value.h"

namespace mp::server {

// A hash set of values that remembers the order of insertion; built as OrderedMap is. 16 bytes an
// item and 6 to 12 for the table, times the slack of a growing vector: a million integers take 25.2
// bytes each, where a map to None would take 42.
//
// Positions are stable until a compaction: compact_if_sparse(), or an insert() that is allowed to
// make one. An undo log that names positions must forbid both.
class OrderedSet {
 public:
  using Position = std::uint32_t;
  enum class Compaction { kAllowed, kForbidden };

  // The different ones of `wire`, each in its first place. The errors of Value::key_from_wire().
  static absl::StatusOr<OrderedSet> from_wire(
      const google::protobuf::RepeatedPtrField<v1::Value>& wire, const ObjectLimits& limits);

  // At most 2^32 - 2 items; the object's limit is far below.
  std::size_t size() const { return live_; }
  std::optional<Position> find(const Value& item) const;
  bool contains(const Value& item) const { return find(item).has_value(); }
  // The item must be absent from the set.
  Position insert(Value item, Compaction compaction = Compaction::kAllowed);
  // Leaves a hole in its place.
  Value erase(Position at);
  // Puts an item back where erase() took it from.
  void restore(Position at, Value item);
  // The item inserted first. Taking one after the other is linear in all.
  std::optional<Position> first() const;
  // Drops the holes once there are far more of them than items.
  void compact_if_sparse() {
    if (items_.size() >= kLeastToCompact && live_ < items_.size() / 8) compact();
  }
  void clear();

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Value& item : items_) {
      if (item.present()) visit(item);
    }
  }

  // Bytes on the heap, those of the items included.
  std::size_t heap_bytes() const;

 private:
  static constexpr Position kFree = UINT32_MAX;
  static constexpr std::size_t kLeastToCompact = 64;

  bool is_full() const { return (items_.size() + 1) * 3 > slots_.size() * 2; }
  void rebuild(std::size_t slots);
  void compact();
  void occupy(Position at);

  std::vector<Value> items_;  // absent: was erased
  std::vector<Position>
      slots_;  // a power of two, at most two thirds full of items, erased ones included
  std::size_t live_ = 0;
  mutable std::size_t begin_ = 0;  // no live item before it
};

}  // namespace mp::server
