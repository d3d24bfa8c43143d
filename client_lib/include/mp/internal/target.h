#pragma once

#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace mp::internal {

// What a child process runs: a callable with its arguments, called once.
class Target {
 public:
  Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  virtual ~Target() = default;

  virtual void run() = 0;
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
