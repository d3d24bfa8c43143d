#include "server/objects/ordered_set.h"

namespace mp::server {

template class OrderedTable<Value>;

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

std::optional<OrderedSet::Position> OrderedSet::first() const {
  while (begin_ < row() && is_hole(begin_)) ++begin_;
  if (begin_ == row()) return std::nullopt;
  return static_cast<Position>(begin_);
}

}  // namespace mp::server
