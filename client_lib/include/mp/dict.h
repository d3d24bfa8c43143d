#pragma once

#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "mp/codec/containers.h"
#include "mp/errors.h"
#include "mp/internal/hash_index.h"
#include "mp/internal/key_traits.h"
#include "mp/repr.h"

namespace mp {

class Any;

// A dict in order of insertion, in this process: what a DictProxy gives for a copy of itself.
//
// Python: dict. Iteration gives pairs. Over mp::Any, int, float and bool keys are distinct (1, 1.0
// and true are three keys), as in a manager's dict. Lookup takes constant time; erase() takes time
// in proportion to the size, since it keeps the order.
//
//   mp::Dict<std::string, int> ages{{"alice", 3}, {"bob", 4}};
//   ages["carol"] += 1;
//   for (const auto& [name, age] : ages) std::cout << name << ' ' << age << '\n';
template <class K = Any, class V = Any>
class Dict {
 public:
  using key_type = K;
  using mapped_type = V;
  using value_type = std::pair<K, V>;
  using const_iterator = typename std::vector<value_type>::const_iterator;
  using iterator = const_iterator;

  Dict() = default;
  Dict(std::initializer_list<value_type> entries) {
    for (const auto& [key, value] : entries) insert_or_assign(key, value);
  }
  // Of two equal keys the later value counts, in the place of the first.
  explicit Dict(std::vector<value_type> entries) {
    entries_.reserve(entries.size());
    for (auto& [key, value] : entries) insert_or_assign(std::move(key), std::move(value));
  }

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  bool contains(const K& key) const { return position(key) != internal::HashIndex::kNone; }

  // Null if the key is absent.
  const V* find(const K& key) const {
    const std::size_t at = position(key);
    return at == internal::HashIndex::kNone ? nullptr : &entries_[at].second;
  }
  V* find(const K& key) { return const_cast<V*>(std::as_const(*this).find(key)); }

  // Errors: KeyError if absent.
  const V& at(const K& key) const {
    if (const V* value = find(key)) return *value;
    throw KeyError(repr(key));
  }

  // Makes the entry if it is absent.
  V& operator[](const K& key) {
    if (V* value = find(key)) return *value;
    return append(key, V());
  }

  void insert_or_assign(K key, V value) {
    if (V* old = find(key)) {
      *old = std::move(value);
    } else {
      append(std::move(key), std::move(value));
    }
  }

  // False if it was absent.
  bool erase(const K& key) {
    const std::size_t at = position(key);
    if (at == internal::HashIndex::kNone) return false;
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
    index_.erase(at);
    return true;
  }

  void clear() {
    entries_.clear();
    index_.clear();
  }

  std::vector<K> keys() const {
    std::vector<K> keys;
    keys.reserve(size());
    for (const auto& entry : entries_) keys.push_back(entry.first);
    return keys;
  }
  std::vector<V> values() const {
    std::vector<V> values;
    values.reserve(size());
    for (const auto& entry : entries_) values.push_back(entry.second);
    return values;
  }

  // The entries of a range of pairs, over those that are there. Python: d |= other.
  template <std::ranges::input_range Entries>
  Dict& operator|=(Entries&& entries) {
    for (auto&& [key, value] : entries) insert_or_assign(key, value);
    return *this;
  }
  template <std::ranges::input_range Entries>
  friend Dict operator|(Dict left, Entries&& entries) {
    return std::move(left |= std::forward<Entries>(entries));
  }

  // The same entries, in whatever order.
  friend bool operator==(const Dict& left, const Dict& right) {
    if (left.size() != right.size()) return false;
    for (const auto& [key, value] : left) {
      const V* other = right.find(key);
      if (other == nullptr || !(*other == value)) return false;
    }
    return true;
  }

  friend std::ostream& operator<<(std::ostream& out, const Dict& dict) { return out << repr(dict); }

 private:
  std::size_t position(const K& key) const {
    return index_.find(internal::KeyTraits<K>::hash(key), [&](std::size_t at) {
      return internal::KeyTraits<K>::same(entries_[at].first, key);
    });
  }

  V& append(K key, V value) {
    if (!internal::KeyTraits<K>::same(key, key)) throw ValueError("NaN cannot be a key");
    const std::size_t hash = internal::KeyTraits<K>::hash(key);
    entries_.emplace_back(std::move(key), std::move(value));
    index_.push_back(hash);
    return entries_.back().second;
  }

  std::vector<value_type> entries_;
  internal::HashIndex index_;
};

template <Codable K, Codable V>
struct Codec<Dict<K, V>> : internal::MapCodec<Dict<K, V>> {};

}  // namespace mp

#include "mp/any.h"  // the default arguments
