#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/any.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/proxy.h"
#include "mp/set.h"

namespace mp::internal {

template <class T>
Set<T> decode_set(const Reply& reply) {
  return Set<T>(decode_values<T>(reply));
}

// How a set stands to some items: what a SetCompareReply says.
struct Inclusion {
  bool subset = false;
  bool superset = false;
  bool disjoint = false;
  bool equal = false;

  explicit Inclusion(const Reply& reply)
      : subset(reply.boolean(1)),
        superset(reply.boolean(2)),
        disjoint(reply.boolean(3)),
        equal(reply.boolean(4)) {}
};

// The methods of a SetProxy (which has their common rules) and of its async() view, whose results
// are futures.
//
// Where items are taken, any range is, and items in braces: s.update({1, 2}). All of them travel in
// one round trip. If they are a proxy's own, they are fetched first, which takes another one; the
// two are not one atomic operation.
template <class T, class Call>
class SetMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  using Base::ask, Base::call;
  using typename Base::Operation;
  template <class R>
  using Result = typename Base::template Result<R>;

  // Fields of the requests.
  static constexpr std::uint32_t kItem = 3;
  static constexpr std::uint32_t kItems = 3;

 public:
  using key_type = T;
  using value_type = T;

  using Base::Base;

  // True if it is new, false if it was there.
  // Errors: TypeError for what cannot be hashed, ValueError for NaN.
  Result<bool> add(const T& item) const { return with_item(Operation::kSetAdd, item, decode_flag); }

  // False if it was absent.
  Result<bool> discard(const T& item) const {
    return with_item(Operation::kSetDiscard, item, decode_flag);
  }
  Result<bool> erase(const T& item) const { return discard(item); }

  // Errors: KeyError if absent.
  Result<void> remove(const T& item) const {
    return with_item(Operation::kSetRemove, item, decode_nothing);
  }

  // Removes and gives the item that was inserted first.
  // Errors: KeyError if empty.
  Result<T> pop() const { return ask(Operation::kSetPop, decode_value<T>); }

  // Python: item in s.
  Result<bool> contains(const T& item) const {
    return with_item(Operation::kSetContains, item, decode_flag);
  }

  // Python: len(s).
  Result<std::size_t> size() const { return ask(Operation::kSetLength, decode_count); }
  Result<bool> empty() const {
    return ask(Operation::kSetLength, [](const Reply& reply) { return decode_count(reply) == 0; });
  }

  Result<void> clear() const { return ask(Operation::kSetClear, decode_nothing); }

  // Everything at one moment, in order of insertion, in one round trip.
  Result<Set<T>> copy() const { return ask(Operation::kSetItems, decode_set<T>); }
  Result<std::vector<T>> items() const { return ask(Operation::kSetItems, decode_values<T>); }

  // A set in this process, of the items of both, of those in both, of those only here, of those in
  // one of the two; the manager's set stays as it is. Python: s.union(items), ...
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<Set<T>> union_(Items&& items) const {
    return with_items(Operation::kSetUnion, items, decode_set<T>);
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<Set<T>> intersection(Items&& items) const {
    return with_items(Operation::kSetIntersection, items, decode_set<T>);
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<Set<T>> difference(Items&& items) const {
    return with_items(Operation::kSetDifference, items, decode_set<T>);
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<Set<T>> symmetric_difference(Items&& items) const {
    return with_items(Operation::kSetSymmetricDifference, items, decode_set<T>);
  }

  // The same in place: all or nothing.
  // Errors: TypeError for items that cannot be hashed, ValueError for NaN.
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<void> update(Items&& items) const {
    return with_items(Operation::kSetUpdate, items, decode_nothing);
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<void> intersection_update(Items&& items) const {
    return with_items(Operation::kSetIntersectionUpdate, items, decode_nothing);
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<void> difference_update(Items&& items) const {
    return with_items(Operation::kSetDifferenceUpdate, items, decode_nothing);
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<void> symmetric_difference_update(Items&& items) const {
    return with_items(Operation::kSetSymmetricDifferenceUpdate, items, decode_nothing);
  }

  // Are all items of the set among these; the other way round; are there none in both; are they the
  // same? Whatever their order, and how often they are named.
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<bool> issubset(Items&& items) const {
    return compare(items, [](const Inclusion& is) { return is.subset; });
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<bool> issuperset(Items&& items) const {
    return compare(items, [](const Inclusion& is) { return is.superset; });
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<bool> isdisjoint(Items&& items) const {
    return compare(items, [](const Inclusion& is) { return is.disjoint; });
  }
  // Python: s == items.
  template <std::ranges::input_range Items = std::initializer_list<T>>
  Result<bool> equals(Items&& items) const {
    return compare(items, [](const Inclusion& is) { return is.equal; });
  }

 protected:
  // `judge` makes the result of how the set stands to these items.
  template <class Items, class Judge>
  auto compare(Items& items, Judge&& judge) const {
    return with_items(Operation::kSetCompare, items,
                      [judge](const Reply& reply) { return judge(Inclusion(reply)); });
  }

 private:
  template <class Decode>
  auto with_item(Operation operation, const T& item, Decode&& decode) const {
    wire::Scratch request;
    request->value(kItem, item);
    return call(operation, request, std::forward<Decode>(decode));
  }

  template <class Items, class Decode>
  auto with_items(Operation operation, Items& items, Decode&& decode) const {
    wire::Scratch request;
    for (const auto& item : items) request->value(kItems, as_item<T>(item));
    return call(operation, request, std::forward<Decode>(decode));
  }
};

}  // namespace mp::internal
