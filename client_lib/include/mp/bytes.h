#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace mp {

// Bytes that need not be text. Python: bytes.
//
// A std::string stands for text in UTF-8, here as in Python; what is not text goes into a Bytes,
// and making one from a string is explicit.
//
//   mp::Bytes header{0x89, 'P', 'N', 'G'};
//   mp::Bytes body(file_contents);
class Bytes {
 public:
  using value_type = std::uint8_t;
  using const_iterator = const std::uint8_t*;

  Bytes() = default;
  Bytes(std::initializer_list<std::uint8_t> bytes) : data_(bytes.begin(), bytes.end()) {}
  explicit Bytes(std::string bytes) : data_(std::move(bytes)) {}
  explicit Bytes(std::string_view bytes) : data_(bytes) {}
  explicit Bytes(const char* text) : data_(text) {}  // without the final NUL
  explicit Bytes(std::span<const std::byte> bytes)
      : data_(reinterpret_cast<const char*>(bytes.data()), bytes.size()) {}
  explicit Bytes(std::span<const std::uint8_t> bytes) : Bytes(std::as_bytes(bytes)) {}

  std::size_t size() const { return data_.size(); }
  bool empty() const { return data_.empty(); }
  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(data_.data()); }
  std::uint8_t operator[](std::size_t index) const {
    return static_cast<std::uint8_t>(data_[index]);
  }
  const_iterator begin() const { return data(); }
  const_iterator end() const { return data() + size(); }

  std::string_view view() const { return data_; }
  std::span<const std::byte> span() const { return std::as_bytes(std::span(data_)); }
  std::string to_string() const& { return data_; }
  std::string to_string() && { return std::move(data_); }

  Bytes& operator+=(const Bytes& more) {
    data_ += more.data_;
    return *this;
  }
  friend Bytes operator+(Bytes left, const Bytes& right) { return std::move(left += right); }

  friend bool operator==(const Bytes&, const Bytes&) = default;
  // By unsigned bytes, the shorter first.
  friend std::strong_ordering operator<=>(const Bytes& left, const Bytes& right) {
    return left.view().compare(right.view()) <=> 0;
  }

  // As Python prints them: b'\x89PNG'.
  friend std::ostream& operator<<(std::ostream& out, const Bytes& bytes);

 private:
  std::string data_;
};

}  // namespace mp

template <>
struct std::hash<mp::Bytes> {
  std::size_t operator()(const mp::Bytes& bytes) const noexcept {
    return std::hash<std::string_view>{}(bytes.view());
  }
};
