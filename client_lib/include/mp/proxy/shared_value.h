#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "mp/proxy/methods/shared_value.h"
#include "mp/proxy/proxy.h"
#include "mp/proxy/rlock.h"
#include "mp/repr.h"
#include "mp/typecode.h"

namespace mp {

// The asynchronous form of a ValueProxy: the same methods, giving futures; see AsyncDict.
// compare_exchange() gives an mp::Exchange.
template <internal::SharedNumber T>
class AsyncValue : public internal::ValueMethods<T, internal::Later> {
 public:
  explicit AsyncValue(Proxy proxy) : internal::ValueMethods<T, internal::Later>(std::move(proxy)) {}
};

// One number of a fixed type in a manager: bool, an integer, char (a small integer here), float or
// double.
//
// Python: ValueProxy, but typed and range-checked, and with the operations of std::atomic, each
// atomic on the manager: `v += 1` by many processes counts them all. What is common to all proxies
// is said at mp::Proxy: `v == w` asks whether two proxies mean the same value, and copying or
// assigning one proxy to another copies the handle; `v == 3` and `v = 3` mean the number.
//
// Errors (of all operations): OverflowError for a result that T does not hold, where std::atomic
// wraps around. Nothing has changed then.
//
// The methods are those of internal::ValueMethods with results at once: get value set exchange add
// subtract fetch_add fetch_sub fetch_min fetch_max fetch_and fetch_or fetch_xor compare_exchange.
//
//   auto hits = manager.value<int>("hits");
//   hits += 1;
//   int before = hits.fetch_max(10);
//   auto lock = hits.get_lock();
//   { std::scoped_lock guard(lock); hits = hits * 2; }         // against those who lock too
template <internal::SharedNumber T>
class ValueProxy : public internal::ValueMethods<T, internal::Now> {
  using Base = internal::ValueMethods<T, internal::Now>;
  using Arithmetic = internal::Arithmetic;

 public:
  static constexpr std::string_view kKind = "value";

  explicit ValueProxy(std::shared_ptr<const internal::RemoteObject> object)
      : Base(Proxy(std::move(object))) {}

  ValueProxy(const ValueProxy&) = default;
  ValueProxy(ValueProxy&&) noexcept = default;
  ValueProxy& operator=(const ValueProxy&) = default;
  ValueProxy& operator=(ValueProxy&&) noexcept = default;
  ~ValueProxy() = default;
  void operator=(const ValueProxy&) const = delete;  // of the number? v = w.get()

  // Reads, and writes; a round trip each.
  operator T() const { return this->get(); }
  T operator=(T number) const {
    this->set(number);
    return number;
  }

  // Each one atomic operation; gives the result, the forms after the name what was there before.
  T operator+=(T operand) const requires internal::Summable<T> { return this->add(operand); }
  T operator-=(T operand) const requires internal::Summable<T> { return this->subtract(operand); }
  T operator++() const requires internal::Summable<T> { return this->add(T{1}); }
  T operator--() const requires internal::Summable<T> { return this->subtract(T{1}); }
  T operator++(int) const requires internal::Summable<T> { return this->fetch_add(T{1}); }
  T operator--(int) const requires internal::Summable<T> { return this->fetch_sub(T{1}); }
  T operator&=(T operand) const requires internal::Bitwise<T> {
    return this->update(Arithmetic::kAnd, operand);
  }
  T operator|=(T operand) const requires internal::Bitwise<T> {
    return this->update(Arithmetic::kOr, operand);
  }
  T operator^=(T operand) const requires internal::Bitwise<T> {
    return this->update(Arithmetic::kXor, operand);
  }

  // Sets it to `desired` if it is `expected`, else `expected` to what is there; tells which.
  // NaN is taken for NaN.
  //
  //   int seen = v;
  //   while (!v.compare_exchange(seen, next(seen))) continue;
  bool compare_exchange(T& expected, T desired) const {
    const Exchange<T> exchange = Base::compare_exchange(expected, desired);
    expected = *exchange.actual;
    return exchange.exchanged;
  }

  // The lock that goes with the value. Holding it keeps nobody from the operations above: it is
  // for those who agree to take it. Python: v.get_lock(), of a local Value.
  RLockProxy get_lock() const { return this->part(RLockProxy(this->remote())); }

  // The same value, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  ValueProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return this->fenced(*this, lock, token);
  }

  // The same value, for calls that do not wait.
  AsyncValue<T> async() const { return AsyncValue<T>(*this); }
};

// As Python prints it: Value('i', 3). Blocks: for one round trip.
template <internal::SharedNumber T>
std::string str(const ValueProxy<T>& value) {
  const auto number = static_cast<internal::PlainNumber<T>>(value.get());
  return std::string("Value('") + typecode_of<T>() + "', " + repr(number) + ')';
}

template <internal::SharedNumber T>
std::ostream& operator<<(std::ostream& out, const ValueProxy<T>& value) {
  return out << str(value);
}

}  // namespace mp
