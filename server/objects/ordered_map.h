#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "server/objects/ordered_table.h"

namespace mp::server {

struct MapEntry {
  Value key;  // absent: the entry was erased
  Value value;
};
inline const Value& key_of(const MapEntry& entry) { return entry.key; }
inline std::size_t heap_bytes_of(const MapEntry& entry) {
  return entry.key.heap_bytes() + entry.value.heap_bytes();
}

extern template class OrderedTable<MapEntry>;

// A hash map of values that remembers the order of insertion (ordered_table.h). 32 bytes an entry
// and 4 to 8 for the table.
class OrderedMap : public OrderedTable<MapEntry> {
 public:
  using Entry = MapEntry;

  // The key must be absent from the map.
  Position insert(Value key, Value value, Compaction compaction = Compaction::kAllowed);
  using OrderedTable::erase;
  void restore(Position at, Entry entry) {
    OrderedTable::restore(at, std::move(entry));
    end_ = std::max<std::size_t>(end_, at + std::size_t{1});
  }
  Value& value_at(Position at) { return OrderedTable::at(at).value; }
  const Value& value_at(Position at) const { return OrderedTable::at(at).value; }
  const Entry& entry_at(Position at) const { return OrderedTable::at(at); }
  // The entry inserted last. Taking one after the other is linear in all.
  std::optional<Position> last() const;
  using OrderedTable::clear;
  using OrderedTable::compact_if_sparse;

 private:
  mutable std::size_t end_ = 0;  // no live entry at or past it, nor past the end of the row
};

}  // namespace mp::server
