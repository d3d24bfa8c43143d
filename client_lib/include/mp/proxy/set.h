#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

#include "mp/proxy/methods/scan.h"
#include "mp/proxy/methods/set.h"
#include "mp/proxy/proxy.h"
#include "mp/proxy/snapshot_iterator.h"
#include "mp/set.h"

namespace mp {

// The asynchronous form of a SetProxy: the same methods, giving futures; see AsyncDict. An argument
// that is a proxy is fetched, and waited for, before the call starts.
template <class T = Any>
class AsyncSet : public internal::SetMethods<T, internal::Later> {
 public:
  explicit AsyncSet(Proxy proxy) : internal::SetMethods<T, internal::Later>(std::move(proxy)) {}
};

// A set of a manager.
//
// Python: SetProxy. Items are as the keys of a dict: hashable values; int, float and bool are
// distinct; NaN is refused. The order is that of insertion. What is common to all proxies is said
// at mp::Proxy: == asks whether two proxies mean the same set; equals() compares contents.
//
// The methods are those of internal::SetMethods with results at once: add discard erase remove pop
// contains size empty clear copy items union_ intersection difference symmetric_difference update
// intersection_update difference_update symmetric_difference_update issubset issuperset isdisjoint
// equals. The operators take any range on the right; that of another SetProxy is fetched first,
// which is a second round trip, and not atomic with the first.
//
//   auto seen = manager.set<std::string>("seen");
//   if (seen.add(url)) fetch(url);
//   seen |= {"a", "b"};
//   mp::Set<std::string> known = seen & urls;
//   if (seen >= urls) std::cout << seen << '\n';                  // {'a', 'b'}
template <class T = Any>
class SetProxy : public internal::SetMethods<T, internal::Now> {
  using Base = internal::SetMethods<T, internal::Now>;

 public:
  static constexpr std::string_view kKind = "set";
  using iterator = SnapshotIterator<T>;
  using const_iterator = iterator;

  explicit SetProxy(std::shared_ptr<const internal::RemoteObject> object)
      : Base(Proxy(std::move(object))) {}

  // Goes through the items as they are at this moment, which are all fetched. Of many, see scan().
  // Blocks: begin(), for one round trip.
  iterator begin() const { return iterator(this->items()); }
  iterator end() const { return iterator(); }

  // Goes through the items part by part, where they are too many to be here at once.
  // Python: iter(s). Errors: RuntimeError once an item came or went.
  Scan<T> scan(ScanOptions options = {}) const {
    return internal::scan_by<T>(*this, this->options(), wire::Operation::kSetScan, options,
                                internal::ScanWhat::kEntries, internal::decode_values<T>);
  }

  // In place: all or nothing.
  template <std::ranges::input_range Items = std::initializer_list<T>>
  const SetProxy& operator|=(Items&& items) const {
    this->update(items);
    return *this;
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  const SetProxy& operator&=(Items&& items) const {
    this->intersection_update(items);
    return *this;
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  const SetProxy& operator-=(Items&& items) const {
    this->difference_update(items);
    return *this;
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  const SetProxy& operator^=(Items&& items) const {
    this->symmetric_difference_update(items);
    return *this;
  }

  // Sets in this process.
  template <std::ranges::input_range Items>
  friend Set<T> operator|(const SetProxy& set, Items&& items) {
    return set.union_(items);
  }
  template <std::ranges::input_range Items>
  friend Set<T> operator&(const SetProxy& set, Items&& items) {
    return set.intersection(items);
  }
  template <std::ranges::input_range Items>
  friend Set<T> operator-(const SetProxy& set, Items&& items) {
    return set.difference(items);
  }
  template <std::ranges::input_range Items>
  friend Set<T> operator^(const SetProxy& set, Items&& items) {
    return set.symmetric_difference(items);
  }

  // Inclusion, at one moment. Python: the same.
  template <std::ranges::input_range Items>
  friend bool operator<=(const SetProxy& set, Items&& items) {
    return set.issubset(items);
  }
  template <std::ranges::input_range Items>
  friend bool operator>=(const SetProxy& set, Items&& items) {
    return set.issuperset(items);
  }
  template <std::ranges::input_range Items>
  friend bool operator<(const SetProxy& set, Items&& items) {
    return set.compare(items, [](const internal::Inclusion& is) { return is.subset && !is.equal; });
  }
  template <std::ranges::input_range Items>
  friend bool operator>(const SetProxy& set, Items&& items) {
    return set.compare(items,
                       [](const internal::Inclusion& is) { return is.superset && !is.equal; });
  }

  // The same set, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  SetProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return this->fenced(*this, lock, token);
  }

  // The same set, for calls that do not wait.
  AsyncSet<T> async() const { return AsyncSet<T>(*this); }

  // As Python prints it: {1, 2}, and set() if it is empty. Blocks: for one round trip.
  friend std::ostream& operator<<(std::ostream& out, const SetProxy& set) {
    return out << set.copy();
  }
};

// str(s): the contents; repr(s) names the object. Python: the same.
template <class T>
std::string str(const SetProxy<T>& set) {
  return repr(set.copy());
}

}  // namespace mp
