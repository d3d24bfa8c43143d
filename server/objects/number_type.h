#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mp/v1/arithmetic.pb.h"
#include "server/objects/value.h"

namespace mp::server {

static_assert(std::endian::native == std::endian::little, "numbers are packed little-endian");

// The bytes of one number of any type, from the front on; the others are 0.
using PackedNumber = std::array<char, 8>;

// A type of number, by the letters of Python's array module: b B h H i I l L q Q for whole numbers
// of 8, 16, 32, 64 and 64 bits (l is q, and L is Q), capitals for those without a sign; f and d for
// floats; and ? for bools.
//
// Whole types and ? take ints and bools, f and d take every number. A number of another sort is a
// TYPE_ERROR, one out of the type's range an OVERFLOW_ERROR; f rounds to the nearest float.
class NumberType {
 public:
  // None if no type has this letter.
  static constexpr std::optional<NumberType> find(std::string_view typecode);
  // The same; VALUE_ERROR if there is none.
  static absl::StatusOr<NumberType> named(std::string_view typecode);

  std::string typecode() const { return std::string(1, code_); }
  constexpr std::size_t size() const { return size_; }
  friend constexpr bool operator==(NumberType, NumberType) = default;

  absl::StatusOr<PackedNumber> pack(const Value& number) const;
  Value unpack(const PackedNumber& number) const;

  // The result of an operation in place. The operand need not be of the type's range, the result
  // must. TYPE_ERROR for bits of a float, VALUE_ERROR for an operation that does not exist.
  absl::StatusOr<PackedNumber> apply(v1::Arithmetic operation, const PackedNumber& number,
                                     const Value& operand) const;

  // a == b; and NaN is taken for NaN, so that a loop around compare_exchange comes to an end.
  bool same(const PackedNumber& a, const PackedNumber& b) const;

  // Is the data so many numbers in a row, the last one whole?
  constexpr bool divides(std::string_view data) const { return data.size() % size_ == 0; }
  // Does every number in a row have a value? All do but bools, which are 0 or 1.
  constexpr bool all_valid(std::string_view data) const {
    return code_ != '?' ||
           std::ranges::all_of(data, [](char byte) { return byte == 0 || byte == 1; });
  }

 private:
  constexpr NumberType(char code, std::size_t size) : code_(code), size_(size) {}

  char code_;
  std::size_t size_;
};

constexpr std::optional<NumberType> NumberType::find(std::string_view typecode) {
  if (typecode.size() != 1) return std::nullopt;
  const char code = typecode[0];
  switch (code) {
    case '?':
    case 'b':
    case 'B':
      return NumberType(code, 1);
    case 'h':
    case 'H':
      return NumberType(code, 2);
    case 'i':
    case 'I':
    case 'f':
      return NumberType(code, 4);
    case 'l':
    case 'L':  // are other letters for what is the same in a manager
      return NumberType(code == 'l' ? 'q' : 'Q', 8);
    case 'q':
    case 'Q':
    case 'd':
      return NumberType(code, 8);
    default:
      return std::nullopt;
  }
}

}  // namespace mp::server
