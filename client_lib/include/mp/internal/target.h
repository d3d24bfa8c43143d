#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "mp/internal/parcel.h"

namespace mp::internal {

// What a child process runs: a callable with its arguments, called once.
class Target : public Call {
 public:
  // For a child that shares no memory with this process.
  // Errors: TypeError if a part can't go there; what a Codec throws.
  virtual Parcel pack() const = 0;
};

// What has come in a parcel.
template <class... Parts>
class ArrivedCall final : public Call {
 public:
  // Braces: they are read in the order in which they were packed.
  explicit ArrivedCall(ParcelReader reader) : parts_{Passage<Parts>::unpack(reader.next())...} {}

  static std::unique_ptr<Call> unpack(std::string_view bytes) {
    return std::make_unique<ArrivedCall>(ParcelReader(bytes));
  }

  void run() override {
    std::apply(
        [](auto&... held) { static_cast<void>(std::invoke(Passage<Parts>::hand_over(held)...)); },
        parts_);
  }

 private:
  std::tuple<typename Passage<Parts>::Held...> parts_;
};

// Holds decayed copies, and hands them over as rvalues, as std::thread does.
template <class... Parts>
class BoundTarget final : public Target {
 public:
  template <class... Given>
  explicit BoundTarget(std::in_place_t, Given&&... given) : parts_(std::forward<Given>(given)...) {}

  void run() override {
    std::apply([](auto&&... parts) { static_cast<void>(std::invoke(std::move(parts)...)); },
               std::move(parts_));
  }

  Parcel pack() const override {
    if constexpr ((Sendable<Parts> && ...)) {
      Parcel parcel{.unpack = &ArrivedCall<Parts...>::unpack};
      std::apply([&](const auto&... parts) { (parcel.add(Passage<Parts>::pack(parts)), ...); },
                 parts_);
      return parcel;
    } else {
      constexpr bool kSendable[] = {Sendable<Parts>...};
      const std::type_info* const types[] = {&typeid(Parts)...};
      throw_not_sendable(kSendable, types);
    }
  }

 private:
  std::tuple<Parts...> parts_;
};

template <class Callable, class... Args>
std::unique_ptr<Target> make_target(Callable&& callable, Args&&... args) {
  static_assert(std::is_invocable_v<std::decay_t<Callable>, std::decay_t<Args>...>,
                "mp::Process: the callable does not take these arguments. They are copied into the "
                "child and handed "
                "over as rvalues: take them by value, by const reference or by rvalue reference.");
  return std::make_unique<BoundTarget<std::decay_t<Callable>, std::decay_t<Args>...>>(
      std::in_place, std::forward<Callable>(callable), std::forward<Args>(args)...);
}

}  // namespace mp::internal
