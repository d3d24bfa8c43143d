#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <protozero/buffer_string.hpp>
#include <protozero/types.hpp>
#include <protozero/varint.hpp>
#include <string>
#include <string_view>

namespace mp::wire {

using WireType = protozero::pbf_wire_type;

inline std::size_t varint_length(std::uint64_t number) {
  return static_cast<std::size_t>(protozero::length_of_varint(number));
}

// The bytes of a few tags, lengths and numbers, gathered here so that a buffer grows once.
class Piece {
 public:
  Piece& tag(std::uint32_t field, WireType type) {
    return varint(std::uint64_t{field} << 3 | static_cast<std::uint32_t>(type));
  }

  Piece& varint(std::uint64_t number) {
    size_ += static_cast<std::size_t>(protozero::add_varint_to_buffer(bytes_ + size_, number));
    return *this;
  }

  Piece& fixed64(std::uint64_t number) {
    std::memcpy(bytes_ + size_, &number, sizeof number);  // x86-64 and AArch64 are little-endian
    size_ += sizeof number;
    return *this;
  }

  std::size_t size() const { return size_; }
  std::string_view view() const { return {bytes_, size_}; }
  void append_to(std::string& buffer) const { buffer.append(bytes_, size_); }

 private:
  char bytes_[64];  // at most six varints
  std::size_t size_ = 0;
};

}  // namespace mp::wire
