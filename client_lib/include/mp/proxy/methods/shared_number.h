#pragma once

#include <cstdint>

#include "mp/proxy/methods/call.h"
#include "mp/proxy/methods/number.h"

namespace mp::internal {

// The operations on a number of one kind of object.
struct NumberOperations {
  wire::Operation set;
  wire::Operation update;
  wire::Operation compare_exchange;
};

// The methods that write one number of a fixed type: that of a Value, or that of a place of an
// Array, whose index comes first in their arguments and in the requests.
template <SharedNumber T, class Call, NumberOperations kOperations, class... Index>
class SharedNumberMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  using Base::call;
  template <class R>
  using Result = typename Base::template Result<R>;

  // Fields of the requests and replies.
  static constexpr std::uint32_t kIndex = 3;
  static constexpr std::uint32_t kNumber = 3 + sizeof...(Index);  // of set(), compare_exchange()
  static constexpr std::uint32_t kDesired = kNumber + 1;          // of compare_exchange()
  static constexpr std::uint32_t kArithmetic = kNumber;           // of an update
  static constexpr std::uint32_t kOperand = kNumber + 1;
  static constexpr std::uint32_t kReplaced = 1;  // of the reply to set()
  static constexpr std::uint32_t kNew = 1;       // of the reply to an update
  static constexpr std::uint32_t kPrevious = 2;

 public:
  using value_type = T;

  using Base::Base;

  // Python: v.value = number, v.set(number); a[index] = number.
  Result<void> set(Index... index, T number) const {
    return store(index..., number, decode_nothing);
  }

  // The same; gives what was there before.
  Result<T> exchange(Index... index, T number) const {
    return store(index..., number, decode_number<T, kReplaced>);
  }

  // Adds, subtracts; gives the result.
  Result<T> add(Index... index, T operand) const requires Summable<T> {
    return update(index..., Arithmetic::kAdd, operand);
  }
  Result<T> subtract(Index... index, T operand) const requires Summable<T> {
    return update(index..., Arithmetic::kSubtract, operand);
  }

  // Adds, subtracts, takes the smaller one, the larger one; gives what was there before.
  Result<T> fetch_add(Index... index, T operand) const requires Summable<T> {
    return fetch(index..., Arithmetic::kAdd, operand);
  }
  Result<T> fetch_sub(Index... index, T operand) const requires Summable<T> {
    return fetch(index..., Arithmetic::kSubtract, operand);
  }
  Result<T> fetch_min(Index... index, T operand) const requires Summable<T> {
    return fetch(index..., Arithmetic::kMin, operand);
  }
  Result<T> fetch_max(Index... index, T operand) const requires Summable<T> {
    return fetch(index..., Arithmetic::kMax, operand);
  }

  // Bit by bit; gives what was there before.
  Result<T> fetch_and(Index... index, T operand) const requires Bitwise<T> {
    return fetch(index..., Arithmetic::kAnd, operand);
  }
  Result<T> fetch_or(Index... index, T operand) const requires Bitwise<T> {
    return fetch(index..., Arithmetic::kOr, operand);
  }
  Result<T> fetch_xor(Index... index, T operand) const requires Bitwise<T> {
    return fetch(index..., Arithmetic::kXor, operand);
  }

  // Sets it to `desired` if it is `expected`.
  Result<Exchange<T>> compare_exchange(Index... index, T expected, T desired) const {
    wire::Scratch request;
    (request->sint(kIndex, index), ...);
    write_number(*request, kNumber, expected);
    write_number(*request, kDesired, desired);
    return call(kOperations.compare_exchange, request, decode_number_exchange<T>);
  }

 protected:
  // Gives the result.
  Result<T> update(Index... index, Arithmetic arithmetic, T operand) const {
    return change(index..., arithmetic, operand, decode_number<T, kNew>);
  }

 private:
  Result<T> fetch(Index... index, Arithmetic arithmetic, T operand) const {
    return change(index..., arithmetic, operand, decode_number<T, kPrevious>);
  }

  template <class Decode>
  auto store(Index... index, T number, Decode&& decode) const {
    wire::Scratch request;
    (request->sint(kIndex, index), ...);
    write_number(*request, kNumber, number);
    return call(kOperations.set, request, std::forward<Decode>(decode));
  }

  template <class Decode>
  auto change(Index... index, Arithmetic arithmetic, T operand, Decode&& decode) const {
    wire::Scratch request;
    (request->sint(kIndex, index), ...);
    request->uint(kArithmetic, static_cast<std::uint64_t>(arithmetic));
    write_number(*request, kOperand, operand);
    return call(kOperations.update, request, std::forward<Decode>(decode));
  }
};

}  // namespace mp::internal
