#include "client_lib/local/codec/utf8.h"

#include <algorithm>
#include <cstring>

namespace mp::internal {

namespace {

constexpr Character kInvalid{0, 0};

// What a first byte says of its sequence.
struct Lead {
  std::size_t length;
  char32_t smallest;  // below it, a shorter sequence would have done
  unsigned mask;      // of the bits that belong to the character
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, 0, 0x7f};
  if ((byte & 0xe0) == 0xc0) return {2, 0x80, 0x1f};
  if ((byte & 0xf0) == 0xe0) return {3, 0x800, 0x0f};
  if ((byte & 0xf8) == 0xf0) return {4, 0x10000, 0x07};
  return {0, 0, 0};
}

// How many bytes at the start are ASCII, by eights.
std::size_t skip_ascii(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  std::size_t done = 0;
  for (std::uint64_t word; text.size() - done >= sizeof word; done += sizeof word) {
    std::memcpy(&word, text.data() + done, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  return done;
}

}  // namespace

Character first_character(std::string_view text) {
  if (text.empty()) return kInvalid;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const Lead lead = lead_of(byte(0));
  if (lead.length == 0 || lead.length > text.size()) return kInvalid;
  char32_t code = byte(0) & lead.mask;
  for (std::size_t i = 1; i < lead.length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return kInvalid;
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < lead.smallest || code > 0x10ffff || is_surrogate) return kInvalid;
  return {code, lead.length};
}

bool is_utf8(std::string_view text) {
  while (true) {
    text.remove_prefix(skip_ascii(text));
    if (text.empty()) return true;
    const Character character = first_character(text);
    if (character.length == 0) return false;
    text.remove_prefix(character.length);
  }
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    text.remove_prefix(std::max<std::size_t>(1, first_character(text).length));
  }
  return count;
}

}  // namespace mp::internal
