#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>

#include "mp/codec/choice.h"
#include "mp/codec/concepts.h"

namespace mp {

namespace internal {

// Reads the items of a tuple, or of a list, one after the other, each as its type.
template <class... Ts, class Source>
std::tuple<Ts...> read_tuple(Source& in) {
  auto items = in.items();
  [[maybe_unused]] std::size_t found = 0;
  // Braces are evaluated from left to right.
  std::tuple<Ts...> values{[&]() -> Ts {
    next_item(items, sizeof...(Ts), found++);
    return Codec<Ts>::read(items.value());
  }()...};
  no_more_items(items, sizeof...(Ts));
  return values;
}

template <class Sink, class... Ts>
void write_tuple(Sink& out, const Ts&... items) {
  out.tuple(sizeof...(Ts), [&] { (out.write(items), ...); });
}

}  // namespace internal

template <Codable... Ts>
struct Codec<std::tuple<Ts...>> {
  static constexpr KindSet kKinds{ValueKind::kTuple};
  template <class Sink>
  static void write(Sink& out, const std::tuple<Ts...>& tuple) {
    std::apply([&](const Ts&... items) { internal::write_tuple(out, items...); }, tuple);
  }
  template <class Source>
  static std::tuple<Ts...> read(Source& in) {
    return internal::read_tuple<Ts...>(in);
  }
};

template <Codable A, Codable B>
struct Codec<std::pair<A, B>> {
  static constexpr KindSet kKinds{ValueKind::kTuple};
  template <class Sink>
  static void write(Sink& out, const std::pair<A, B>& pair) {
    internal::write_tuple(out, pair.first, pair.second);
  }
  template <class Source>
  static std::pair<A, B> read(Source& in) {
    auto [first, second] = internal::read_tuple<A, B>(in);
    return {std::move(first), std::move(second)};
  }
};

}  // namespace mp
