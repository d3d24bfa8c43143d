#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/any.h"
#include "mp/comparison.h"
#include "mp/exchange.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/proxy.h"
#include "mp/slice.h"

namespace mp {

struct SortOptions {
  bool reverse = false;
};

namespace internal {

inline void write_slice(wire::Message& request, std::uint32_t field, const Slice& slice) {
  wire::Message bounds;
  if (slice.start) bounds.sint(1, *slice.start);
  if (slice.stop) bounds.sint(2, *slice.stop);
  if (slice.step) bounds.sint(3, *slice.step);
  request.message(field, bounds);
}

// The methods of a ListProxy (which has their common rules) and of its async() view, whose results
// are futures. A negative index counts from the end.
template <class V, class Call>
class ListMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  using Base::ask, Base::call, Base::tolerating;
  using typename Base::Operation;
  template <class T>
  using Result = typename Base::template Result<T>;

  // Fields of the requests.
  static constexpr std::uint32_t kIndex = 3;
  static constexpr std::uint32_t kSlice = 3;
  static constexpr std::uint32_t kItem = 3;      // where there is no index before it
  static constexpr std::uint32_t kItemAt = 4;    // where there is one
  static constexpr std::uint32_t kArgument = 3;  // of sort() and repeat()
  static constexpr std::uint32_t kReplacement = 5;

 public:
  using value_type = V;

  using Base::Base;

  // Python: l[index], l[start:stop:step].
  // Errors: IndexError if out of range (an index); ValueError for a step of 0.
  Result<V> at(std::int64_t index) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    return call(Operation::kListGet, request, decode_value<V>);
  }
  Result<std::vector<V>> at(const Slice& slice) const {
    wire::Scratch request;
    write_slice(*request, kSlice, slice);
    return call(Operation::kListGetSlice, request, decode_values<V>);
  }

  // Everything at one moment, in one round trip. Python: l.copy(), l[:].
  Result<std::vector<V>> copy() const { return at(Slice()); }

