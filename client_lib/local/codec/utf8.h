#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mp::internal {

// The character at the start of a text, and its length in bytes; length 0 if it is not UTF-8 (cut
// off, longer than need be, a surrogate, or above U+10FFFF).
struct Character {
  char32_t code;
  std::size_t length;
};
Character first_character(std::string_view text);

bool is_utf8(std::string_view text);

// A byte that belongs to no character counts as one.
std::size_t count_characters(std::string_view text);

}  // namespace mp::internal
