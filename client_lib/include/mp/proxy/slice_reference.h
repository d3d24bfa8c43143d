#pragma once

#include <initializer_list>
#include <ostream>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/repr.h"
#include "mp/slice.h"

namespace mp {

// l[start:stop:step], for as long as the expression lasts: converts to a vector, and can be
// assigned to.
template <class Owner, class V>
class SliceReference {
 public:
  SliceReference(const SliceReference&) = delete;
  SliceReference& operator=(const SliceReference&) = delete;

  operator std::vector<V>() && { return owner_.at(slice_); }
  std::vector<V> value() && { return owner_.at(slice_); }

  template <std::ranges::input_range Values>
  void operator=(Values&& values) && {
    owner_.set(slice_, std::forward<Values>(values));
  }
  void operator=(std::initializer_list<V> values) && { owner_.set(slice_, values); }
  void operator=(SliceReference&& other) && { owner_.set(slice_, std::move(other).value()); }

  friend bool operator==(SliceReference&& slice, const std::vector<V>& values) {
    return std::move(slice).value() == values;
  }
  friend std::ostream& operator<<(std::ostream& out, SliceReference&& slice) {
    return out << repr(std::move(slice).value());
  }

 private:
  friend Owner;
  SliceReference(const Owner& owner, Slice slice) : owner_(owner), slice_(slice) {}

  const Owner& owner_;
  const Slice slice_;
};

}  // namespace mp
