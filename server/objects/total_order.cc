#include "server/objects/total_order.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace mp::server {
namespace {

using Type = Value::Type;

Type group_of(const Value& value) { return value.is_number() ? Type::kInt : value.type(); }

bool is_nan(const Value& number) {
  return number.type() == Type::kFloat && std::isnan(number.as_float());
}

std::weak_ordering order_of_numbers(const Value& a, const Value& b) {
  if (is_nan(a) || is_nan(b)) return is_nan(a) <=> is_nan(b);
  if (*less(a, b)) return std::weak_ordering::less;
  return *less(b, a) ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

std::weak_ordering order_of_sequences(const std::vector<Value>& a, const std::vector<Value>& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (const auto order = total_order(a[i], b[i]); std::is_neq(order)) return order;
  }
  return a.size() <=> b.size();
}

}  // namespace

std::weak_ordering total_order(const Value& a, const Value& b) {
  if (group_of(a) != group_of(b)) return group_of(a) <=> group_of(b);
  switch (group_of(a)) {
    case Type::kInt:
      return order_of_numbers(a, b);
    case Type::kStr:
    case Type::kBytes:
      return a.text() <=> b.text();
    case Type::kList:
    case Type::kTuple:
      return order_of_sequences(a.items().items, b.items().items);
    default:
      return std::weak_ordering::equivalent;
  }
}

}  // namespace mp::server
