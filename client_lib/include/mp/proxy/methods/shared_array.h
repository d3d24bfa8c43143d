#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <ranges>
#include <vector>

#include "mp/proxy/methods/packed.h"
#include "mp/proxy/methods/shared_number.h"
#include "mp/slice.h"

namespace mp::internal {

inline constexpr NumberOperations kArrayOperations{
    .set = wire::Operation::kSharedArraySet,
    .update = wire::Operation::kSharedArrayUpdate,
    .compare_exchange = wire::Operation::kSharedArrayCompareExchange};

// The methods of an ArrayProxy (which has their common rules) and of its async() view, whose
// results are futures. A negative index counts from the end. Those that write one number are
// SharedNumberMethods'.
//
// Errors (of all that take an index): IndexError if it is out of range.
template <SharedNumber T, class Call>
class ArrayMethods : public SharedNumberMethods<T, Call, kArrayOperations, std::int64_t> {
 protected:
  using Base = SharedNumberMethods<T, Call, kArrayOperations, std::int64_t>;
  using Base::ask, Base::call, Base::kIndex;
  using typename Base::Operation;
  template <class R>
  using Result = typename Base::template Result<R>;

  // Fields of the requests and replies.
  static constexpr std::uint32_t kNumbers = 6;  // of fields for a slice
  static constexpr std::uint32_t kFill = 7;
  static constexpr std::uint32_t kCurrent = 1;  // of the reply to at()

 public:
  using Base::Base;
  using Base::set;

  // Python: len(a).
  Result<std::size_t> size() const { return ask(Operation::kSharedArrayLength, decode_count); }
  Result<bool> empty() const {
    return ask(Operation::kSharedArrayLength,
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

 private:
  static void write_bounds(wire::Message& request, const Slice& slice) {
    if (slice.start) request.sint(3, *slice.start);
    if (slice.stop) request.sint(4, *slice.stop);
    if (slice.step) request.sint(5, *slice.step);
  }
};

}  // namespace mp::internal
