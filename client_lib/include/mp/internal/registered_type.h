#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "mp/codec.h"
#include "mp/proxy/proxy.h"
#include "mp/wire/fields.h"
#include "mp/wire/message.h"

// The types that a program has registered (mp/custom_type.h), without their types: how a manager
// makes and calls them with arguments that came over the wire.

namespace mp::internal {

// As people write it: std::string, geometry::Shape.
std::string type_text(const std::type_info& type);

// A caller's arguments don't fit; nothing has run.
class BadArguments : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The arguments of a call: the bytes of an mp.v1.Value each.
class Arguments {
 public:
  Arguments(const std::vector<std::string>& values, const wire::RefResolver& resolver)
      : values_(values), resolver_(resolver) {}

  std::size_t size() const { return values_.size(); }
  // Errors: BadArguments.
  void require_size(std::size_t expected) const;
  template <class T>
  T at(std::size_t index) const {
    try {
      wire::ValueReader reader(values_[index], &resolver_, wire::kMaxValueDepth);
      return Codec<T>::read(reader);
    } catch (const std::exception& error) {  // a user's codec may throw what it likes
      throw bad_argument(index, error.what());
    } catch (...) {
      throw bad_argument(index, "its codec threw what is no std::exception");
    }
  }

 private:
  static BadArguments bad_argument(std::size_t index, std::string_view why);

