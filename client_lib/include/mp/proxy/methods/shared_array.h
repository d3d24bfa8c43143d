#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/proxy/methods/call.h"
#include "mp/proxy/methods/number.h"
#include "mp/proxy/methods/packed.h"
#include "mp/proxy/proxy.h"
#include "mp/slice.h"

namespace mp::internal {

// The methods of an ArrayProxy (which has their common rules) and of its async() view, whose
// results are futures. A negative index counts from the end.
//
// Errors (of all that take an index): IndexError if it is out of range.
template <SharedNumber T, class Call>
class ArrayMethods : public Proxy {
 protected:
  using Operation = wire::Operation;
  template <class R>
  using Result = typename Call::template Result<R>;

  // Fields of the requests and replies.
  static constexpr std::uint32_t kIndex = 3;
  static constexpr std::uint32_t kNumber = 4;      // of set() and compare_exchange()
  static constexpr std::uint32_t kDesired = 5;     // of compare_exchange()
  static constexpr std::uint32_t kArithmetic = 4;  // of an update
  static constexpr std::uint32_t kOperand = 5;
  static constexpr std::uint32_t kNumbers = 6;  // of fields for a slice
  static constexpr std::uint32_t kFill = 7;
  static constexpr std::uint32_t kCurrent = 1;   // of the reply to at()
  static constexpr std::uint32_t kReplaced = 1;  // of the reply to set()
  static constexpr std::uint32_t kNew = 1;       // of the reply to an update
  static constexpr std::uint32_t kPrevious = 2;

 public:
  using value_type = T;

  explicit ArrayMethods(Proxy proxy, Call call = {})
      : Proxy(std::move(proxy)), call_(std::move(call)) {}

  // Python: len(a).
  Result<std::size_t> size() const {
    wire::Scratch request;
    return call(Operation::kSharedArrayLength, request, decode_count);
  }
  Result<bool> empty() const {
    wire::Scratch request;
    return call(Operation::kSharedArrayLength, request,
                [](const Reply& reply) { return decode_count(reply) == 0; });
  }

  // Python: a[index].
  Result<T> at(std::int64_t index) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    return call(Operation::kSharedArrayGet, request, decode_number<T, kCurrent>);
  }
  Result<T> get(std::int64_t index) const { return at(index); }

  // Numbers at one moment, in one round trip, packed as they lie in memory.
  // Python: a[start:stop:step].
  // Errors: ValueError for a step of 0; TypeError if the array is of another type.
  Result<std::vector<T>> get_slice(const Slice& slice) const {
    wire::Scratch request;
    write_bounds(*request, slice);
    return call(Operation::kSharedArrayGetSlice, request, decode_packed<T>);
  }
  Result<std::vector<T>> at(const Slice& slice) const { return get_slice(slice); }

  // Everything. Python: a[:].
  Result<std::vector<T>> copy() const { return get_slice(Slice()); }
  Result<std::vector<T>> to_vector() const { return copy(); }

  // Python: a[index] = number.
  Result<void> set(std::int64_t index, T number) const {
    return store(index, number, decode_nothing);
  }

  // The same; gives what was there before.
  Result<T> exchange(std::int64_t index, T number) const {
    return store(index, number, decode_number<T, kReplaced>);
  }

  // As many numbers as there are places, in one round trip: all or none. A contiguous range of T is
  // sent as it lies in memory. Python: a[start:stop:step] = numbers.
  // Errors: ValueError for another number of them, for a whole number that T does not hold, and for
  // a step of 0.
  template <std::ranges::input_range Numbers = std::initializer_list<T>>
  Result<void> set_slice(const Slice& slice, Numbers&& numbers) const {
    wire::Scratch request;
    write_bounds(*request, slice);
    write_packed<T>(*request, kNumbers, numbers);
    return call(Operation::kSharedArraySetSlice, request, decode_nothing);
  }
  template <std::ranges::input_range Numbers = std::initializer_list<T>>
  Result<void> set(const Slice& slice, Numbers&& numbers) const {
    return set_slice(slice, numbers);
  }

