#pragma once

#include <vector>

#include "server/objects/ordered_map.h"
#include "server/objects/step.h"

namespace mp::server {

// An ordered map that is part of an object: what a call changes in it is undone with the call's
// batch, keeps to the limits, and is done whole or not at all. It is read through `->`.
class UndoableMap {
 public:
  using Entry = OrderedMap::Entry;
  using Position = OrderedMap::Position;

  // First contents. The last of equal keys wins, in the first one's place. LIMIT_EXCEEDED if they
  // are too many.
  static absl::StatusOr<UndoableMap> of(std::vector<Entry> entries, const ObjectLimits& limits);

  const OrderedMap* operator->() const { return &map_; }
  const OrderedMap& operator*() const { return map_; }

  // map[key] = value, and where it stands. LIMIT_EXCEEDED if the key is new and there is no room.
  absl::StatusOr<Position> put(Value key, Value value, Call& call);
  // The same for all entries, or none.
  absl::Status put_all(std::vector<Entry> entries, Call& call);
  // map[key] += operand; an absent key counts as the operand's zero. The errors of sum() and put().
  absl::StatusOr<Position> add(Value key, const Value& operand, Call& call);
  Entry take(Position at, Call& call);
  absl::Status clear(Call& call);
  // Between batches: gives back what their holes take.
  void tidy() { map_.compact_if_sparse(); }

 private:
  void replace(Position at, Value value, Call& call);
  absl::StatusOr<Position> insert(Value key, Value value, Call& call);

  OrderedMap map_;
};

}  // namespace mp::server
