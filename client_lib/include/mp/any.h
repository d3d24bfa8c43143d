#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "mp/bytes.h"
#include "mp/codec/concepts.h"
#include "mp/dict.h"
#include "mp/errors.h"
#include "mp/internal/box.h"
#include "mp/none.h"
#include "mp/object_ref.h"

namespace mp {

namespace internal {

// The types for which mp::Any has no constructor of its own, but a codec. What converts to one of
// those (an mp::Any::Tuple, a string literal) is left to them.
template <class T>
inline constexpr bool kHasOwnConstructor =
    OneOf<T, Any, NoneType, bool, std::string, std::string_view, Bytes, ObjectRef> ||
    WholeNumber<T> || FloatingNumber<T> || std::is_array_v<T> || std::is_pointer_v<T> || requires {
  typename T::PartOfAny;
};
template <class T>
concept ConvertsByCodec = !kHasOwnConstructor<T> && Codable<T>;

}  // namespace internal

// A value of any kind that a manager's containers can hold: what a proxy without type arguments
// deals in. Python: an object.
//
// Whatever C++ type has a Codec converts to it: numbers, strings, None, standard containers,
// structs, proxies. Two or more values in braces make a list; for a list of one, and for the other
// kinds, there are list(), tuple(), dict() and set(). Any{x} is x itself.
//
// Values are equal as in Python: 1 == 1.0 == true, [1] == [1.0]; a tuple is no list, a str no
// bytes; dicts and sets are equal in whatever order. As keys of dicts and items of sets, however,
// int, float and bool are told apart, since a manager's dict does so.
//
// Ordering is Python's too: numbers by value, str, bytes, and lists and tuples item by item, sets
// by inclusion. Errors: TypeError where Python has no order, as between int and str.
//
// Thread-safety: as a std::vector. A moved-from Any is None.
//
//   mp::Any a = {1, "two", mp::None};              // a list
//   if (a.is<mp::Any::List>()) a.get_if<mp::Any::List>()->push_back(2.5);
//   std::cout << a << '\n';                        // [1, 'two', None, 2.5]
//   int first = a.at(0).as<int>();
class Any {
 public:
  using List = std::vector<Any>;
  using Dict = mp::Dict<Any, Any>;

  // Python: tuple.
  struct Tuple {
    using PartOfAny = Any;
    List items;
  };

  // Python: set; keeps the order of insertion.
  class Set {
   public:
    Set() = default;
    Set(std::initializer_list<Any> items);
    bool add(Any item);  // false if it was there. Errors: TypeError if it cannot be hashed.
    bool contains(const Any& item) const;
    std::size_t size() const;
    const List& items() const { return items_; }

   private:
    List items_;
    internal::HashIndex index_;
  };

  // Python: array.array. Numbers of one type, little-endian.
  struct Array {
    char typecode = 'b';  // b B h H i I l L q Q f d ?
    Bytes data;
  };

  // A struct: its fields by name, in order; or a foreign serialisation of it, in `data`.
  struct Record {
    std::string type;
    std::vector<std::pair<std::string, Any>> fields;
    Bytes data;
  };

  Any() = default;  // None
  Any(NoneType) {}
  template <std::same_as<bool> Bool>  // not for what merely converts to bool, such as pointers
  Any(Bool flag) : value_(flag) {}
  template <internal::WholeNumber Number>
  Any(Number number) {
    if constexpr (std::unsigned_integral<Number>) {
      set_unsigned(number);
    } else {
      value_ = std::int64_t{number};
    }
  }
  template <internal::FloatingNumber Number>
  Any(Number number) : value_(double{number}) {}
  Any(const char* text) : value_(std::string(text)) {}
  Any(std::string text) : value_(std::move(text)) {}
  Any(std::string_view text) : value_(std::string(text)) {}
  Any(std::nullptr_t) = delete;
  Any(Bytes bytes) : value_(std::move(bytes)) {}
  Any(List items) : value_(std::move(items)) {}
  Any(Tuple tuple) : value_(std::move(tuple)) {}
  Any(Dict dict);
  Any(Set set);
  Any(ObjectRef ref);
  Any(Array array);
  Any(Record record);

  // Through Codec<T>: containers, optional, variant, tuples, structs, enums, durations, proxies.
  template <internal::ConvertsByCodec T>
  Any(const T& value);