  // One number into all places, in one round trip.
  Result<void> fill(const Slice& slice, T number) const {
    wire::Scratch request;
    write_bounds(*request, slice);
    write_number(*request, kFill, number);
    return call(Operation::kSharedArraySetSlice, request, decode_nothing);
  }
  Result<void> fill(T number) const { return fill(Slice(), number); }

  // Adds, subtracts; gives the result.
  Result<T> add(std::int64_t index, T operand) const requires Summable<T> {
    return update(index, Arithmetic::kAdd, operand);
  }
  Result<T> subtract(std::int64_t index, T operand) const requires Summable<T> {
    return update(index, Arithmetic::kSubtract, operand);
  }

  // Adds, subtracts, takes the smaller one, the larger one; gives what was there before.
  Result<T> fetch_add(std::int64_t index, T operand) const requires Summable<T> {
    return fetch(index, Arithmetic::kAdd, operand);
  }
  Result<T> fetch_sub(std::int64_t index, T operand) const requires Summable<T> {
    return fetch(index, Arithmetic::kSubtract, operand);
  }
  Result<T> fetch_min(std::int64_t index, T operand) const requires Summable<T> {
    return fetch(index, Arithmetic::kMin, operand);
  }
  Result<T> fetch_max(std::int64_t index, T operand) const requires Summable<T> {
    return fetch(index, Arithmetic::kMax, operand);
  }

  // Bit by bit; gives what was there before.
  Result<T> fetch_and(std::int64_t index, T operand) const requires Bitwise<T> {
    return fetch(index, Arithmetic::kAnd, operand);
  }
  Result<T> fetch_or(std::int64_t index, T operand) const requires Bitwise<T> {
    return fetch(index, Arithmetic::kOr, operand);
  }
  Result<T> fetch_xor(std::int64_t index, T operand) const requires Bitwise<T> {
    return fetch(index, Arithmetic::kXor, operand);
  }

  // Sets a[index] to `desired` if it is `expected`.
  Result<Exchange<T>> compare_exchange(std::int64_t index, T expected, T desired) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    write_number(*request, kNumber, expected);
    write_number(*request, kDesired, desired);
    return call(Operation::kSharedArrayCompareExchange, request, decode_number_exchange<T>);
  }

 protected:
  template <class Decode>
  auto call(Operation operation, wire::Scratch& request, Decode&& decode) const {
    return call_(*this, operation, *request, options(), std::forward<Decode>(decode));
  }

 private:
  static void write_bounds(wire::Message& request, const Slice& slice) {
    if (slice.start) request.sint(3, *slice.start);
    if (slice.stop) request.sint(4, *slice.stop);
    if (slice.step) request.sint(5, *slice.step);
  }

  template <class Decode>
  auto store(std::int64_t index, T number, Decode&& decode) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    write_number(*request, kNumber, number);
    return call(Operation::kSharedArraySet, request, std::forward<Decode>(decode));
  }

  template <class Decode>
  auto update(std::int64_t index, Arithmetic arithmetic, T operand, Decode&& decode) const {
    wire::Scratch request;
    request->sint(kIndex, index);
    request->uint(kArithmetic, static_cast<std::uint64_t>(arithmetic));
    write_number(*request, kOperand, operand);
    return call(Operation::kSharedArrayUpdate, request, std::forward<Decode>(decode));
  }
  Result<T> update(std::int64_t index, Arithmetic arithmetic, T operand) const {
    return update(index, arithmetic, operand, decode_number<T, kNew>);
  }
  Result<T> fetch(std::int64_t index, Arithmetic arithmetic, T operand) const {
    return update(index, arithmetic, operand, decode_number<T, kPrevious>);
  }

  [[no_unique_address]] Call call_;
};

}  // namespace mp::internal
