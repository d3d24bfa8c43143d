#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "mp/object_ref.h"

namespace mp {

class Any;

// What a value is, on the wire and in an mp::Any. The numbers are the fields of mp.v1.Value.
enum class ValueKind : std::uint8_t {
  kNone = 1,
  kBool = 2,
  kInt = 3,
  kUint = 4,  // a whole number above 2^63 - 1; a smaller one is an int
  kFloat = 5,
  kStr = 6,
  kBytes = 7,
  kList = 8,
  kTuple = 9,
  kDict = 10,
  kSet = 11,
  kRef = 12,
  kArray = 13,
  kRecord = 14,
};

// "int", "str", ...: as error messages call it.
std::string_view name_of(ValueKind kind);

// A set of kinds.
class KindSet {
 public:
  template <std::same_as<ValueKind>... Kinds>
  constexpr explicit KindSet(Kinds... kinds) : bits_((0U | ... | bit(kinds))) {}
  static constexpr KindSet all() { return KindSet(Raw{~0U}); }

  constexpr bool contains(ValueKind kind) const { return (bits_ & bit(kind)) != 0; }
  constexpr bool intersects(KindSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr KindSet operator|(KindSet other) const { return KindSet(Raw{bits_ | other.bits_}); }

 private:
  struct Raw {
    unsigned bits;
  };
  constexpr explicit KindSet(Raw raw) : bits_(raw.bits) {}
  static constexpr unsigned bit(ValueKind kind) { return 1U << static_cast<unsigned>(kind); }

  unsigned bits_;
};

// A packed numeric array: numbers of one type, little-endian, without padding.
struct ArrayView {
  char typecode = 'b';  // Python's: b B h H i I q Q f d
  std::string_view data;
};

// How a type T becomes a value and comes back. Specialise it for a type of your own:
//
//   template <>
//   struct mp::Codec<Colour> {
//     template <class Sink>
//     static void write(Sink& out, const Colour& colour) { out.text(colour.name()); }
//     template <class Source>
//     static Colour read(Source& in) { return Colour::named(in.text()); }
//   };
//
// write() writes exactly one value, read() reads exactly one. A struct needs none: see
// mp/codec/aggregate.h and MP_RECORD. `static constexpr KindSet kKinds`, if there, says which kinds
// write() may write; it keeps optional<T> and variant<T, ...> legible.
template <class T>
struct Codec;

namespace internal {

template <class T, class... Others>
concept OneOf = (std::same_as<T, Others> || ...);

// The integers; characters are text, and bool is bool.
template <class T>
concept WholeNumber = std::integral<T> && sizeof(T) <= sizeof(std::uint64_t) &&
                      !std::same_as<T, bool> && !std::same_as<T, char> &&
                      !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                      !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T>
concept FloatingNumber = std::same_as<T, double> || std::same_as<T, float>;

template <class T>
using CodecOf = Codec<std::decay_t<const T&>>;

struct NullFill {
  void operator()() const {}
};

// The most modest of sinks: forgets everything. Concepts are checked against it.
class NullSink {
 public:
  void none() {}
  void boolean(bool) {}
  void integer(std::int64_t) {}
  void unsigned_integer(std::uint64_t) {}
  void floating(double) {}
  void text(std::string_view) {}
  void bytes(std::string_view) {}
  void reference(const ObjectRef&) {}
  void array(ArrayView) {}
  template <class Fill>
  void list(std::size_t, Fill&&) {}
  template <class Fill>
  void tuple(std::size_t, Fill&&) {}
  template <class Fill>
  void set(std::size_t, Fill&&) {}
  template <class Fill>
  void dict(std::size_t, Fill&&) {}
  template <class Fill>
  void record(std::string_view, std::size_t, Fill&&) {}
  void foreign(std::string_view, std::string_view) {}
  template <class T>
  void write(const T&) {}
  template <class K, class V>
  void entry(const K&, const V&) {}
  template <class T>
  void field(std::string_view, const T&) {}
};

}  // namespace internal

// Where values are written to. There are sinks for the wire, for an mp::Any and for printing; plain
// bytes for local queues fit as well.
//
// Containers take their number of items and a function that writes the items, each by write(); a
// dict's by entry(key, value), a record's by field(name, value). foreign() is a record whose
// contents are somebody else's serialisation.
template <class S>
concept ValueSink = requires(S& out, std::string_view data, const ObjectRef& ref,
                             internal::NullFill fill) {
  out.none();
  out.boolean(true);
  out.integer(std::int64_t{});
  out.unsigned_integer(std::uint64_t{});  // also for numbers that fit an int64
  out.floating(double{});
  out.text(data);
  out.bytes(data);
  out.reference(ref);
  out.array(ArrayView{});
  out.list(std::size_t{}, fill);
  out.tuple(std::size_t{}, fill);
  out.set(std::size_t{}, fill);
  out.dict(std::size_t{}, fill);
  out.record(data, std::size_t{}, fill);
  out.foreign(data, data);
  out.write(ref);
  out.entry(ref, ref);
  out.field(data, ref);
};

// Where values are read from: positioned on one value. Each reading method consumes it, and throws
// mp::TypeError if it is of another kind; kind() tells without consuming. Views live as long as the
// source's buffer.
//
// items() is a cursor over a list, tuple or set; entries() over a dict; record() over a record:
//   for (auto items = in.items(); items.next();) use(Codec<T>::read(items.value()));
// The value under a cursor is read to its end before the next is asked for, a key before its value.
template <class S>
concept ValueSource = requires(S& in) {
  { in.kind() } -> std::same_as<ValueKind>;
  in.none();
  { in.boolean() } -> std::same_as<bool>;
  { in.integer() } -> std::same_as<std::int64_t>;
  { in.unsigned_integer() } -> std::same_as<std::uint64_t>;
  { in.floating() } -> std::same_as<double>;
  { in.text() } -> std::same_as<std::string_view>;
  { in.bytes() } -> std::same_as<std::string_view>;
  { in.reference() } -> std::same_as<ObjectRef>;
  { in.array() } -> std::same_as<ArrayView>;
  { in.items().next() } -> std::same_as<bool>;
  { in.items().value() } -> std::same_as<S&>;
  { in.entries().next() } -> std::same_as<bool>;
  { in.entries().key() } -> std::same_as<S&>;
  { in.entries().value() } -> std::same_as<S&>;
  { in.record().type() } -> std::convertible_to<std::string_view>;
  { in.record().next() } -> std::same_as<bool>;
  { in.record().name() } -> std::convertible_to<std::string_view>;
  { in.record().value() } -> std::same_as<S&>;
  { in.record().data() } -> std::same_as<std::string_view>;  // of a foreign() one
};

// A type that can be written: everything with a Codec. Views (string_view, span, const char*) can
// be written but not read.
//
// An mp::Any can be, and that is said here: whoever asks before Codec<Any> is complete would be
// told no, and Clang keeps its first answer.
template <class T>
concept Codable = std::same_as<std::remove_cv_t<T>, Any> ||
    requires(internal::NullSink& out, const T& value) {
  internal::CodecOf<T>::write(out, value);
};

namespace internal {

// The kinds that Codec<T> writes, as far as it says.
template <class T>
constexpr KindSet kinds_of() {
  if constexpr (requires { CodecOf<T>::kKinds; }) {
    return CodecOf<T>::kKinds;
  } else {
    return KindSet::all();
  }
}

// mp::TypeError: expected int, found str.
[[noreturn]] void throw_mismatch(std::string_view expected, ValueKind found);

// mp::TypeError: expected 3 items, found 2.
[[noreturn]] void throw_wrong_count(std::size_t expected, std::size_t found);

// mp::ValueError: 300 does not fit int8 (-128 to 127).
[[noreturn]] void throw_out_of_range(std::string_view number, bool is_signed, std::size_t bytes);

}  // namespace internal

}  // namespace mp
