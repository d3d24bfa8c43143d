#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <ostream>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mp/proxy/item_reference.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/methods/dict.h"
#include "mp/proxy/methods/scan.h"
#include "mp/proxy/snapshot_iterator.h"

namespace mp {

// The asynchronous form of a DictProxy: the same methods, giving futures. Calls that are started
// gather, and leave together: with flush(), with the next call that waits, or when the first result
// is asked for.
template <class K = Any, class V = Any>
class AsyncDict : public internal::DictMethods<K, V, internal::Later> {
 public:
  explicit AsyncDict(Proxy proxy)
      : internal::DictMethods<K, V, internal::Later>(std::move(proxy)) {}
};

// A dict of a manager.
//
// Python: DictProxy. Keys are hashable values; int, float and bool keys are distinct; NaN is
// refused as a key. The order is that of insertion. What is common to all proxies is said at
// mp::Proxy.
//
// The methods are those of internal::DictMethods with results at once: at get set erase contains
// size empty clear items keys values copy pop popitem setdefault update add compare_exchange
// update_if get_many erase_many.
//
//   auto scores = manager.dict<std::string, int>("scores");
//   scores["alice"] = 3;
//   scores["alice"] += 1;                          // one atomic operation
//   if (auto bob = scores.get("bob")) std::cout << *bob;
//   for (const auto& [name, score] : scores) std::cout << name << ' ' << score << '\n';
template <class K = Any, class V = Any>
class DictProxy : public internal::DictMethods<K, V, internal::Now> {
  using Base = internal::DictMethods<K, V, internal::Now>;

 public:
  static constexpr std::string_view kKind = "dict";
  using value_type = std::pair<K, V>;
  using iterator = SnapshotIterator<value_type>;
  using const_iterator = iterator;

  explicit DictProxy(std::shared_ptr<const internal::RemoteObject> object)
      : Base(Proxy(std::move(object))) {}

  // To be read, written or added to; see ItemReference.
  ItemReference<DictProxy, K, V> operator[](K key) const { return {*this, std::move(key)}; }

  // Goes through the pairs as they are at this moment, which are all fetched. Of many, see scan().
  // Blocks: begin(), for one round trip.
  iterator begin() const { return iterator(this->items()); }
  iterator end() const { return iterator(); }

  // Goes through the pairs, or the keys, part by part, where they are too many to be here at once.
  // They are those of the dict all the while, or it ends with an error: a value may be set
  // meanwhile, and is seen as it was when its part was fetched. Python: iter(d.items()), iter(d).
  // Errors: RuntimeError once a key came or went.
  //
  //   for (const auto& [name, score] : scores.scan()) ...
  Scan<value_type> scan(ScanOptions options = {}) const {
    using Pairs = std::vector<value_type>;
    return internal::scan_by<value_type>(
        *this, this->options(), wire::Operation::kDictScan, options, internal::ScanWhat::kEntries,
        [](const internal::Reply& reply) {
          Pairs pairs;
          internal::for_each_entry<K, V>(
              reply, [&](K key, V value) { pairs.emplace_back(std::move(key), std::move(value)); });
          return pairs;
        });
  }
  Scan<K> scan_keys(ScanOptions options = {}) const {
    return internal::scan_by<K>(*this, this->options(), wire::Operation::kDictScan, options,
                                internal::ScanWhat::kKeys, internal::decode_entry_keys<K>);
  }

  // The keys, the last inserted first. Python: list(reversed(d)).
  std::vector<K> reversed() const {
    std::vector<K> keys = this->keys();
    std::ranges::reverse(keys);
    return keys;
  }

  // Sets all entries of a range of pairs, all or none. Python: d |= entries.
  template <std::ranges::input_range Entries>
  const DictProxy& operator|=(Entries&& entries) const {
    this->update(std::forward<Entries>(entries));
    return *this;
  }

  // A copy, with the entries of a range over it; and the other way round. Python: d | entries.
  template <std::ranges::input_range Entries>
  friend Dict<K, V> operator|(const DictProxy& dict, Entries&& entries) {
    return dict.copy() | std::forward<Entries>(entries);
  }
  friend Dict<K, V> operator|(const Dict<K, V>& left, const DictProxy& right) {
    return Dict<K, V>(left) |= right;
  }

  // A dict in this process with these keys and one value. Python: DictProxy.fromkeys().
  template <std::ranges::input_range Keys>
  static Dict<K, V> fromkeys(Keys&& keys, const V& value = V()) {
    Dict<K, V> dict;
    for (auto&& key : keys) dict.insert_or_assign(K(key), value);
    return dict;
  }

  // The same dict, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  //
  //   d.fenced_by(lock, lock.token())["k"] = v;
  DictProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return this->fenced(*this, lock, token);
  }

  // The same dict, for calls that do not wait.
  AsyncDict<K, V> async() const { return AsyncDict<K, V>(*this); }

  // As Python prints it. Blocks: for one round trip.
  friend std::ostream& operator<<(std::ostream& out, const DictProxy& dict) {
    return out << dict.copy();
  }
};

// str(d): the contents; repr(d) names the object. Python: the same.
template <class K, class V>
std::string str(const DictProxy<K, V>& dict) {
  return repr(dict.copy());
}

}  // namespace mp
