#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "mp/codec/concepts.h"
#include "mp/codec/containers.h"
#include "mp/typecode.h"

// Values in plain bytes, as local transports carry them from one process to another of the same
// machine. Every value says its kind:
//
//   head            one byte: the kind below, a number of 0 to 14 above; 15 says that the number
//                   follows as a varint
//   bool            head (0 or 1)
//   int             head (zigzag)                          uint   head (the number)
//   float           head (0), 8 bytes
//   str, bytes      head (size), data
//   list, tuple, set, dict   head (count), items; a dict's are keys and values in turn
//   record          head (count), type as str, contents as bytes, then name as str and value in
//   turn array           head (size), typecode, data ref             head (id), kind as str, origin
//   as bytes (mp/internal/reference_travel.h) numbers         head (size), typecode, data: a list
//   of numbers of one type, under the kind 15
//
// Numbers are in the byte order of the machine.

namespace mp::internal {

// How deeply values may be nested: as much as on the way to a manager.
inline constexpr int kMaxPlainDepth = 100;

// The kind of a list that is written as its numbers' memory.
inline constexpr unsigned kPlainNumbers = 15;

template <class T>
concept PackableNumber = (WholeNumber<T> || FloatingNumber<T>)&&!ByteLike<T>;

// A sequence whose memory is nothing but its numbers; its codec makes it a list.
template <class T>
inline constexpr bool kIsNumbers = false;
template <PackableNumber T, class A>
inline constexpr bool kIsNumbers<std::vector<T, A>> = true;
template <PackableNumber T, std::size_t N>
inline constexpr bool kIsNumbers<std::array<T, N>> = true;
template <class T, std::size_t Extent>
inline constexpr bool kIsNumbers<std::span<T, Extent>> = PackableNumber<std::remove_const_t<T>>;

template <class C>
std::string_view memory_of(const C& numbers) {
  const auto bytes = std::as_bytes(std::span(numbers));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Appends values to a string: a ValueSink.
//
// Errors: LimitExceeded for what is nested too deeply; the string then ends anywhere.
class PlainSink {
 public:
  explicit PlainSink(std::string& out) : out_(out) {}

  void none() { head(ValueKind::kNone, 0); }
  void boolean(bool flag) { head(ValueKind::kBool, flag ? 1 : 0); }
  void integer(std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);
    head(ValueKind::kInt, (bits << 1U) ^ (number < 0 ? ~std::uint64_t{0} : 0));
  }
  void unsigned_integer(std::uint64_t number) {
    if (number <= std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      return integer(static_cast<std::int64_t>(number));
    }
    head(ValueKind::kUint, number);
  }
  void floating(double number) {
    head(ValueKind::kFloat, 0);
    out_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void text(std::string_view text) { sized(ValueKind::kStr, text); }
  void bytes(std::string_view data) { sized(ValueKind::kBytes, data); }
  void reference(const ObjectRef& ref);
  void array(ArrayView array);
  void foreign(std::string_view type, std::string_view data) { start_record(type, data, 0); }

  template <class Fill>
  void list(std::size_t count, Fill&& fill) {
    nest(ValueKind::kList, count, fill);
  }
  template <class Fill>
  void tuple(std::size_t count, Fill&& fill) {
    nest(ValueKind::kTuple, count, fill);
  }
  template <class Fill>
  void set(std::size_t count, Fill&& fill) {
    nest(ValueKind::kSet, count, fill);
  }
  template <class Fill>
  void dict(std::size_t count, Fill&& fill) {
    nest(ValueKind::kDict, count, fill);
  }
  template <class Fill>
  void record(std::string_view type, std::size_t count, Fill&& fill) {
    enter();
    start_record(type, {}, count);
    fill();
    --depth_;
  }

  template <class T>
  void write(const T& item) {
    if constexpr (kIsNumbers<T>) {
      using Number = typename T::value_type;
      numbers(typecode_of<std::remove_const_t<Number>>(), memory_of(item));
    } else {
      CodecOf<T>::write(*this, item);
    }
  }
  template <class K, class V>
  void entry(const K& key, const V& value) {
    write(key);
    write(value);
  }
  template <class T>
  void field(std::string_view name, const T& value) {
    text(name);
    write(value);
  }

 private:
  template <class Fill>
  void nest(ValueKind kind, std::size_t count, Fill&& fill) {
    enter();
    head(kind, count);
    fill();
    --depth_;
  }
  void enter() {
    if (++depth_ > kMaxPlainDepth) throw_too_deep();
  }
  [[noreturn]] static void throw_too_deep();

  void head(ValueKind kind, std::uint64_t number) { head(static_cast<unsigned>(kind), number); }
  void head(unsigned kind, std::uint64_t number) {
    constexpr std::uint64_t kFollows = 15;
    if (number < kFollows) {
      out_ += static_cast<char>(kind | static_cast<unsigned>(number) << 4U);
    } else {
      long_head(kind, number);
    }
  }
  void long_head(unsigned kind, std::uint64_t number);
  void sized(ValueKind kind, std::string_view data) {
    head(kind, data.size());
    out_ += data;
  }
  void start_record(std::string_view type, std::string_view data, std::size_t count);
  void numbers(char typecode, std::string_view data);

  std::string& out_;
  int depth_ = 0;
};

static_assert(ValueSink<PlainSink>);

}  // namespace mp::internal
