#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "server/objects/ordered_table.h"

namespace mp::server {

inline const Value& key_of(const Value& item) { return item; }
inline std::size_t heap_bytes_of(const Value& item) { return item.heap_bytes(); }

extern template class OrderedTable<Value>;

// A hash set of values that remembers the order of insertion (ordered_table.h). 16 bytes an item
// and 6 to 12 for the table, times the slack of a growing vector: a million integers take 25.2
// bytes each, where a map to None would take 42.
class OrderedSet : public OrderedTable<Value> {
 public:
  // The different ones of `wire`, each in its first place. The errors of Value::key_from_wire().
  static absl::StatusOr<OrderedSet> from_wire(
      const google::protobuf::RepeatedPtrField<v1::Value>& wire, const ObjectLimits& limits);

  bool contains(const Value& item) const { return find(item).has_value(); }
  // The item must be absent from the set.
  Position insert(Value item, Compaction compaction = Compaction::kAllowed) {
    const std::size_t next = row();
    const Position at = OrderedTable::insert(compaction, std::move(item));
    if (at != next) begin_ = 0;  // it was compacted
    return at;
  }
  using OrderedTable::erase;
  void restore(Position at, Value item) {
    OrderedTable::restore(at, std::move(item));
    begin_ = std::min<std::size_t>(begin_, at);
  }
  // The item inserted first. Taking one after the other is linear in all.
  std::optional<Position> first() const;
  void compact_if_sparse() {
    if (OrderedTable::compact_if_sparse()) begin_ = 0;
  }
  void clear() {
    OrderedTable::clear();
    begin_ = 0;
  }

 private:
  mutable std::size_t begin_ = 0;  // no live item before it
};

}  // namespace mp::server
