#pragma once

#include <compare>

#include "server/objects/value.h"

namespace mp::server {

// An order of all values, for what must have a place whatever it is. It agrees with less() wherever
// that has one, but for NaN, which stands behind the other numbers. Values of different types are
// in order of their types, all numbers being one; those of a type without an order (dict, set,
// None, …) are equivalent.
std::weak_ordering total_order(const Value& a, const Value& b);

}  // namespace mp::server
