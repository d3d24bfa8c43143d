#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mp/codec/concepts.h"
#include "mp/codec/tuple.h"
#include "mp/record.h"

namespace mp {

namespace internal {

inline constexpr std::size_t kMostFields = 16;

// Converts to whatever a field is initialised with. Not an aggregate itself.
struct AnyField {
  explicit AnyField(std::size_t) {}
  template <class T>
  operator T() const;
};

template <class T, std::size_t... I>
constexpr bool initialisable_with(std::index_sequence<I...>) {
  return requires { T{AnyField(I)...}; };
}

template <class T, std::size_t N = kMostFields + 1>
constexpr std::size_t count_fields() {
  if constexpr (initialisable_with<T>(std::make_index_sequence<N>())) {
    return N;
  } else if constexpr (N > 0) {
    return count_fields<T, N - 1>();
  } else {
    return 0;
  }
}

// A tuple of references to the fields.
template <class T>
auto fields_of(T& item) {
  constexpr std::size_t kCount = count_fields<std::remove_const_t<T>>();
  static_assert(kCount <= kMostFields,
                "mp: a struct of more than 16 fields needs MP_RECORD or its own mp::Codec");
  // clang-format off
  if constexpr (kCount == 0) { return std::tie(); }
  else if constexpr (kCount == 1) { auto& [a] = item; return std::tie(a); }
  else if constexpr (kCount == 2) { auto& [a, b] = item; return std::tie(a, b); }
  else if constexpr (kCount == 3) { auto& [a, b, c] = item; return std::tie(a, b, c); }
  else if constexpr (kCount == 4) { auto& [a, b, c, d] = item; return std::tie(a, b, c, d); }
  else if constexpr (kCount == 5) { auto& [a, b, c, d, e] = item; return std::tie(a, b, c, d, e); }
  else if constexpr (kCount == 6) { auto& [a, b, c, d, e, f] = item; return std::tie(a, b, c, d, e, f); }
  else if constexpr (kCount == 7) { auto& [a, b, c, d, e, f, g] = item; return std::tie(a, b, c, d, e, f, g); }
  else if constexpr (kCount == 8) { auto& [a, b, c, d, e, f, g, h] = item; return std::tie(a, b, c, d, e, f, g, h); }
  else if constexpr (kCount == 9) { auto& [a, b, c, d, e, f, g, h, i] = item; return std::tie(a, b, c, d, e, f, g, h, i); }
  else if constexpr (kCount == 10) { auto& [a, b, c, d, e, f, g, h, i, j] = item; return std::tie(a, b, c, d, e, f, g, h, i, j); }
  else if constexpr (kCount == 11) { auto& [a, b, c, d, e, f, g, h, i, j, k] = item; return std::tie(a, b, c, d, e, f, g, h, i, j, k); }
  else if constexpr (kCount == 12) { auto& [a, b, c, d, e, f, g, h, i, j, k, l] = item; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l); }
  else if constexpr (kCount == 13) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = item; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m); }
  else if constexpr (kCount == 14) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = item; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n); }
  else if constexpr (kCount == 15) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = item; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o); }
  else { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = item; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p); }
  // clang-format on
}

template <class T>
concept PlainAggregate = std::is_class_v<T> && std::is_aggregate_v<T> && !DescribedRecord<T>;

}  // namespace internal

// A plain struct is a tuple of its fields, in order: without base class, of at most 16 fields, none
// of which is a C array (use std::array). MP_RECORD makes it legible, and safe to reorder.
template <internal::PlainAggregate T>
struct Codec<T> {
  static constexpr KindSet kKinds{ValueKind::kTuple};
  static constexpr bool kByPosition = true;  // nobody wrote it for this T

  template <class Sink>
  static void write(Sink& out, const T& item) {
    std::apply([&](const auto&... fields) { internal::write_tuple(out, fields...); },
               internal::fields_of(item));
  }

  template <class Source>
  static T read(Source& in) {
    return read_as(in, static_cast<decltype(internal::fields_of(std::declval<T&>()))*>(nullptr));
  }

 private:
  template <class Source, class... Fields>
  static T read_as(Source& in, std::tuple<Fields&...>*) {
    return std::apply([](auto&&... fields) { return T{std::move(fields)...}; },
                      internal::read_tuple<Fields...>(in));
  }
};

}  // namespace mp
