#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ranges>
#include <type_traits>
#include <utility>

#include "mp/internal/sendable.h"

// Which types can lie in memory that processes share.

namespace mp::internal {

template <class T>
constexpr bool holds_pointer();

// Converts to whatever holds a pointer, and to no base of T.
template <class T>
struct AnyPointer {
  explicit AnyPointer(std::size_t) {}
  template <class U>
  requires(!std::is_base_of_v<U, T> && holds_pointer<U>()) operator U() const;
};

template <class T, std::size_t kPlace, std::size_t... I>
constexpr bool has_pointer_at(std::index_sequence<I...>) {
  return requires { T(std::conditional_t<I == kPlace, AnyPointer<T>, AnyMember<T>>(I)...); };
}

template <class T, std::size_t... I>
constexpr bool has_pointer_in(std::index_sequence<I...> places) {
  return (has_pointer_at<T, I>(places) || ...);
}

// Points to what it stands for: a string_view, a span, a reference_wrapper.
template <class T>
inline constexpr bool kRefers = std::ranges::view<T>;
template <class T>
inline constexpr bool kRefers<std::reference_wrapper<T>> = true;

// What an array is an array of.
template <class T>
struct ItemOf {
  using Type = T;
};
template <class T, std::size_t N>
struct ItemOf<T[N]> : ItemOf<T> {};
template <class T, std::size_t N>
struct ItemOf<std::array<T, N>> : ItemOf<T> {};

// As far as it can be told: the members of a struct that is no aggregate, or has an array of C, are
// not seen.
template <class T>
constexpr bool holds_pointer() {
  using Item = typename ItemOf<T>::Type;
  if constexpr (!std::same_as<T, Item>) {
    return holds_pointer<Item>();
  } else if constexpr (std::is_pointer_v<T> || std::is_member_pointer_v<T> ||
                       std::is_null_pointer_v<T> || kRefers<T>) {
    return true;
  } else if constexpr (PlainAggregate<T>) {
    if constexpr (has_plain_fields<T>()) {
      return has_pointer_in<T>(std::make_index_sequence<count_fields<T>()>());
    } else {
      return false;
    }
  } else {
    return false;
  }
}

// Is as good as its bytes: no std::string, no vector, no class with virtual functions.
template <class T>
concept IsItsBytes =
    std::same_as<T, std::remove_cv_t<T>> && std::is_object_v<T> && !std::is_array_v<T> &&
    std::is_trivially_copyable_v<T> && !std::is_polymorphic_v<T>;

template <class T>
concept Shareable = IsItsBytes<T> && !holds_pointer<T>();

template <class T>
constexpr bool require_shareable() {
  static_assert(IsItsBytes<T>,
                "mp: what processes share must be trivially copyable and not const, unlike a "
                "std::string, a vector or a class with virtual functions; a text can be an "
                "mp::Array<char>");
  static_assert(!holds_pointer<T>(),
                "mp: a pointer or a reference leads nowhere in another process; what it points to "
                "must lie in shared memory itself");
  static_assert(alignof(T) <= 64, "mp: shared memory is aligned to 64 bytes");
  return true;
}

// Read and written as a whole by one instruction.
template <class T>
concept LockFree =
    Shareable<T> && sizeof(T) <= sizeof(std::uint64_t) && std::atomic_ref<T>::is_always_lock_free;

}  // namespace mp::internal
