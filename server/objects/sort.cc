#include "server/objects/sort.h"

#include <algorithm>
#include <span>
#include <utility>

// A merge sort of our own, because std::stable_sort may not be given what has no strict weak order:
// NaN has none, and a comparison that fails has none from then on. This one ends at the first
// failure, and gives NaN some place.

namespace mp::server {
namespace {

absl::Status merge(std::span<Value> left, std::span<Value> right, Value* out, Order order) {
  auto l = left.begin();
  auto r = right.begin();
  while (l != left.end() && r != right.end()) {
    const absl::StatusOr<bool> right_first =
        order == Order::kAscending ? less(*r, *l) : less(*l, *r);
    if (!right_first.ok()) return right_first.status();
    *out++ = std::move(*right_first ? *r++ : *l++);
  }
  std::move(r, right.end(), std::move(l, left.end(), out));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Value>> sorted(std::vector<Value> values, Order order) {
  std::vector<Value> merged(values.size());
  for (std::size_t width = 1; width < values.size(); width *= 2) {
    for (std::size_t first = 0; first < values.size(); first += 2 * width) {
      const std::span<Value> rest = std::span(values).subspan(first);
      const std::span<Value> left = rest.first(std::min(width, rest.size()));
      const std::span<Value> right =
          rest.subspan(left.size(), std::min(width, rest.size() - left.size()));
      if (absl::Status status = merge(left, right, &merged[first], order); !status.ok())
        return status;
    }
    values.swap(merged);
  }
  return values;
}

}  // namespace mp::server
