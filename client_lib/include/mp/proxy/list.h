#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mp/proxy/item_reference.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/methods/list.h"
#include "mp/proxy/methods/scan.h"
#include "mp/proxy/slice_reference.h"
#include "mp/proxy/snapshot_iterator.h"

namespace mp {

// The asynchronous form of a ListProxy: the same methods, giving futures; see AsyncDict.
template <class V = Any>
class AsyncList : public internal::ListMethods<V, internal::Later> {
 public:
  explicit AsyncList(Proxy proxy) : internal::ListMethods<V, internal::Later>(std::move(proxy)) {}
};

// A list of a manager.
//
// Python: ListProxy. Items are equal as in Python: count(), index() and remove() find 1 for 1.0.
// What is common to all proxies is said at mp::Proxy.
//
// The methods are those of internal::ListMethods with results at once: at copy set erase append
// extend insert pop remove index find count contains size empty clear reverse sort repeat add
// compare_exchange update_if.
//
//   auto l = manager.list({3, 1, 2});
//   l.append(5);
//   l.sort({.reverse = true});
//   l[mp::slice(1, 3)] = {7, 8, 9};
//   std::cout << l << ' ' << l[-1] << '\n';        // [5, 7, 8, 9, 1] 1
template <class V = Any>
class ListProxy : public internal::ListMethods<V, internal::Now> {
  using Base = internal::ListMethods<V, internal::Now>;

 public:
  static constexpr std::string_view kKind = "list";
  using iterator = SnapshotIterator<V>;
  using const_iterator = iterator;

  explicit ListProxy(std::shared_ptr<const internal::RemoteObject> object)
      : Base(Proxy(std::move(object))) {}

  // To be read, written or added to; see ItemReference.
  ItemReference<ListProxy, std::int64_t, V> operator[](std::int64_t index) const {
    return {*this, index};
  }
  SliceReference<ListProxy, V> operator[](const Slice& slice) const { return {*this, slice}; }

  // Goes through the items as they are at this moment, which are all fetched. Of many, see scan().
  // Blocks: begin(), for one round trip.
  iterator begin() const { return iterator(this->copy()); }
  iterator end() const { return iterator(); }

  // Goes through the items part by part, by their indices, where they are too many to be here at
  // once. The list may change meanwhile: what is inserted before the place where the scan is, or
  // removed there, makes it see an item twice, or miss one. Python: iter(l), which does the same.
  Scan<V> scan(ScanOptions options = {}) const {
    return internal::scan_by_index<V>(*this, this->options(), options);
  }

  // Python: l += values, l *= times.
  template <std::ranges::input_range Values>
  const ListProxy& operator+=(Values&& values) const {
    this->extend(std::forward<Values>(values));
    return *this;
  }
  const ListProxy& operator+=(std::initializer_list<V> values) const {
    this->extend(values);
    return *this;
  }
  const ListProxy& operator*=(std::int64_t times) const {
    this->repeat(times);
    return *this;
  }

  // Copies in this process. Python: l + values, l * times.
  template <std::ranges::input_range Values>
  friend std::vector<V> operator+(const ListProxy& list, Values&& values) {
    std::vector<V> sum = list.copy();
    for (auto&& value : values) sum.push_back(V(value));
    return sum;
  }
  friend std::vector<V> operator*(const ListProxy& list, std::int64_t times) {
    const std::vector<V> items = list.copy();
    std::vector<V> product;
    for (; times > 0; --times) product.insert(product.end(), items.begin(), items.end());
    return product;
  }
  friend std::vector<V> operator*(std::int64_t times, const ListProxy& list) {
    return list * times;
  }

  // The same list, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  ListProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return this->fenced(*this, lock, token);
  }

  // The same list, for calls that do not wait.
  AsyncList<V> async() const { return AsyncList<V>(*this); }

  // As Python prints it. Blocks: for one round trip.
  friend std::ostream& operator<<(std::ostream& out, const ListProxy& list) {
    return out << repr(list.copy());
  }
};

// str(l): the contents; repr(l) names the object. Python: the same.
template <class V>
std::string str(const ListProxy<V>& list) {
  return repr(list.copy());
}

}  // namespace mp
