#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "mp/codec/concepts.h"
#include "mp/codec/packed.h"

namespace mp {

namespace internal {

template <class T>
concept ByteLike = OneOf<T, std::byte, unsigned char>;

template <class T>
concept CodableElement = Codable<std::remove_const_t<T>>;

// A sequence is a list; it is also read from a tuple, a set, or a packed array of numbers. One of
// unsigned char or std::byte is bytes; it is also read from a list of ints.
template <class C, class T>
struct SequenceCodec {
  static constexpr KindSet kKinds{ByteLike<T> ? ValueKind::kBytes : ValueKind::kList};

  template <class Sink>
  static void write(Sink& out, const C& items) {
    if constexpr (ByteLike<T>) {
      const std::string bytes = copy_of(items);
      out.bytes(bytes);
    } else {
      const auto count = static_cast<std::size_t>(std::ranges::distance(items));
      out.list(count, [&] {
        for (const auto& item : items) out.write(static_cast<const T&>(item));
      });
    }
  }

 protected:
  static std::string copy_of(const C& items) {
    std::string bytes;
    for (const T item : items) bytes.push_back(static_cast<char>(item));
    return bytes;
  }

  template <class Source, class Add>
  static void read_items(Source& in, Add&& add) {
    if constexpr (ByteLike<T>) {
      if (in.kind() == ValueKind::kBytes) {
        for (const char byte : in.bytes()) add(static_cast<T>(byte));
        return;
      }
    }
    if constexpr (WholeNumber<T> || FloatingNumber<T>) {
      if (in.kind() == ValueKind::kArray) {
        for_each_packed(in.array(), [&](auto number) { add(number_as<T>(number)); });
        return;
      }
    }
    for (auto items = in.items(); items.next();) add(Codec<T>::read(items.value()));
  }
};

// A sequence that grows at its end.
template <class C>
struct GrowingCodec : SequenceCodec<C, typename C::value_type> {
  using T = typename C::value_type;

  template <class Source>
  static C read(Source& in) {
    C items;
    GrowingCodec::read_items(in, [&](T item) { items.push_back(std::move(item)); });
    return items;
  }
};

// A set; read from a list or tuple as well.
template <class C>
struct SetCodec {
  static constexpr KindSet kKinds{ValueKind::kSet};

  template <class Sink>
  static void write(Sink& out, const C& items) {
    out.set(items.size(), [&] {
      for (const auto& item : items) out.write(item);
    });
  }
  template <class Source>
  static C read(Source& in) {
    C set;
    for (auto items = in.items(); items.next();) {
      set.insert(Codec<typename C::value_type>::read(items.value()));
    }
    return set;
  }
};

// A dict.
template <class C>
struct MapCodec {
  static constexpr KindSet kKinds{ValueKind::kDict};

  template <class Sink>
  static void write(Sink& out, const C& map) {
    out.dict(map.size(), [&] {
      for (const auto& [key, value] : map) out.entry(key, value);
    });
  }
  template <class Source>
  static C read(Source& in) {
    C map;
    for (auto entries = in.entries(); entries.next();) {
      auto key = Codec<typename C::key_type>::read(entries.key());
      map.insert_or_assign(std::move(key), Codec<typename C::mapped_type>::read(entries.value()));
    }
    return map;
  }
};

}  // namespace internal

template <Codable T, class A>
struct Codec<std::vector<T, A>> : internal::GrowingCodec<std::vector<T, A>> {};
template <Codable T, class A>
struct Codec<std::deque<T, A>> : internal::GrowingCodec<std::deque<T, A>> {};
template <Codable T, class A>
struct Codec<std::list<T, A>> : internal::GrowingCodec<std::list<T, A>> {};

// Errors: TypeError for another number of items.
template <Codable T, std::size_t N>
struct Codec<std::array<T, N>> : internal::SequenceCodec<std::array<T, N>, T> {
  template <class Source>
  static std::array<T, N> read(Source& in) {
    std::array<T, N> items{};
    std::size_t found = 0;
    Codec::read_items(in, [&](T item) {
      if (found < N) items[found] = std::move(item);
      ++found;
    });
    if (found != N) internal::throw_wrong_count(N, found);
    return items;
  }
};

// Can be written but not read, for want of an owner.
template <internal::CodableElement T, std::size_t Extent>
struct Codec<std::span<T, Extent>>
    : internal::SequenceCodec<std::span<T, Extent>, std::remove_const_t<T>> {};

template <Codable T, class C, class A>
struct Codec<std::set<T, C, A>> : internal::SetCodec<std::set<T, C, A>> {};
template <Codable T, class H, class E, class A>
struct Codec<std::unordered_set<T, H, E, A>> : internal::SetCodec<std::unordered_set<T, H, E, A>> {
};

template <Codable K, Codable V, class C, class A>
struct Codec<std::map<K, V, C, A>> : internal::MapCodec<std::map<K, V, C, A>> {};
template <Codable K, Codable V, class H, class E, class A>
struct Codec<std::unordered_map<K, V, H, E, A>>
    : internal::MapCodec<std::unordered_map<K, V, H, E, A>> {};

}  // namespace mp
