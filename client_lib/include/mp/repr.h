#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "mp/codec/concepts.h"
#include "mp/codec/packed.h"

namespace mp {

class Any;

namespace internal {

// As Python's repr() of a float, a str, bytes, and a proxy.
void append_repr(std::string& out, double number);
void append_repr(std::string& out, std::string_view text);
void append_repr_of_bytes(std::string& out, std::string_view bytes);
void append_repr(std::string& out, const ObjectRef& ref);

// Prints values as Python's repr() does: a ValueSink.
class ReprSink {
 public:
  explicit ReprSink(std::string& out) : out_(out) {}

  void none() { item("None"); }
  void boolean(bool flag) { item(flag ? "True" : "False"); }
  void integer(std::int64_t number) { item(std::to_string(number)); }
  void unsigned_integer(std::uint64_t number) { item(std::to_string(number)); }
  void floating(double number) {
    separate();
    append_repr(out_, number);
  }
  void text(std::string_view text) {
    separate();
    append_repr(out_, text);
  }
  void bytes(std::string_view data) {
    separate();
    append_repr_of_bytes(out_, data);
  }
  void reference(const ObjectRef& ref) {
    separate();
    append_repr(out_, ref);
  }
  void array(ArrayView array) {
    item(std::string("array('") + array.typecode + "'");
    if (!array.data.empty()) {
      out_ += ", ";
      enclose("[", "]", [&] { for_each_packed(array, [&](auto number) { write(number); }); });
    }
    out_ += ')';
  }

  template <class Fill>
  void list(std::size_t, Fill&& fill) {
    separate();
    enclose("[", "]", fill);
  }
  template <class Fill>
  void tuple(std::size_t count, Fill&& fill) {
    separate();
    enclose("(", count == 1 ? ",)" : ")", fill);
  }
  template <class Fill>
  void set(std::size_t count, Fill&& fill) {
    if (count == 0) return item("set()");
    separate();
    enclose("{", "}", fill);
  }
  template <class Fill>
  void dict(std::size_t, Fill&& fill) {
    separate();
    enclose("{", "}", fill);
  }
  // As a dataclass: Point(x=1, y=2).
  template <class Fill>
  void record(std::string_view type, std::size_t, Fill&& fill) {
    item(type);
    enclose("(", ")", fill);
  }
  void foreign(std::string_view type, std::string_view data) {
    record(type, 1, [&] { bytes(data); });
  }

  template <class T>
  void write(const T& value) {
    CodecOf<T>::write(*this, value);
  }
  template <class K, class V>
  void entry(const K& key, const V& value) {
    write(key);
    out_ += ": ";
    first_ = true;
    write(value);
  }
  template <class T>
  void field(std::string_view name, const T& value) {
    item(name);
    out_ += '=';
    first_ = true;
    write(value);
  }

 private:
  // What stands between items.
  void separate() {
    if (!std::exchange(first_, false)) out_ += ", ";
  }
  void item(std::string_view text) {
    separate();
    out_ += text;
  }
  template <class Fill>
  void enclose(std::string_view open, std::string_view close, Fill&& fill) {
    out_ += open;
    first_ = true;
    fill();
    first_ = false;
    out_ += close;
  }

  std::string& out_;
  bool first_ = true;
};

static_assert(ValueSink<ReprSink>);

}  // namespace internal

// A value of any type with a Codec as Python's repr() prints it: {1: '1', '2': 2, 0.25: None}.
//
//   std::cout << mp::repr(std::vector{1, 4, 9}) << '\n';     // [1, 4, 9]
template <class T>
std::string repr(const T& value) {
  std::string out;
  internal::ReprSink(out).write(value);
  return out;
}

// As Python's str(): text as it is, everything else as repr().
template <class T>
std::string str(const T& value) {
  if constexpr (std::convertible_to<const T&, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (std::same_as<T, Any>) {
    const auto* text = value.template get_if<std::string>();
    return text != nullptr ? *text : repr(value);
  } else {
    return repr(value);
  }
}

}  // namespace mp