  // Two and more values in braces, nested or not: a list.
  Any(Any a, Any b);
  Any(Any a, Any b, Any c);
  Any(Any a, Any b, Any c, Any d);
  Any(Any a, Any b, Any c, Any d, Any e);
  Any(Any a, Any b, Any c, Any d, Any e, Any f);
  template <std::convertible_to<Any>... Rest>
  Any(Any a, Any b, Any c, Any d, Any e, Any f, Any g, Rest&&... rest)
      : Any(List{std::move(a), std::move(b), std::move(c), std::move(d), std::move(e), std::move(f),
                 std::move(g), Any(std::forward<Rest>(rest))...}) {}

  static Any list(std::initializer_list<Any> items) { return List(items); }
  static Any tuple(std::initializer_list<Any> items) { return Tuple{items}; }
  static Any set(std::initializer_list<Any> items) { return Set(items); }
  static Any dict(std::initializer_list<std::pair<Any, Any>> entries);

  Any(const Any&) = default;
  Any(Any&& other) noexcept : value_(std::exchange(other.value_, NoneType())) {}
  Any& operator=(const Any&) = default;
  Any& operator=(Any&& other) noexcept {
    value_ = std::exchange(other.value_, NoneType());
    return *this;
  }
  ~Any() = default;

  ValueKind kind() const { return static_cast<ValueKind>(value_.index() + 1); }
  bool is_none() const { return kind() == ValueKind::kNone; }

  // Is it a T, in the narrow sense: an int that fits, for whole numbers; a float, for floating
  // ones; a T that can be read, for other types with a Codec.
  template <class T>
  bool is() const;

  // As a T, also where that takes a conversion: an int as a double, a list as std::vector<int>.
  // Errors: TypeError if it is of another kind, ValueError if it does not fit.
  template <class T>
  T as() const;

  // The value itself, or null if it is of another type. T is bool, std::int64_t, std::uint64_t,
  // double, std::string, Bytes, ObjectRef, or one of the types above.
  template <class T>
  const T* get_if() const {
    static_assert(kHolds<T>, "mp::Any holds no such type; use as<T>()");
    if constexpr (kIsBoxed<T>) {
      const auto* box = std::get_if<internal::Box<T>>(&value_);
      return box == nullptr ? nullptr : &**box;
    } else {
      return std::get_if<T>(&value_);
    }
  }
  template <class T>
  T* get_if() {
    return const_cast<T*>(std::as_const(*this).get_if<T>());
  }

  // Calls `visitor` with the value itself.
  template <class Visitor>
  decltype(auto) visit(Visitor&& visitor) const {
    return std::visit([&](const auto& item) -> decltype(auto) { return visitor(unboxed(item)); },
                      value_);
  }

  // a[key] of a list, tuple (where a negative index counts from the end), dict or record.
  // Errors: IndexError, KeyError; TypeError for other kinds.
  const Any& at(const Any& key) const;

  // len(a): of a str in characters. Errors: TypeError if it has no length.
  std::size_t size() const;

  // Errors: TypeError if it cannot be hashed: lists, dicts, sets, arrays.
  std::size_t hash() const;

  friend bool operator==(const Any& left, const Any& right) { return left.equals(right); }
  friend std::partial_ordering operator<=>(const Any& left, const Any& right) {
    return left.compare(right);
  }

  // As Python's repr().
  friend std::ostream& operator<<(std::ostream& out, const Any& any);

 private:
  template <class T>
  using Box = internal::Box<T>;
  template <class T>
  static constexpr bool kIsBoxed = internal::OneOf<T, Dict, Set, ObjectRef, Array, Record>;
  template <class T>
  static constexpr bool kHolds =
      kIsBoxed<T> || internal::OneOf<T, NoneType, bool, std::int64_t, std::uint64_t, double,
                                     std::string, Bytes, List, Tuple>;
  using Value = std::variant<NoneType, bool, std::int64_t, std::uint64_t, double, std::string,
                             Bytes, List, Tuple, Box<Dict>, Box<Set>, Box<ObjectRef>, Box<Array>,
                             Box<Record>>;  // in the order of ValueKind

  template <class T>
  static const T& unboxed(const T& item) {
    return item;
  }
  template <class T>
  static const T& unboxed(const Box<T>& box) {
    return *box;
  }

  void set_unsigned(std::uint64_t number);
  bool equals(const Any& other) const;
  std::partial_ordering compare(const Any& other) const;

  Value value_;
};

}  // namespace mp

template <>
struct std::hash<mp::Any> {
  std::size_t operator()(const mp::Any& any) const { return any.hash(); }
};

#include "mp/codec.h"  // the conversions
