#include "mp/wire/value_writer.h"

#include <bit>
#include <limits>

#include "client_lib/local/codec/utf8.h"
#include "client_lib/manager/wire/piece.h"
#include "mp/errors.h"

namespace mp::wire {

namespace {

std::uint32_t field_of(ValueKind kind) { return static_cast<std::uint32_t>(kind); }

void check_utf8(std::string_view text) {
  if (internal::is_utf8(text)) return;
  throw ValueError("a str must be UTF-8, and this std::string of " + std::to_string(text.size()) +
                   " bytes is not; use mp::Bytes for data that is not text");
}

// A string or bytes field of a message; as proto3 has it, not written if empty.
std::size_t length_of_field(std::string_view data) {
  return data.empty() ? 0 : 1 + varint_length(data.size()) + data.size();
}

void append_field(std::string& buffer, std::uint32_t field, std::string_view data) {
  if (data.empty()) return;
  Piece().tag(field, WireType::length_delimited).varint(data.size()).append_to(buffer);
  buffer.append(data);
}

// The head of a Value with one delimited kind: `size` bytes of contents are to follow.
void append_head(std::string& buffer, std::uint32_t field, ValueKind kind, std::size_t size) {
  Piece()
      .tag(field, WireType::length_delimited)
      .varint(1 + varint_length(size) + size)
      .tag(field_of(kind), WireType::length_delimited)
      .varint(size)
      .append_to(buffer);
}

}  // namespace

void ValueWriter::none() { varint_value(ValueKind::kNone, 0); }

void ValueWriter::boolean(bool flag) { varint_value(ValueKind::kBool, flag ? 1 : 0); }

void ValueWriter::integer(std::int64_t number) {
  varint_value(ValueKind::kInt, protozero::encode_zigzag64(number));
}

void ValueWriter::unsigned_integer(std::uint64_t number) {
  if (number <= std::numeric_limits<std::int64_t>::max()) {
    integer(static_cast<std::int64_t>(number));
  } else {
    varint_value(ValueKind::kUint, number);
  }
}

void ValueWriter::floating(double number) {
  Piece()
      .tag(field_, WireType::length_delimited)
      .varint(9)
      .tag(field_of(ValueKind::kFloat), WireType::fixed64)
      .fixed64(std::bit_cast<std::uint64_t>(number))
      .append_to(buffer_);
}

void ValueWriter::text(std::string_view text) {
  check_utf8(text);
  delimited_value(ValueKind::kStr, text);
}

void ValueWriter::bytes(std::string_view data) { delimited_value(ValueKind::kBytes, data); }

void ValueWriter::reference(const ObjectRef& ref) {
  append_head(buffer_, field_, ValueKind::kRef, 9 + length_of_field(ref.kind()));
  Piece().tag(1, WireType::fixed64).fixed64(ref.id()).append_to(buffer_);
  append_field(buffer_, 2, ref.kind());
}

void ValueWriter::array(ArrayView array) {
  const std::string_view typecode(&array.typecode, 1);
  append_head(buffer_, field_, ValueKind::kArray,
              length_of_field(typecode) + length_of_field(array.data));
  append_field(buffer_, 1, typecode);
  append_field(buffer_, 2, array.data);
}

void ValueWriter::foreign(std::string_view type, std::string_view data) {
  check_utf8(type);
  append_head(buffer_, field_, ValueKind::kRecord, length_of_field(type) + length_of_field(data));
  append_field(buffer_, 1, type);
  append_field(buffer_, 3, data);
}

void ValueWriter::enter() {
  if (++depth_ > kMaxValueDepth) {
    throw LimitExceeded("the value is nested more than " + std::to_string(kMaxValueDepth) +
                        " levels deep");
  }
}

std::size_t ValueWriter::open(std::uint32_t field) {
  Piece().tag(field, WireType::length_delimited).varint(0).append_to(buffer_);
  return buffer_.size();
}

void ValueWriter::close(std::size_t start) {
  const std::size_t size = buffer_.size() - start;
  if (size < 0x80) {
    buffer_[start - 1] = static_cast<char>(size);
    return;
  }
  buffer_.replace(start - 1, 1, Piece().varint(size).view());
}

void ValueWriter::record_type(std::string_view type) {
  check_utf8(type);
  append_field(buffer_, 1, type);
}

std::size_t ValueWriter::open_field(std::string_view name) {
  check_utf8(name);
  const std::size_t start = open(2);
  append_field(buffer_, 1, name);
  return start;
}

void ValueWriter::varint_value(ValueKind kind, std::uint64_t number) {
  Piece()
      .tag(field_, WireType::length_delimited)
      .varint(1 + varint_length(number))
      .tag(field_of(kind), WireType::varint)
      .varint(number)
      .append_to(buffer_);
}

void ValueWriter::delimited_value(ValueKind kind, std::string_view data) {
  append_head(buffer_, field_, kind, data.size());
  buffer_.append(data);
}

}  // namespace mp::wire
