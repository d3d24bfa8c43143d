#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mp/any.h"
#include "mp/custom_type.h"
#include "mp/proxy/methods/call.h"

namespace mp {

template <class T = void>
class CustomProxy;

namespace internal {

// The call of a user's method on this thread, if this object is of the manager that runs it; else
// 0.
std::uint64_t call_around(const RemoteObject& object);

template <class T>
T decode_result(const Reply& reply) {
  if constexpr (std::same_as<T, Any>) {
    if (!reply.has(1)) return Any();
  }
  if constexpr (!std::is_void_v<T>) return reply.value<T>(1);
}

// The methods of a CustomProxy (which has their common rules) and of its async() view, whose
// results are futures.
template <class T, class Call>
class CustomMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  template <class R>
  using Result = typename Base::template Result<R>;

  static constexpr std::uint32_t kMethod = 3;
  static constexpr std::uint32_t kArguments = 4;
  static constexpr std::uint32_t kTimeout = 5;

 public:
  using Base::Base;

  // object.method(arguments...), by the name that it was registered with. R is void, or what the
  // result is read as: mp::Any takes whatever comes, CustomProxy<U> that of a returns_proxy().
  // Errors: AttributeError if there is no such method; TypeError if the arguments, or R, don't fit.
  template <class R = Any, Codable... Args>
  Result<R> call(std::string_view method, const Args&... arguments) const {
    wire::Scratch request;
    request->str(kMethod, method);
    (request->value(kArguments, arguments), ...);
    return send<R>(request);
  }

  // The same by the method itself, which the compiler checks: call<&Counter::increment>(3).
  // Errors: UnknownType, AttributeError if this program has not registered it.
  template <auto kPointer, class... Args>
  requires std::is_member_function_pointer_v<decltype(kPointer)> &&
      std::invocable<decltype(kPointer), T&, Args...>
  auto call(Args&&... arguments) const {
    using R = typename TraitsOf<decltype(kPointer)>::Result;
    return call_as<typename ReadAs<R>::Type, kPointer>(std::forward<Args>(arguments)...);
  }

  // The same of a method that was registered with returns_proxy().
  template <auto kPointer, class... Args>
  requires std::is_member_function_pointer_v<decltype(kPointer)> &&
      std::invocable<decltype(kPointer), T&, Args...>
  auto call_proxy(Args&&... arguments) const {
    using R = typename TraitsOf<decltype(kPointer)>::Result;
    return call_as<CustomProxy<typename StaysAs<R>::Type>, kPointer>(
        std::forward<Args>(arguments)...);
  }

 protected:
  TimeLimit timeout_ = None;

 private:
  // Arguments travel as what the method takes, not as what they are given as.
  template <class R, auto kPointer, class... Args>
  Result<R> call_as(Args&&... arguments) const {
    using Parameters = typename TraitsOf<decltype(kPointer)>::Parameters;
    static const std::string name = name_of_method(typeid(T), pointer_of(kPointer));
    const Parameters values(std::forward<Args>(arguments)...);
    return std::apply([&](const auto&... value) { return call<R>(name, value...); }, values);
  }

  template <class R>
  Result<R> send(wire::Scratch& request) const {
    CallOptions options = this->waiting(timeout_);
    if (const auto timeout = timeout_.nanoseconds()) request->duration(kTimeout, *timeout);
    options.inside_call = call_around(*this->remote());
    options.caller_blocks = std::same_as<Call, Now>;
    return Base::call(wire::Operation::kCustomCall, request, options, decode_result<R>);
  }
};

}  // namespace internal

// The asynchronous form of a CustomProxy: the same methods, giving futures.
template <class T = void>
class AsyncCustom : public internal::CustomMethods<T, internal::Later> {
 public:
  explicit AsyncCustom(Proxy proxy, TimeLimit timeout)
      : internal::CustomMethods<T, internal::Later>(std::move(proxy)) {
    this->timeout_ = timeout;
  }
};

// An object of a user's own type (mp/custom_type.h), which lives in the manager: its methods run
// there. Without a type, CustomProxy<>, it calls them by name only.
//
// Python: the AutoProxy of a registered type. What is common to all proxies is said at mp::Proxy.
//
// Calls of one object begin in order of arrival, one at a time, read-only ones beside one another.
// The outcome of a call that was sent twice, after a lost connection, is that of the first.
//
// Blocks: until the method has run, however long that takes; within() bounds how long it may wait
// to begin.
// Errors (beside their own): MethodError: the method has thrown, and this names what; DeadlockError
// at once if a method calls what waits for it; LimitExceeded if the manager has too many calls, or
// the result is too large, and then the method has run; TimeoutError through within().
//
//   auto counter = manager.create<Counter>(mp::named("hits"), 5);
//   int now = counter.call<&Counter::increment>(3);
//   auto same = manager.custom("hits");
//   now = same.call<int>("increment", 3);
//   mp::Future<int> later = counter.async().call<&Counter::value>();
template <class T>
class CustomProxy : public internal::CustomMethods<T, internal::Now> {
  using Base = internal::CustomMethods<T, internal::Now>;

 public:
  static constexpr std::string_view kKind = "custom";

  explicit CustomProxy(std::shared_ptr<const internal::RemoteObject> object)
      : Base(Proxy(std::move(object))) {}

  // The same object, for calls that begin within this time or not at all, and whose methods see it
  // as their deadline. Errors: TimeoutError, from the calls: nothing has run.
  CustomProxy within(TimeLimit timeout) const {
    CustomProxy other = *this;
    other.timeout_ = timeout;
    return other;
  }

  // The same object, for calls that run only if this very grant of the lock is held when they
  // arrive. Errors: StaleTokenError, from the calls.
  CustomProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return this->fenced(*this, lock, token);
  }

  // The same object, for calls that do not wait. A call that is dropped before it began never does.
  AsyncCustom<T> async() const { return AsyncCustom<T>(*this, this->timeout_); }
};

}  // namespace mp
