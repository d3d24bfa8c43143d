#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "mp/codec/concepts.h"
#include "mp/codec/scalars.h"
#include "mp/errors.h"
#include "mp/none.h"

namespace mp {

namespace internal {

// What there is to say is that there is nothing to say.
template <class T>
struct NoneCodec {
  static constexpr KindSet kKinds{ValueKind::kNone};
  template <class Sink>
  static void write(Sink& out, T) {
    out.none();
  }
  template <class Source>
  static T read(Source& in) {
    in.none();
    return T();
  }
};

template <class Cursor>
void next_item(Cursor& items, std::size_t expected, std::size_t found) {
  if (!items.next()) throw_wrong_count(expected, found);
}

template <class Cursor>
void no_more_items(Cursor& items, std::size_t expected) {
  if (items.next()) throw_wrong_count(expected, expected + 1);
}

}  // namespace internal

template <>
struct Codec<NoneType> : internal::NoneCodec<NoneType> {};
template <>
struct Codec<std::monostate> : internal::NoneCodec<std::monostate> {};

// None, or the value; where the value may be None itself (optional<optional<T>>, optional<Any>), a
// tuple of one.
template <Codable T>
struct Codec<std::optional<T>> {
  static constexpr bool kWrapped = internal::kinds_of<T>().intersects(KindSet(ValueKind::kNone));
  static constexpr KindSet kKinds =
      KindSet(ValueKind::kNone) | (kWrapped ? KindSet(ValueKind::kTuple) : internal::kinds_of<T>());

  template <class Sink>
  static void write(Sink& out, const std::optional<T>& value) {
    if (!value) {
      out.none();
    } else if constexpr (kWrapped) {
      out.tuple(1, [&] { out.write(*value); });
    } else {
      out.write(*value);
    }
  }

  template <class Source>
  static std::optional<T> read(Source& in) {
    if (in.kind() == ValueKind::kNone) {
      in.none();
      return std::nullopt;
    }
    if constexpr (kWrapped) {
      auto items = in.items();
      internal::next_item(items, 1, 0);
      std::optional<T> value(Codec<T>::read(items.value()));
      internal::no_more_items(items, 1);
      return value;
    } else {
      return Codec<T>::read(in);
    }
  }
};

// The value as it is, where its kind tells which alternative it is; else a tuple (index, value).
template <Codable... Ts>
struct Codec<std::variant<Ts...>> {
 private:
  static constexpr std::array<KindSet, sizeof...(Ts)> kAlternatives{internal::kinds_of<Ts>()...};

  static constexpr bool is_legible() {
    for (std::size_t i = 0; i < kAlternatives.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (kAlternatives[i].intersects(kAlternatives[j])) return false;
      }
    }
    return true;
  }

  static constexpr bool kLegible = is_legible();

  template <std::size_t I = 0, class Source>
  static std::variant<Ts...> read_alternative(Source& in, std::size_t index) {
    if constexpr (I < sizeof...(Ts)) {
      if (index != I) return read_alternative<I + 1>(in, index);
      using T = std::variant_alternative_t<I, std::variant<Ts...>>;
      return std::variant<Ts...>(std::in_place_index<I>, Codec<T>::read(in));
    } else {
      throw TypeError("expected one of " + std::to_string(sizeof...(Ts)) +
                      " alternatives, found a value of kind " + std::string(name_of(in.kind())));
    }
  }

  static std::size_t alternative_of(ValueKind kind) {
    for (std::size_t i = 0; i < kAlternatives.size(); ++i) {
      if (kAlternatives[i].contains(kind)) return i;
    }
    // Where floats are expected and ints are not, an int is taken for a float.
    if (kind == ValueKind::kInt) return alternative_of(ValueKind::kFloat);
    return kAlternatives.size();
  }

 public:
  static constexpr KindSet kKinds =
      kLegible ? (KindSet() | ... | internal::kinds_of<Ts>()) : KindSet(ValueKind::kTuple);

  template <class Sink>
  static void write(Sink& out, const std::variant<Ts...>& value) {
    if constexpr (kLegible) {
      std::visit([&](const auto& item) { out.write(item); }, value);
    } else {
      out.tuple(2, [&] {
        out.unsigned_integer(value.index());
        std::visit([&](const auto& item) { out.write(item); }, value);
      });
    }
  }

  template <class Source>
  static std::variant<Ts...> read(Source& in) {
    if constexpr (kLegible) {
      return read_alternative(in, alternative_of(in.kind()));
    } else {
      auto items = in.items();
      internal::next_item(items, 2, 0);
      const auto index = Codec<std::size_t>::read(items.value());
      internal::next_item(items, 2, 1);
      std::variant<Ts...> value = read_alternative(items.value(), index);
      internal::no_more_items(items, 2);
      return value;
    }
  }
};

}  // namespace mp
