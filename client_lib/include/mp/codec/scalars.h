#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "mp/codec/concepts.h"
#include "mp/errors.h"

namespace mp {

template <>
struct Codec<bool> {
  static constexpr KindSet kKinds{ValueKind::kBool};
  template <class Sink>
  static void write(Sink& out, bool flag) {
    out.boolean(flag);
  }
  template <class Source>
  static bool read(Source& in) {
    return in.boolean();
  }
};

namespace internal {

template <WholeNumber To, class From>
To checked_number(From number) {
  if (!std::in_range<To>(number)) {
    throw_out_of_range(std::to_string(number), std::signed_integral<To>, sizeof(To));
  }
  return static_cast<To>(number);
}

template <class T>
concept Enumeration = std::is_enum_v<T>;

}  // namespace internal

// Whole numbers. Errors: ValueError for one that does not fit, TypeError for a bool or float.
template <internal::WholeNumber T>
struct Codec<T> {
  static constexpr KindSet kKinds{ValueKind::kInt, ValueKind::kUint};
  template <class Sink>
  static void write(Sink& out, T number) {
    if constexpr (std::signed_integral<T>) {
      out.integer(number);
    } else {
      out.unsigned_integer(number);
    }
  }
  template <class Source>
  static T read(Source& in) {
    switch (in.kind()) {
      case ValueKind::kInt:
        return internal::checked_number<T>(in.integer());
      case ValueKind::kUint:
        return internal::checked_number<T>(in.unsigned_integer());
      default:
        internal::throw_mismatch("int", in.kind());
    }
  }
};

// double and float; whole numbers are taken too. Errors: ValueError for what is too large for a
// float.
template <internal::FloatingNumber T>
struct Codec<T> {
  static constexpr KindSet kKinds{ValueKind::kFloat};
  template <class Sink>
  static void write(Sink& out, T number) {
    out.floating(number);
  }
  template <class Source>
  static T read(Source& in) {
    switch (in.kind()) {
      case ValueKind::kFloat:
        return narrow(in.floating());
      case ValueKind::kInt:
        return static_cast<T>(in.integer());
      case ValueKind::kUint:
        return static_cast<T>(in.unsigned_integer());
      default:
        internal::throw_mismatch("float", in.kind());
    }
  }

 private:
  static T narrow(double number) {
    if (std::isfinite(number) && std::abs(number) > std::numeric_limits<T>::max()) {
      throw ValueError(std::to_string(number) + " does not fit a float of 4 bytes");
    }
    return static_cast<T>(number);
  }
};

// A character is a str of length one.
template <>
struct Codec<char> {
  static constexpr KindSet kKinds{ValueKind::kStr};
  template <class Sink>
  static void write(Sink& out, char character) {
    out.text(std::string_view(&character, 1));
  }
  template <class Source>
  static char read(Source& in) {
    const std::string_view text = in.text();
    if (text.size() != 1) throw ValueError("expected a str of one character");
    return text.front();
  }
};

// An enumerator is its number.
template <internal::Enumeration T>
struct Codec<T> {
  using Number = Codec<std::underlying_type_t<T>>;
  static constexpr KindSet kKinds = Number::kKinds;
  template <class Sink>
  static void write(Sink& out, T enumerator) {
    Number::write(out, static_cast<std::underlying_type_t<T>>(enumerator));
  }
  template <class Source>
  static T read(Source& in) {
    return static_cast<T>(Number::read(in));
  }
};

}  // namespace mp