  const std::vector<std::string>& values_;
  const wire::RefResolver& resolver_;
};

// What a method has returned.
struct Returned {
  std::string value;                     // the bytes of an mp.v1.Value; empty: nothing
  std::shared_ptr<void> keeps;           // the objects that `value` refers to live as long
  std::shared_ptr<void> instance;        // stays in the manager ...
  const std::type_info* type = nullptr;  // ... as an object of this registered type
};

// The bytes of a pointer to a member, to find the method that was registered with it.
using PointerBytes = std::array<char, 16>;
struct MethodPointer {
  const std::type_info* type = nullptr;  // null: it is none
  PointerBytes bytes{};
};

struct RegisteredConstructor {
  std::size_t arguments;
  std::function<std::shared_ptr<void>(const Arguments&)> make;
};

struct RegisteredMethod {
  std::string name;
  bool read_only;
  std::string signature;
  MethodPointer pointer;
  std::function<Returned(void* instance, const Arguments&)> call;
};

struct RegisteredType {
  std::string name;
  const std::type_info* type;
  std::vector<RegisteredConstructor> constructors;
  std::vector<RegisteredMethod> methods;
};

// Errors: ValueError if the name or the type is registered already.
RegisteredType& add_registered_type(std::string_view name, const std::type_info& type);
// Errors: ValueError if the type has one with as many parameters, or of this name.
void add_constructor(RegisteredType& type, RegisteredConstructor constructor);
void add_method(RegisteredType& type, RegisteredMethod method);
const std::vector<std::unique_ptr<RegisteredType>>& registered_types();
// Errors: UnknownType if it is not registered in this program.
const RegisteredType& registered_type(const std::type_info& type);
// Errors: UnknownType; AttributeError if no method was registered with this pointer.
const std::string& name_of_method(const std::type_info& type, const MethodPointer& pointer);

// What a parameter is read as: views become what they view.
template <class T>
struct ReadAs {
  using Type = std::remove_cvref_t<T>;
};
template <class T>
requires OneOf < std::remove_cvref_t<T>, std::string_view,
const char* > struct ReadAs<T> { using Type = std::string; };
template <>
struct ReadAs<void> {
  using Type = void;
};

// The parameters and the result of what can be a method: a member function, or a function or
// function object that takes the object first.
template <class R, class Self, class... A>
struct MethodTraits {
  using Result = R;
  using Parameters = std::tuple<typename ReadAs<A>::Type...>;
  static constexpr bool kConst = std::is_const_v<std::remove_reference_t<Self>>;
  static std::string signature() {
    std::string text;
    ((text += (text.empty() ? "" : ", ") + type_text(typeid(A))), ...);
    return type_text(typeid(R)) + " (" + text + ")";
  }
};

template <class R, class C, class... A>
MethodTraits<R, C&, A...> traits_of_method(R (C::*)(A...));
template <class R, class C, class... A>
MethodTraits<R, const C&, A...> traits_of_method(R (C::*)(A...) const);
template <class R, class Self, class... A>
MethodTraits<R, Self, A...> traits_of_method(R (*)(Self, A...));
template <class R, class F, class Self, class... A>
MethodTraits<R, Self, A...> traits_of_call(R (F::*)(Self, A...));
template <class R, class F, class Self, class... A>
MethodTraits<R, Self, A...> traits_of_call(R (F::*)(Self, A...) const);

template <class F>
struct TraitsOfClass {
  using Type = decltype(traits_of_call(&F::operator()));
};
template <class F>
struct TraitsOfPointer {
  using Type = decltype(traits_of_method(std::declval<F>()));
};
template <class F>
using TraitsOf =
    typename std::conditional_t<std::is_class_v<F>, TraitsOfClass<F>, TraitsOfPointer<F>>::Type;

template <class F>
MethodPointer pointer_of(const F& method) {
  MethodPointer pointer;
  if constexpr (std::is_member_function_pointer_v<F> && sizeof(F) == sizeof(PointerBytes)) {
    pointer.type = &typeid(F);
    pointer.bytes = std::bit_cast<PointerBytes>(method);
  }
  return pointer;
}

template <class Tuple, std::size_t... I>
Tuple read_arguments(const Arguments& arguments, std::index_sequence<I...>) {
  return Tuple{arguments.at<std::tuple_element_t<I, Tuple>>(I)...};
}
// Errors: BadArguments.
template <class Tuple>
Tuple read_arguments(const Arguments& arguments) {
  constexpr std::size_t kCount = std::tuple_size_v<Tuple>;
  arguments.require_size(kCount);
  return read_arguments<Tuple>(arguments, std::make_index_sequence<kCount>());
}

template <class T>
std::string value_bytes(const T& item) {
  wire::Scratch field;
  field->value(1, item);
  wire::Fields fields(field->bytes());
  fields.next();
  return std::string(fields.bytes());
}

// The result of a method as a value.
template <class R, class Call>
Returned returned_value(Call call) {
  if constexpr (std::is_void_v<R>) {
    call();
    return {};
  } else {
    using Kept = typename ReadAs<R>::Type;
    static_assert(Codable<Kept>,
                  "mp: the method's result has no mp::Codec; register it with returns_proxy(), or "
                  "give its type a codec or MP_RECORD");
    auto result = std::make_shared<Kept>(call());
    return {.value = value_bytes(*result), .keeps = result, .instance = nullptr};
  }
}

template <class T>
struct StaysAs {
  using Type = T;
  static std::shared_ptr<void> instance(T&& result) {
    return std::make_shared<T>(std::move(result));
  }
};
template <class T>
struct StaysAs<std::unique_ptr<T>> {
  using Type = T;
  static std::shared_ptr<void> instance(std::unique_ptr<T>&& result) {
    return std::shared_ptr<T>(std::move(result));
  }
};
template <class T>
struct StaysAs<std::shared_ptr<T>> {
  using Type = T;
  static std::shared_ptr<void> instance(std::shared_ptr<T>&& result) { return std::move(result); }
};

// The result of a method as an instance that stays in the manager.
template <class R, class Call>
Returned returned_instance(Call call) {
  static_assert(!std::is_void_v<R> && !std::is_reference_v<R> && !std::is_pointer_v<R>,
                "mp: what stays in the manager is returned by value, as a std::unique_ptr or a "
                "std::shared_ptr");
  Returned returned{.value = {}, .keeps = nullptr, .instance = StaysAs<R>::instance(call())};
  returned.type = &typeid(typename StaysAs<R>::Type);
  if (returned.instance == nullptr) return {};  // nothing is returned
  return returned;
}

}  // namespace mp::internal
