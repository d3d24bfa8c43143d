#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mp/codec/concepts.h"

namespace mp::wire {

// How deeply values may be nested, written or read.
inline constexpr int kMaxValueDepth = 100;

// Appends values to the bytes of a protobuf message, each as a field of type mp.v1.Value: a
// ValueSink.
class ValueWriter {
 public:
  // Values become fields of this number.
  ValueWriter(std::string& buffer, std::uint32_t field) : buffer_(buffer), field_(field) {}

  void none();
  void boolean(bool flag);
  void integer(std::int64_t number);
  void unsigned_integer(std::uint64_t number);
  void floating(double number);
  void text(std::string_view text);  // Errors: ValueError if it is not UTF-8
  void bytes(std::string_view data);
  void reference(const ObjectRef& ref);
  void array(ArrayView array);
  void foreign(std::string_view type, std::string_view data);

  template <class Fill>
  void list(std::size_t /*count*/, Fill&& fill) {
    nest(ValueKind::kList, fill);
  }
  template <class Fill>
  void tuple(std::size_t /*count*/, Fill&& fill) {
    nest(ValueKind::kTuple, fill);
  }
  template <class Fill>
  void set(std::size_t /*count*/, Fill&& fill) {
    nest(ValueKind::kSet, fill);
  }
  template <class Fill>
  void dict(std::size_t /*count*/, Fill&& fill) {
    nest(ValueKind::kDict, fill);
  }
  template <class Fill>
  void record(std::string_view type, std::size_t /*count*/, Fill&& fill) {
    nest(ValueKind::kRecord, [&] {
      record_type(type);
      fill();
    });
  }

  template <class T>
  void write(const T& item) {
    internal::CodecOf<T>::write(*this, item);
  }

  // One mp.v1.Entry, of a dict or of a request.
  template <class K, class V>
  void entry(const K& key, const V& value) {
    const std::size_t start = open(field_);
    const std::uint32_t field = field_;
    field_ = 1;
    write(key);
    field_ = 2;
    write(value);
    field_ = field;
    close(start);
  }

  template <class T>
  void field(std::string_view name, const T& value) {
    const std::size_t start = open_field(name);
    field_ = 2;
    write(value);
    close(start);
  }

 private:
  template <class Fill>
  void nest(ValueKind kind, Fill&& fill) {
    const std::uint32_t field = field_;
    enter();
    const std::size_t outer = open(field);
    const std::size_t inner = open(static_cast<std::uint32_t>(kind));
    field_ = 1;  // items and entries; a record's fields say their own
    fill();
    close(inner);
    close(outer);
    field_ = field;
    --depth_;
  }

  void enter();
  // Starts a field whose length close() fills in; gives where its contents start.
  std::size_t open(std::uint32_t field);
  void close(std::size_t start);
  void record_type(std::string_view type);
  std::size_t open_field(std::string_view name);
  void varint_value(ValueKind kind, std::uint64_t number);
  void delimited_value(ValueKind kind, std::string_view data);

  std::string& buffer_;
  std::uint32_t field_;
  int depth_ = 0;
};

static_assert(ValueSink<ValueWriter>);

}  // namespace mp::wire
