#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mp::server {

// Reads protobuf's encoding piece by piece, for what is read without a message. Every step says
// whether the bytes are what was asked for; after a false nothing more is to be read.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }

  // Passes over a tag of one byte, if it comes next.
  bool tag(unsigned char expected) {
    if (done() || static_cast<unsigned char>(*at_) != expected) return false;
    ++at_;
    return true;
  }

  bool varint(std::uint64_t& number) {
    number = 0;
    for (unsigned shift = 0; shift < 64 && !done(); shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      number |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool fixed64(std::uint64_t& number) {
    if (end_ - at_ < 8) return false;
    std::memcpy(&number, at_, 8);  // x86-64 and AArch64 are little-endian
    at_ += 8;
    return true;
  }

  bool delimited(std::string_view& data) {
    std::uint64_t size = 0;
    if (!varint(size) || size > static_cast<std::uint64_t>(end_ - at_)) return false;
    data = {at_, size};
    at_ += size;
    return true;
  }

 private:
  const char* at_;
  const char* const end_;
};

}  // namespace mp::server