  // Python: l[index] = value, l[start:stop:step] = values.
  // Errors: IndexError if out of range; ValueError if an extended slice has another length than the
  // values.
  Result<void> set(std::int64_t index, const V& value) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    request->value(kItemAt, value);
    return call(Operation::kListSet, request, decode_nothing);
  }
  template <std::ranges::input_range Values>
  Result<void> set(const Slice& slice, Values&& values) const {
    wire::Scratch request;
    write_slice(*request, kSlice, slice);
    for (const auto& value : values) request->value(kItemAt, as_item<V>(value));
    return call(Operation::kListSetSlice, request, decode_nothing);
  }
  Result<void> set(const Slice& slice, std::initializer_list<V> values) const {
    return set<std::initializer_list<V>&>(slice, values);
  }

  // Python: del l[index], del l[start:stop:step].
  // Errors: IndexError if out of range.
  Result<void> erase(std::int64_t index) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    return call(Operation::kListDelete, request, decode_nothing);
  }
  Result<void> erase(const Slice& slice) const {
    wire::Scratch request;
    write_slice(*request, kSlice, slice);
    return call(Operation::kListDeleteSlice, request, decode_nothing);
  }

  Result<void> append(const V& value) const {
    return with_item(Operation::kListAppend, value, decode_nothing);
  }
  Result<void> push_back(const V& value) const { return append(value); }

  // Appends all items of a range, in one round trip.
  template <std::ranges::input_range Values>
  Result<void> extend(Values&& values) const {
    wire::Scratch request;
    for (const auto& value : values) request->value(kItem, as_item<V>(value));
    return call(Operation::kListExtend, request, decode_nothing);
  }
  Result<void> extend(std::initializer_list<V> values) const {
    return extend<std::initializer_list<V>&>(values);
  }

  // Before the item of this index; an index out of range means the start or the end.
  Result<void> insert(std::int64_t index, const V& value) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    request->value(kItemAt, value);
    return call(Operation::kListInsert, request, decode_nothing);
  }

  // Removes and gives an item, by default the last.
  // Errors: IndexError if empty or out of range.
  Result<V> pop() const { return ask(Operation::kListPop, decode_value<V>); }
  Result<V> pop(std::int64_t index) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    return call(Operation::kListPop, request, decode_value<V>);
  }

  // Removes the first item that equals `value`.
  // Errors: ValueError if there is none.
  Result<void> remove(const V& value) const {
    return with_item(Operation::kListRemove, value, decode_nothing);
  }

  // Where the first item that equals `value` is, of those in [start, stop).
  // Errors: ValueError if there is none.
  Result<std::size_t> index(const V& value, std::optional<std::int64_t> start = {},
                            std::optional<std::int64_t> stop = {}) const {
    return call_index(value, start, stop, ErrorCode::kUnspecified, decode_count);
  }
  // nullopt if there is none.
  Result<std::optional<std::size_t>> find(const V& value, std::optional<std::int64_t> start = {},
                                          std::optional<std::int64_t> stop = {}) const {
    return call_index(value, start, stop, ErrorCode::kValueError,
                      [](const Reply& reply) -> std::optional<std::size_t> {
                        if (!reply.ok()) return std::nullopt;
                        return decode_count(reply);
                      });
  }

  Result<std::size_t> count(const V& value) const {
    return with_item(Operation::kListCount, value, decode_count);
  }

  // Python: value in l.
  Result<bool> contains(const V& value) const {
    return with_item(Operation::kListContains, value, decode_flag);
  }

  // Python: len(l).
  Result<std::size_t> size() const { return ask(Operation::kListLength, decode_count); }
  Result<bool> empty() const {
    return ask(Operation::kListLength, [](const Reply& reply) { return decode_count(reply) == 0; });
  }

  Result<void> clear() const { return ask(Operation::kListClear, decode_nothing); }
  Result<void> reverse() const { return ask(Operation::kListReverse, decode_nothing); }

  // Sorts, keeping the order of equals. Python: l.sort(reverse=...).
  // Errors: TypeError if two items have no order.
  //
  //   l.sort({.reverse = true});
  Result<void> sort(SortOptions how = {}) const {
    wire::Scratch request;
    if (how.reverse) request->boolean(kArgument, true);
    return call(Operation::kListSort, request, decode_nothing);
  }

  // Python: l *= times.
  Result<void> repeat(std::int64_t times) const {
    wire::Scratch request;
    request->sint(kArgument, times);
    return call(Operation::kListRepeat, request, decode_nothing);
  }

  // l[index] += operand; gives the sum.
  // Errors: IndexError; TypeError for what cannot be added.
  template <Codable Operand>
  Result<V> add(std::int64_t index, const Operand& operand) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    request->value(kItemAt, operand);
    return call(Operation::kListAdd, request, decode_value<V>);
  }

  // Sets l[index] to `desired` if it is `expected`.
  // Errors: IndexError if out of range.
  Result<Exchange<V>> compare_exchange(std::int64_t index, const V& expected,
                                       const V& desired) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    request->value(kItemAt, expected);
    request->value(kReplacement, desired);
    return call(Operation::kListCompareExchange, request, decode_exchange<V>);
  }

  // Sets l[index] to `value` if what is there meets the condition.
  // Errors: IndexError if out of range; TypeError if the two have no order.
  //
  //   best.update_if(0, mp::less_than(score), score);
  Result<Exchange<V>> update_if(std::int64_t index, const Comparison& condition,
                                const V& value) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    write_condition(*request, kItemAt, condition);
    request->value(kReplacement, value);
    return call(Operation::kListUpdateIf, request, decode_exchange<V>);
  }

 protected:
 private:
  template <class Decode>
  auto with_item(Operation operation, const V& value, Decode&& decode) const {
    wire::Scratch request;
    request->value(kItem, value);
    return call(operation, request, std::forward<Decode>(decode));
  }

  template <class Decode>
  auto call_index(const V& value, std::optional<std::int64_t> start,
                  std::optional<std::int64_t> stop, ErrorCode tolerated, Decode&& decode) const {
    wire::Scratch request;
    request->value(kItem, value);
    if (start) request->sint(4, *start);
    if (stop) request->sint(5, *stop);
    return call(Operation::kListIndex, request, tolerating(tolerated),
                std::forward<Decode>(decode));
  }
};

}  // namespace internal

}  // namespace mp
