#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/codec/containers.h"
#include "mp/errors.h"
#include "mp/internal/hash_index.h"
#include "mp/internal/key_traits.h"
#include "mp/repr.h"

namespace mp {

class Any;

// A set in order of insertion, in this process: what a SetProxy gives for a copy of itself.
//
// Python: set. Over mp::Any, int, float and bool are distinct (1, 1.0 and true are three items), as
// in a manager's set. Lookup takes constant time; erase() takes time in proportion to the size,
// since it keeps the order. Of the operators, those with = and their counterparts without take any
// range on the right.
//
//   mp::Set<int> seen{1, 2};
//   if (seen.add(3)) std::cout << (seen & std::vector{2, 3, 4}) << '\n';      // {2, 3}
template <class T = Any>
class Set {
 public:
  using key_type = T;
  using value_type = T;
  using const_iterator = typename std::vector<T>::const_iterator;
  using iterator = const_iterator;

  Set() = default;
  Set(std::initializer_list<T> items) { *this |= items; }
  template <std::ranges::input_range Items>
  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): the condition leaves copies alone
  requires(!std::same_as<std::remove_cvref_t<Items>, Set>) explicit Set(Items&& items) {
    *this |= items;
  }

  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  const_iterator begin() const { return items_.begin(); }
  const_iterator end() const { return items_.end(); }
  const std::vector<T>& items() const { return items_; }
  bool contains(const T& item) const { return position(item) != internal::HashIndex::kNone; }

  // False if it was there. Errors: ValueError for NaN; TypeError for what cannot be hashed.
  bool add(T item) {
    if (!internal::KeyTraits<T>::same(item, item)) {
      throw ValueError("NaN cannot be an item of a set");
    }
    if (contains(item)) return false;
    index_.push_back(internal::KeyTraits<T>::hash(item));
    items_.push_back(std::move(item));
    return true;
  }
  bool insert(T item) { return add(std::move(item)); }

  // False if it was absent. Python: s.discard(item).
  bool discard(const T& item) {
    const std::size_t at = position(item);
    if (at == internal::HashIndex::kNone) return false;
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(at));
    index_.erase(at);
    return true;
  }
  bool erase(const T& item) { return discard(item); }

  void clear() {
    items_.clear();
    index_.clear();
  }

  // Python: s |= items, s &= items, s -= items, s ^= items.
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Set& operator|=(Items&& items) {
    for (const auto& item : items) add(static_cast<T>(item));
    return *this;
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Set& operator&=(Items&& items) {
    const auto& others = set_of(items);
    return keep([&](const T& item) { return others.contains(item); });
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Set& operator-=(Items&& items) {
    const auto& others = set_of(items);
    return keep([&](const T& item) { return !others.contains(item); });
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Set& operator^=(Items&& items) {
    const auto& others = set_of(items);
    const Set added = others - *this;
    keep([&](const T& item) { return !others.contains(item); });
    return *this |= added;
  }

  template <std::ranges::input_range Items>
  friend Set operator|(Set left, Items&& items) {
    return std::move(left |= items);
  }
  template <std::ranges::input_range Items>
  friend Set operator&(Set left, Items&& items) {
    return std::move(left &= items);
  }
  template <std::ranges::input_range Items>
  friend Set operator-(Set left, Items&& items) {
    return std::move(left -= items);
  }
  template <std::ranges::input_range Items>
  friend Set operator^(Set left, Items&& items) {
    return std::move(left ^= items);
  }

  // The same items, in whatever order; and inclusion, as in Python.
  friend bool operator==(const Set& left, const Set& right) {
    return left.size() == right.size() && left <= right;
  }
  friend bool operator<=(const Set& left, const Set& right) {
    return std::ranges::all_of(left, [&](const T& item) { return right.contains(item); });
  }
  friend bool operator<(const Set& left, const Set& right) {
    return left.size() < right.size() && left <= right;
  }
  friend bool operator>=(const Set& left, const Set& right) { return right <= left; }
  friend bool operator>(const Set& left, const Set& right) { return right < left; }

  friend std::ostream& operator<<(std::ostream& out, const Set& set) { return out << repr(set); }

 private:
  template <class Items>
  static decltype(auto) set_of(Items& items) {
    if constexpr (std::same_as<std::remove_cv_t<Items>, Set>) {
      return (items);
    } else {
      return Set(items);
    }
  }

  std::size_t position(const T& item) const {
    return index_.find(internal::KeyTraits<T>::hash(item), [&](std::size_t at) {
      return internal::KeyTraits<T>::same(items_[at], item);
    });
  }

  template <class Keep>
  Set& keep(Keep&& keep) {
    Set kept;
    for (const auto& item : items_) {
      if (keep(item)) kept.add(item);
    }
    return *this = std::move(kept);
  }

  std::vector<T> items_;
  internal::HashIndex index_;
};

template <Codable T>
struct Codec<Set<T>> : internal::SetCodec<Set<T>> {};

}  // namespace mp

#include "mp/any.h"  // the default argument
