#pragma once

#include <cstddef>
#include <functional>

namespace mp {

class Any;

namespace internal {

std::size_t hash_of_key(const Any& key);
bool same_key(const Any& left, const Any& right);

template <class K>
concept StdHashable = requires(const K& key) {
  std::hash<K>{}(key);
};

// How a Dict tells its keys apart: by ==, and for mp::Any by kind as well (1, 1.0 and true are
// three keys). Types without a std::hash, such as tuples, are hashed as an mp::Any.
template <class K>
struct KeyTraits {
  static std::size_t hash(const K& key) {
    if constexpr (StdHashable<K>) {
      return std::hash<K>{}(key);
    } else {
      return hash_of_key(Any(key));
    }
  }
  static bool same(const K& left, const K& right) { return left == right; }
};

template <>
struct KeyTraits<Any> {
  static std::size_t hash(const Any& key) { return hash_of_key(key); }
  static bool same(const Any& left, const Any& right) { return same_key(left, right); }
};

}  // namespace internal

}  // namespace mp
