#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mp/codec.h"
#include "mp/internal/plain_source.h"

// Which types go to a process that shares no memory with this one. The question must have an answer
// for every type, also for those that are never sent: a forked child takes them all.

namespace mp::internal {

template <class T>
concept Readable = requires(PlainSource& in) {
  CodecOf<T>::read(in);
};

// Converts to whatever a direct member of T is initialised with, and to no base of T.
template <class T>
struct AnyMember {
  explicit AnyMember(std::size_t) {}
  template <class U>
  requires(!std::is_base_of_v<U, T>) operator U() const;
};

// Whether T(a, b, ...) takes so many: unlike T{a, b, ...} it does not spread them over an array.
template <class T, std::size_t... I>
constexpr bool takes_members(std::index_sequence<I...>) {
  return requires { T(AnyMember<T>(I)...); };
}

// A struct whose fields Codec<T> can tell one by one.
template <class T>
constexpr bool has_plain_fields() {
  constexpr std::size_t kCount = count_fields<T>();
  if constexpr (kCount > kMostFields) {
    return false;
  } else {
    return kCount == 0 || takes_members<T>(std::make_index_sequence<kCount>());
  }
}

template <class T>
concept ByPosition = requires {
  requires CodecOf<T>::kByPosition;
};

template <class T, class... Seen>
constexpr bool is_sound();

// The types that T is made of, as far as they can be seen.
template <class T, class... Seen>
struct PartsAreSound : std::true_type {};
template <template <class...> class Outer, class... Parts, class... Seen>
struct PartsAreSound<Outer<Parts...>, Seen...>
    : std::bool_constant<(is_sound<Parts, Seen...>() && ...)> {};
template <class T, std::size_t N, class... Seen>
struct PartsAreSound<std::array<T, N>, Seen...> : std::bool_constant<is_sound<T, Seen...>()> {};

template <class Fields, class... Seen>
struct FieldsAreSound;
template <class... Fields, class... Seen>
struct FieldsAreSound<std::tuple<Fields&...>, Seen...>
    : std::bool_constant<((Codable<Fields> && Readable<Fields> && is_sound<Fields, Seen...>()) &&
                          ...)> {};

// Whether Codec<T>, if there is one, can write and read all that a T holds. True for what has none,
// such as an allocator. Seen: the types around, since a struct may hold a vector of its like.
template <class T, class... Seen>
constexpr bool is_sound() {
  // What is empty, such as std::less, holds nothing that could be lost.
  if constexpr ((std::same_as<T, Seen> || ... || std::is_empty_v<T>)) {
    return true;
  } else if constexpr (Codable<T> && !Readable<T>) {
    return false;
  } else if constexpr (ByPosition<T>) {
    if constexpr (has_plain_fields<T>()) {
      return FieldsAreSound<decltype(fields_of(std::declval<T&>())), T, Seen...>::value;
    } else {
      return false;
    }
  } else {
    return PartsAreSound<T, T, Seen...>::value;
  }
}

template <class T>
concept FunctionPointer = std::is_pointer_v<T> && std::is_function_v<std::remove_pointer_t<T>>;

// A captureless lambda, std::plus<>: one is like the other.
template <class T>
concept Stateless = std::is_empty_v<T> && std::default_initializable<T>;

template <class T>
concept BorrowedText = OneOf<T, const char*, char*, std::string_view>;

// What can be an argument, or the callable, of a child that is not forked.
template <class T>
concept Sendable = FunctionPointer<T> || Stateless<T> || BorrowedText<T> ||
    (Codable<T>&& Readable<T>&& is_sound<T>());

}  // namespace mp::internal
