#include "mp/repr.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "client_lib/local/codec/utf8.h"

namespace mp::internal {

namespace {

struct Range {
  char32_t first, last;
};

// Characters that Python escapes: control, format, separator, surrogate, private use, no character.
// Those that no version of Unicode has assigned yet are printed.
constexpr Range kNotPrintable[] = {
    {0x7f, 0xa0},       {0xad, 0xad},       {0x600, 0x605},      {0x61c, 0x61c},
    {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},      {0x8e2, 0x8e2},
    {0x1680, 0x1680},   {0x180e, 0x180e},   {0x2000, 0x200f},    {0x2028, 0x202f},
    {0x205f, 0x206f},   {0x3000, 0x3000},   {0xd800, 0xf8ff},    {0xfdd0, 0xfdef},
    {0xfeff, 0xfeff},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},    {0x110bd, 0x110bd},
    {0x110cd, 0x110cd}, {0x13430, 0x13438}, {0x1bca0, 0x1bca3},  {0x1d173, 0x1d17a},
    {0x1fffe, 0x1ffff}, {0xe0001, 0xe007f}, {0xf0000, 0x10ffff},
};

bool is_printable(char32_t code) {
  const auto* after =
      std::upper_bound(std::begin(kNotPrintable), std::end(kNotPrintable), code,
                       [](char32_t c, const Range& range) { return c < range.first; });
  return code >= 0x20 && (after == std::begin(kNotPrintable) || std::prev(after)->last < code);
}

void append_escape(std::string& out, char prefix, char32_t code, int digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += '\\';
  out += prefix;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kDigits[code >> shift & 0xf];
}

void append_escape(std::string& out, char32_t code) {
  if (code < 0x100) return append_escape(out, 'x', code, 2);
  if (code < 0x10000) return append_escape(out, 'u', code, 4);
  append_escape(out, 'U', code, 8);
}

// Single quotes, unless that would need escapes and double ones would not.
char quote_for(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  return has_single && !has_double ? '"' : '\'';
}

// What str and bytes have in common; false for a character that needs none of this.
bool append_special(std::string& out, char character, char quote) {
  switch (character) {
    case '\n':
      out += "\\n";
      return true;
    case '\r':
      out += "\\r";
      return true;
    case '\t':
      out += "\\t";
      return true;
    default:
      if (character != '\\' && character != quote) return false;
      out += '\\';
      out += character;
      return true;
  }
}

}  // namespace

void append_repr(std::string& out, std::string_view text) {
  const char quote = quote_for(text);
  out += quote;
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::size_t length = std::max<std::size_t>(1, character.length);
    if (character.length == 0) {  // no text; as Python shows bytes that it let pass into a str
      append_escape(out, 0xdc00U + static_cast<unsigned char>(text.front()));
    } else if (length > 1 || !append_special(out, text.front(), quote)) {
      if (is_printable(character.code)) {
        out += text.substr(0, length);
      } else {
        append_escape(out, character.code);
      }
    }
    text.remove_prefix(length);
  }
  out += quote;
}

void append_repr_of_bytes(std::string& out, std::string_view bytes) {
  const char quote = quote_for(bytes);
  out += 'b';
  out += quote;
  for (const char byte : bytes) {
    if (append_special(out, byte, quote)) continue;
    if (byte >= 0x20 && byte < 0x7f) {
      out += byte;
    } else {
      append_escape(out, 'x', static_cast<unsigned char>(byte), 2);
    }
  }
  out += quote;
}

// The shortest digits that read back as the same number; from 1e16 on, and below 1e-4, with an
// exponent.
void append_repr(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
    return;
  }
  std::array<char, 40> text;
  const auto print = [&](std::chars_format format) {
    const char* end = std::to_chars(text.begin(), text.end(), number, format).ptr;
    return std::string_view(text.data(), static_cast<std::size_t>(end - text.data()));
  };
  const double size = std::abs(number);
  if (size != 0 && (size >= 1e16 || size < 1e-4)) {
    out += print(std::chars_format::scientific);
    return;
  }
  const std::string_view digits = print(std::chars_format::fixed);
  out += digits;
  if (digits.find('.') == std::string_view::npos) out += ".0";
}

void append_repr(std::string& out, const ObjectRef& ref) {
  std::string type = ref.kind();
  if (!type.empty() && type.front() >= 'a' && type.front() <= 'z') {
    type.front() = static_cast<char>(type.front() - 'a' + 'A');
  }
  std::array<char, 16> hex;
  char* const end = std::to_chars(hex.begin(), hex.end(), ref.id(), 16).ptr;
  out += "<" + type + "Proxy object, typeid '" + ref.kind() + "' at 0x";
  out.append(hex.begin(), end);
  out += '>';
}

}  // namespace mp::internal
