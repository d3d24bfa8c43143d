#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mp/bytes.h"
#include "mp/errors.h"

// The bytes that a Connection of either sort is given and gives, and what is wrong with them.

namespace mp::internal {

// The part of `whole` that was asked for. Errors: ValueError.
inline std::string_view part_of(std::string_view whole, std::ptrdiff_t offset,
                                std::optional<std::ptrdiff_t> size) {
  const auto length = static_cast<std::ptrdiff_t>(whole.size());
  if (offset < 0) throw ValueError("cannot send: offset is negative");
  if (offset > length) throw ValueError("cannot send: buffer length < offset");
  if (!size) return whole.substr(static_cast<std::size_t>(offset));
  if (*size < 0) throw ValueError("cannot send: size is negative");
  if (*size > length - offset) throw ValueError("cannot send: buffer length < offset + size");
  return whole.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(*size));
}

// The limit as a number of bytes. Errors: ValueError.
inline std::optional<std::size_t> checked_max_length(std::optional<std::ptrdiff_t> max_length) {
  if (!max_length) return std::nullopt;
  if (*max_length < 0) throw ValueError("cannot receive: negative maxlength");
  return static_cast<std::size_t>(*max_length);
}

// The part of the buffer from `offset` on. Errors: ValueError.
inline std::span<std::byte> room_in(std::span<std::byte> buffer, std::ptrdiff_t offset) {
  if (offset < 0) throw ValueError("cannot receive: negative offset");
  const auto start = static_cast<std::size_t>(offset);
  if (start > buffer.size()) throw ValueError("cannot receive: offset too large");
  return buffer.subspan(start);
}

// Gives how many. Errors: BufferTooShort.
inline std::size_t copy_message(std::string_view message, std::span<std::byte> room) {
  if (message.size() > room.size()) {
    throw BufferTooShort("cannot receive: a message of " + std::to_string(message.size()) +
                             " bytes does not fit into " + std::to_string(room.size()),
                         Bytes(message));
  }
  if (!message.empty()) std::memcpy(room.data(), message.data(), message.size());
  return message.size();
}

}  // namespace mp::internal
