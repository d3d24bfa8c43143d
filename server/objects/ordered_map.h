#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "server/objects/value.h"

namespace mp::server {

// A hash map of values that remembers the order of insertion: entries in a row, and beside them an
// open-addressed table of their positions. 32 bytes an entry and 4 to 8 for the table.
//
// Positions are stable until a compaction: compact_if_sparse(), or an insert() that is allowed to
// make one. An undo log that names positions must forbid both.
class OrderedMap {
 public:
  struct Entry {
    Value key;  // absent: the entry was erased
    Value value;
  };
  using Position = std::uint32_t;
  enum class Compaction { kAllowed, kForbidden };

  // At most 2^32 - 2 entries; the object's limit is far below.
  std::size_t size() const { return live_; }
  std::optional<Position> find(const Value& key) const;
  // The key must be absent from the map.
  Position insert(Value key, Value value, Compaction compaction = Compaction::kAllowed);
  // Leaves a hole in its place.
  Entry erase(Position at);
  // Puts an entry back where erase() took it from.
  void restore(Position at, Entry entry);
  Value& value_at(Position at) { return entries_[at].value; }
  const Value& value_at(Position at) const { return entries_[at].value; }
  const Entry& entry_at(Position at) const { return entries_[at]; }
  std::optional<Position> last() const;
  // Drops the holes once there are far more of them than entries.
  void compact_if_sparse() {
    if (entries_.size() >= kLeastToCompact && live_ < entries_.size() / 8) compact();
  }
  void clear();

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Entry& entry : entries_) {
      if (entry.key.present()) visit(entry);
    }
  }

  // Bytes on the heap, those of the values included.
  std::size_t heap_bytes() const;

 private:
  static constexpr Position kFree = UINT32_MAX;
  static constexpr std::size_t kLeastToCompact = 64;

  bool is_full() const { return (entries_.size() + 1) * 3 > slots_.size() * 2; }
  void rebuild(std::size_t slots);
  void compact();
  void occupy(Position at);

  std::vector<Entry> entries_;
  std::vector<Position>
      slots_;  // a power of two, at most two thirds full of entries, erased ones included
  std::size_t live_ = 0;
  mutable std::size_t end_ = 0;  // no live entry at or past it
};

}  // namespace mp::server
