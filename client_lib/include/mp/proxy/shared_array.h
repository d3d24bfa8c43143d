#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mp/proxy/item_reference.h"
#include "mp/proxy/methods/shared_array.h"
#include "mp/proxy/proxy.h"
#include "mp/proxy/rlock.h"
#include "mp/proxy/slice_reference.h"
#include "mp/proxy/snapshot_iterator.h"
#include "mp/repr.h"
#include "mp/typecode.h"

namespace mp {

// The asynchronous form of an ArrayProxy: the same methods, giving futures; see AsyncDict.
// compare_exchange() gives an mp::Exchange.
template <internal::SharedNumber T>
class AsyncArray : public internal::ArrayMethods<T, internal::Later> {
 public:
  explicit AsyncArray(Proxy proxy) : internal::ArrayMethods<T, internal::Later>(std::move(proxy)) {}
};

// Numbers of one fixed type in a row of fixed length, in a manager.
//
// Python: ArrayProxy, with the slices of a local Array and the operations of std::atomic, each
// atomic on the manager. Slices travel packed: a million doubles are 8 MB and one round trip. What
// is common to all proxies is said at mp::Proxy.
//
// Errors (of all operations that write): OverflowError for a result that T does not hold, where
// std::atomic wraps around. Nothing has changed then.
//
// The methods are those of internal::ArrayMethods with results at once: size empty at get set
// exchange get_slice set_slice copy to_vector fill add subtract fetch_add fetch_sub fetch_min
// fetch_max fetch_and fetch_or fetch_xor compare_exchange.
//
//   auto a = manager.array<double>("samples", 1000);
//   a[0] = 1.5;
//   a[-1] += 2;                                    // one atomic operation
//   a[mp::slice(1, 3)] = {7, 8};
//   std::vector<double> all = a.copy();
template <internal::SharedNumber T>
class ArrayProxy : public internal::ArrayMethods<T, internal::Now> {
  using Base = internal::ArrayMethods<T, internal::Now>;

 public:
  static constexpr std::string_view kKind = "array";
  using iterator = SnapshotIterator<T>;
  using const_iterator = iterator;

  explicit ArrayProxy(std::shared_ptr<const internal::RemoteObject> object)
      : Base(Proxy(std::move(object))) {}

  // To be read, written or added to; see ItemReference.
  ItemReference<ArrayProxy, std::int64_t, T> operator[](std::int64_t index) const {
    return {*this, index};
  }
  SliceReference<ArrayProxy, T> operator[](const Slice& slice) const { return {*this, slice}; }

  // Goes through the numbers as they are at this moment. Blocks: begin(), for one round trip.
  iterator begin() const { return iterator(this->copy()); }
  iterator end() const { return iterator(); }

  // Sets a[index] to `desired` if it is `expected`, else `expected` to what is there; tells which.
  // NaN is taken for NaN.
  // Errors: IndexError if out of range.
  bool compare_exchange(std::int64_t index, T& expected, T desired) const {
    const Exchange<T> exchange = Base::compare_exchange(index, expected, desired);
    expected = *exchange.actual;
    return exchange.exchanged;
  }

  // The lock that goes with the array. Holding it keeps nobody from the operations above: it is
  // for those who agree to take it. Python: a.get_lock(), of a local Array.
  RLockProxy get_lock() const { return this->part(RLockProxy(this->remote())); }

  // The same array, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  ArrayProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return this->fenced(*this, lock, token);
  }

  // The same array, for calls that do not wait.
  AsyncArray<T> async() const { return AsyncArray<T>(*this); }
};

// As Python prints it: array('d', [1.0, 2.0]). Blocks: for one round trip.
template <internal::SharedNumber T>
std::string str(const ArrayProxy<T>& array) {
  const std::vector<T> numbers = array.copy();
  std::string text = std::string("array('") + typecode_of<T>() + '\'';
  if (!numbers.empty()) {
    text += ", ";
    internal::ReprSink out(text);
    out.list(numbers.size(), [&] {
      for (const auto number : numbers) out.write(static_cast<internal::PlainNumber<T>>(number));
    });
  }
  return text + ')';
}

template <internal::SharedNumber T>
std::ostream& operator<<(std::ostream& out, const ArrayProxy<T>& array) {
  return out << str(array);
}

}  // namespace mp
