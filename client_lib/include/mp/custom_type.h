#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mp/internal/registered_type.h"
#include "mp/this_call.h"

namespace mp {

// What a type of the user's own is to a manager: its constructors, and the methods that proxies can
// call. register_type() begins it.
//
// Methods are member functions, or functions and function objects that take the object first. Their
// arguments and results are whatever has an mp::Codec: numbers, text, containers, structs, proxies.
// Of one object they run one at a time, in order of arrival, on a thread of the manager; a
// read-only one runs beside others of its kind. A const member function is read-only by itself.
// (One that changes `mutable` members must lock them, or be registered with exclusive().)
//
// Errors: all methods: ValueError if there is a method of this name already, or a constructor with
// as many parameters. What does not fit does not compile.
// Thread-safety: types are registered before the first manager is made, by one thread.
template <class T>
class CustomType {
 public:
  explicit CustomType(internal::RegisteredType& type) : type_(&type) {}

  // A constructor with these parameters. There may be several, with different numbers of them,
  // which is how they are told apart. A type without any is made by its methods only, or by another
  // type's returns_proxy().
  template <class... A>
  requires std::constructible_from<T, A...> CustomType& constructor() {
    using Parameters = std::tuple<typename internal::ReadAs<A>::Type...>;
    const auto make = [](const internal::Arguments& arguments) -> std::shared_ptr<void> {
      auto values = internal::read_arguments<Parameters>(arguments);
      return std::apply([](auto&... value) { return std::make_shared<T>(std::move(value)...); },
                        values);
    };
    internal::add_constructor(*type_, {.arguments = sizeof...(A), .make = make});
    return *this;
  }

  // A method; read-only if it is a const member function, or takes a const T& first.
  template <class F>
  CustomType& method(std::string_view name, F function) {
    return add<Result::kValue>(name, std::move(function), internal::TraitsOf<F>::kConst);
  }
  // A method that leaves the object as it is, whatever its type says.
  template <class F>
  CustomType& read_only(std::string_view name, F function) {
    return add<Result::kValue>(name, std::move(function), /*read_only=*/true);
  }
  // A method that runs alone, const as it is.
  template <class F>
  CustomType& exclusive(std::string_view name, F function) {
    return add<Result::kValue>(name, std::move(function), /*read_only=*/false);
  }
  // A method whose result stays in the manager, as an object of its own, and whose caller gets a
  // proxy to that. It is returned by value, as a std::unique_ptr or a std::shared_ptr, null for
  // none; and its type is registered too. Python: method_to_typeid. (What is reached both through
  // the proxy and through this object has no common order of calls: it must lock.)
  template <class F>
  CustomType& returns_proxy(std::string_view name, F function) {
    return add<Result::kInstance>(name, std::move(function), internal::TraitsOf<F>::kConst);
  }

 private:
  enum class Result { kValue, kInstance };

  template <Result kResult, class F>
  CustomType& add(std::string_view name, F function, bool shares) {
    using Traits = internal::TraitsOf<F>;
    using R = typename Traits::Result;
    auto call = [function](void* instance, const internal::Arguments& arguments) {
      auto values = internal::read_arguments<typename Traits::Parameters>(arguments);
      const auto invoke = [&]() -> decltype(auto) {
        return std::apply(
            [&](auto&... value) -> R {
              return std::invoke(function, *static_cast<T*>(instance), std::move(value)...);
            },
            values);
      };
      if constexpr (kResult == Result::kInstance) {
        return internal::returned_instance<R>(invoke);
      } else {
        return internal::returned_value<R>(invoke);
      }
    };
    internal::add_method(*type_, {.name = std::string(name),
                                  .read_only = shares,
                                  .signature = Traits::signature(),
                                  .pointer = internal::pointer_of(function),
                                  .call = std::move(call)});
    return *this;
  }

  internal::RegisteredType* type_;
};

// Makes a type known by this name: to every manager that this program starts from now on, embedded
// or by mp::serve(), which hosts its objects; and to this program's typed proxies,
// CustomProxy<T>, which need no more of it than a manager's name for it and for its methods.
//
// Python: BaseManager.register(). Where the manager is another program, both register the type: a
// function in a header of theirs does.
//
// Errors: ValueError if the name or the type is registered already.
//
//   mp::register_type<Counter>("Counter")
//       .constructor<int>()
//       .method("increment", &Counter::increment)
//       .method("value", &Counter::value);
//   mp::Manager manager;
//   auto counter = manager.create<Counter>(5);
//   counter.call<&Counter::increment>(3);
//   int value = counter.call<int>("value");                  // 8
template <class T>
CustomType<T> register_type(std::string_view name) {
  static_assert(std::is_class_v<T>, "mp: a type of one's own is a class");
  return CustomType<T>(internal::add_registered_type(name, typeid(T)));
}

}  // namespace mp
