#include "server/objects/ordered_map.h"

namespace mp::server {

template class OrderedTable<MapEntry>;

OrderedMap::Position OrderedMap::insert(Value key, Value value, Compaction compaction) {
  const Position at = OrderedTable::insert(compaction, std::move(key), std::move(value));
  end_ = at + std::size_t{1};
  return at;
}

std::optional<OrderedMap::Position> OrderedMap::last() const {
  end_ = std::min(end_, row());
  while (end_ > 0 && is_hole(end_ - 1)) --end_;
  if (end_ == 0) return std::nullopt;
  return static_cast<Position>(end_ - 1);
}

}  // namespace mp::server
