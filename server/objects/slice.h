#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "mp/v1/list.pb.h"

namespace mp::server {

// How Python counts the places of a list: a negative index counts from the end.

// The place of l[index] in a list of `length` items; none if it is out of range.
std::optional<std::size_t> place_of(std::int64_t index, std::size_t length);

// The place before which l.insert(index, …) puts its value: an index out of range means the nearer
// end.
std::size_t nearest_place(std::int64_t index, std::size_t length);

// What l[start:stop:step] selects: `count` items, the first at `start`, each `step` places after
// the one before.
//
// Invariant: every selected place is inside the list. A stretch (step 1) of no items still has a
// place, 0 … length: what is assigned to it is inserted there.
struct SliceRange {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::size_t count = 0;

  bool is_stretch() const { return step == 1; }
  std::size_t operator[](std::size_t i) const {
    return static_cast<std::size_t>(start + static_cast<std::int64_t>(i) * step);
  }
};

// Source: slice.indices() of the Python language reference. Errors: VALUE_ERROR if the step is 0.
absl::StatusOr<SliceRange> resolve(const v1::Slice& slice, std::size_t length);

}  // namespace mp::server
