#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mp/bytes.h"
#include "mp/codec.h"
#include "mp/internal/parcel.h"

namespace mp {

// A function whose first arguments are settled: what a pool's tasks take in place of a lambda that
// captures something, since it can be sent to workers that are there already.
//
// Python: functools.partial(f, *args).
//
//   pool.map(mp::bind([](double factor, double x) { return factor * x; }, 2.5), numbers);
template <class F, class... Bound>
class BoundFunction {
 public:
  BoundFunction(F function, std::tuple<Bound...> bound)
      : function_(std::move(function)), bound_(std::move(bound)) {}

  // The settled arguments are handed over as const, call after call.
  template <class... Args>
  requires std::is_invocable_v<const F&, const Bound&..., Args...>
  decltype(auto) operator()(Args&&... args) const {
    return std::apply(
        [&](const Bound&... bound) -> decltype(auto) {
          return std::invoke(function_, bound..., std::forward<Args>(args)...);
        },
        bound_);
  }

 private:
  friend struct Codec<BoundFunction>;

  F function_;
  std::tuple<Bound...> bound_;
};

// Keeps decayed copies; text that is only pointed to becomes a std::string.
template <class F, class... Args>
auto bind(F function, Args&&... args) {
  static_assert(internal::Sendable<F>,
                "mp::bind: takes a function, a lambda without captures or a function object "
                "without state; hand over what a lambda captures as arguments");
  using Bound = BoundFunction<F, std::conditional_t<internal::BorrowedText<std::decay_t<Args>>,
                                                    std::string, std::decay_t<Args>>...>;
  return Bound(std::move(function), {std::forward<Args>(args)...});
}

// Its parts, as the arguments of a process go.
template <class F, class... Bound>
struct Codec<BoundFunction<F, Bound...>> {
  static constexpr KindSet kKinds{ValueKind::kBytes};

  template <class Sink>
  static void write(Sink& out, const BoundFunction<F, Bound...>& bound) {
    internal::Parcel parcel;
    parcel.add(internal::Passage<F>::pack(bound.function_));
    std::apply(
        [&](const Bound&... values) { (parcel.add(internal::Passage<Bound>::pack(values)), ...); },
        bound.bound_);
    out.bytes(parcel.bytes);
  }

  template <class Source>
  static BoundFunction<F, Bound...> read(Source& in) {
    internal::ParcelReader parts(in.bytes());
    F function = internal::Passage<F>::unpack(parts.next());
    return {std::move(function),
            std::tuple<Bound...>{internal::Passage<Bound>::unpack(parts.next())...}};
  }
};

}  // namespace mp
