#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "server/objects/value.h"

namespace mp::server {

enum class Order { kAscending, kDescending };

// The values in order of less(); equal ones stay in the order they had, descending too, as
// Python's. Errors: TYPE_ERROR if two values that must be compared have no order.
absl::StatusOr<std::vector<Value>> sorted(std::vector<Value> values, Order order);

}  // namespace mp::server
