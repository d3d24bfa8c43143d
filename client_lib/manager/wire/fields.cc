#include "mp/wire/fields.h"

#include <protozero/exception.hpp>
#include <string>

#include "client_lib/manager/wire/piece.h"
#include "mp/errors.h"

namespace mp::wire {

namespace {

[[noreturn]] void malformed(const std::string& what) {
  throw RemoteError("cannot read the message: " + what);
}

std::uint64_t read_varint(const char*& next, const char* end) {
  if (next != end && static_cast<signed char>(*next) >= 0)  // one byte, as mostly
    return static_cast<std::uint64_t>(*next++);
  try {
    return protozero::decode_varint(&next, end);
  } catch (const protozero::exception&) {
    malformed("it breaks off within a number");
  }
}

std::uint64_t read_fixed(const char*& next, const char* end, int size) {
  if (end - next < size) malformed("it breaks off within a number");
  std::uint64_t number = 0;
  for (int i = 0; i < size; ++i) {
    number |= std::uint64_t{static_cast<unsigned char>(*next++)} << (8 * i);
  }
  return number;
}

std::string_view read_delimited(const char*& next, const char* end) {
  const std::uint64_t size = read_varint(next, end);
  if (size > static_cast<std::uint64_t>(end - next)) malformed("a field is longer than the rest");
  const std::string_view data(next, size);
  next += size;
  return data;
}

}  // namespace

bool Fields::next() {
  if (next_ == end_) return false;
  constexpr std::uint64_t kLargestTag = (std::uint64_t{1} << 32) - 1;
  const std::uint64_t tag = read_varint(next_, end_);
  if (tag > kLargestTag || tag >> 3 == 0) malformed("bad field number");
  field_ = static_cast<std::uint32_t>(tag >> 3);
  type_ = static_cast<Type>(tag & 7);
  switch (type_) {
    case Type::kVarint:
      number_ = read_varint(next_, end_);
      return true;
    case Type::kFixed64:
      number_ = read_fixed(next_, end_, 8);
      return true;
    case Type::kFixed32:
      number_ = read_fixed(next_, end_, 4);
      return true;
    case Type::kDelimited:
      data_ = read_delimited(next_, end_);
      return true;
  }
  malformed("unknown wire type in field " + std::to_string(field_));
}

void Fields::expect(Type type) const {
  if (type_ != type) malformed("field " + std::to_string(field_) + " is of another wire type");
}

std::uint64_t Fields::uint() const {
  expect(Type::kVarint);
  return number_;
}

std::int64_t Fields::sint() const { return protozero::decode_zigzag64(uint()); }

std::uint64_t Fields::fixed64() const {
  expect(Type::kFixed64);
  return number_;
}

std::string_view Fields::bytes() const {
  expect(Type::kDelimited);
  return data_;
}

std::chrono::nanoseconds Fields::duration() const {
  constexpr std::int64_t kMostSeconds = std::chrono::nanoseconds::max() / std::chrono::seconds(1);
  constexpr std::int64_t kMostNanoseconds = 999'999'999;
  const auto within = [](std::uint64_t number, std::int64_t most) {
    const auto value = static_cast<std::int64_t>(number);
    if (value > most || value < -most) malformed("a duration is out of range");
    return value;
  };
  std::chrono::nanoseconds length{};
  for (Fields part = message(); part.next();) {
    if (part.field() == 1) length += std::chrono::seconds(within(part.uint(), kMostSeconds - 1));
    if (part.field() == 2)
      length += std::chrono::nanoseconds(within(part.uint(), kMostNanoseconds));
  }
  return length;
}

}  // namespace mp::wire
