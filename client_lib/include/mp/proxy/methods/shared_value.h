#pragma once

#include <cstdint>
#include <utility>

#include "mp/proxy/methods/call.h"
#include "mp/proxy/methods/number.h"
#include "mp/proxy/proxy.h"

namespace mp::internal {

// The methods of a ValueProxy (which has their common rules) and of its async() view, whose results
// are futures.
template <SharedNumber T, class Call>
class ValueMethods : public Proxy {
 protected:
  using Operation = wire::Operation;
  template <class R>
  using Result = typename Call::template Result<R>;

  // Fields of the requests and replies.
  static constexpr std::uint32_t kNumber = 3;      // of set() and compare_exchange()
  static constexpr std::uint32_t kDesired = 4;     // of compare_exchange()
  static constexpr std::uint32_t kArithmetic = 3;  // of an update
  static constexpr std::uint32_t kOperand = 4;
  static constexpr std::uint32_t kCurrent = 1;   // of the reply to get()
  static constexpr std::uint32_t kReplaced = 1;  // of the reply to set()
  static constexpr std::uint32_t kNew = 1;       // of the reply to an update
  static constexpr std::uint32_t kPrevious = 2;

 public:
  using value_type = T;

  explicit ValueMethods(Proxy proxy, Call call = {})
      : Proxy(std::move(proxy)), call_(std::move(call)) {}

  // Python: v.value, v.get().
  Result<T> get() const {
    wire::Scratch request;
    return call(Operation::kSharedValueGet, request, decode_number<T, kCurrent>);
  }
  Result<T> value() const { return get(); }

  // Python: v.value = number, v.set(number).
  Result<void> set(T number) const { return store(number, decode_nothing); }

  // The same; gives what was there before.
  Result<T> exchange(T number) const { return store(number, decode_number<T, kReplaced>); }

  // Adds, subtracts; gives the result.
  Result<T> add(T operand) const requires Summable<T> { return update(Arithmetic::kAdd, operand); }
  Result<T> subtract(T operand) const requires Summable<T> {
    return update(Arithmetic::kSubtract, operand);
  }

  // Adds, subtracts, takes the smaller one, the larger one; gives what was there before.
  Result<T> fetch_add(T operand) const requires Summable<T> {
    return fetch(Arithmetic::kAdd, operand);
  }
  Result<T> fetch_sub(T operand) const requires Summable<T> {
    return fetch(Arithmetic::kSubtract, operand);
  }
  Result<T> fetch_min(T operand) const requires Summable<T> {
    return fetch(Arithmetic::kMin, operand);
  }
  Result<T> fetch_max(T operand) const requires Summable<T> {
    return fetch(Arithmetic::kMax, operand);
  }

  // Bit by bit; gives what was there before.
  Result<T> fetch_and(T operand) const requires Bitwise<T> {
    return fetch(Arithmetic::kAnd, operand);
  }
  Result<T> fetch_or(T operand) const requires Bitwise<T> {
    return fetch(Arithmetic::kOr, operand);
  }
  Result<T> fetch_xor(T operand) const requires Bitwise<T> {
    return fetch(Arithmetic::kXor, operand);
  }

  // Sets it to `desired` if it is `expected`.
  Result<Exchange<T>> compare_exchange(T expected, T desired) const {
    wire::Scratch request;
    write_number(*request, kNumber, expected);
    write_number(*request, kDesired, desired);
    return call(Operation::kSharedValueCompareExchange, request, decode_number_exchange<T>);
  }

 protected:
  template <class Decode>
  auto call(Operation operation, wire::Scratch& request, Decode&& decode) const {
    return call_(*this, operation, *request, options(), std::forward<Decode>(decode));
  }

  Result<T> update(Arithmetic arithmetic, T operand) const {
    return update(arithmetic, operand, decode_number<T, kNew>);
  }
  Result<T> fetch(Arithmetic arithmetic, T operand) const {
    return update(arithmetic, operand, decode_number<T, kPrevious>);
  }

 private:
  template <class Decode>
  auto store(T number, Decode&& decode) const {
    wire::Scratch request;
    write_number(*request, kNumber, number);
    return call(Operation::kSharedValueSet, request, std::forward<Decode>(decode));
  }

  template <class Decode>
  auto update(Arithmetic arithmetic, T operand, Decode&& decode) const {
    wire::Scratch request;
    request->uint(kArithmetic, static_cast<std::uint64_t>(arithmetic));
    write_number(*request, kOperand, operand);
    return call(Operation::kSharedValueUpdate, request, std::forward<Decode>(decode));
  }

  [[no_unique_address]] Call call_;
};

}  // namespace mp::internal
