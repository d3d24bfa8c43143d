#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include "mp/v1/arithmetic.pb.h"
#include "mp/v1/error.pb.h"
#include "mp/v1/value.pb.h"

// What the types of numbers do, said with whole numbers, widths and single bits. Floats are
// modelled where they are exact: as whole numbers far below 2^24.

namespace mp::server::test {

__extension__ using Integer = __int128;

inline constexpr std::string_view kTypecodes = "?bBhHiIlLqQfd";

// A number, or why there is none.
struct Modelled {
  v1::Code error = v1::CODE_UNSPECIFIED;
  Integer number = 0;
};

class NumberModel {
 public:
  explicit NumberModel(char code)
      : code_(code), size_(kSizes[kTypecodes.find(code)] - std::size_t{'0'}) {}

  char code() const { return code_; }
  // As a manager calls it, for which l is q.
  std::string typecode() const {
    return std::string(1, code_ == 'l' ? 'q' : code_ == 'L' ? 'Q' : code_);
  }
  std::size_t size() const { return size_; }
  bool is_float() const { return code_ == 'f' || code_ == 'd'; }
  Integer most() const {
    if (is_float()) return kFar;
    if (code_ == '?') return 1;
    return (Integer{1} << (8 * size_ - (is_signed() ? 1 : 0))) - 1;
  }
  Integer least() const {
    if (is_float()) return -kFar;
    return is_signed() ? -most() - 1 : 0;
  }

  Modelled store(Integer number) const {
    if (number < least() || number > most()) return {.error = v1::OVERFLOW_ERROR};
    return {.number = number};
  }
  Modelled apply(v1::Arithmetic operation, Integer a, Integer b) const {
    switch (operation) {
      case v1::ADD:
        return store(a + b);
      case v1::SUBTRACT:
        return store(a - b);
      case v1::MIN:
        return store(b < a ? b : a);
      case v1::MAX:
        return store(b > a ? b : a);
      case v1::AND:
      case v1::OR:
      case v1::XOR:
        return is_float() ? Modelled{.error = v1::TYPE_ERROR} : store(bitwise(operation, a, b));
      default:
        return {.error = v1::VALUE_ERROR};
    }
  }

  // As the server writes it.
  v1::Value wire(Integer number) const {
    v1::Value wire;
    if (code_ == '?') {
      wire.set_bool_(number != 0);
    } else if (is_float()) {
      wire.set_float_(static_cast<double>(number));
    } else {
      set_whole(number, wire);
    }
    return wire;
  }
  std::string packed(Integer number) const {
    if (code_ == 'f') return bytes_of(static_cast<float>(number));
    if (code_ == 'd') return bytes_of(static_cast<double>(number));
    std::string bytes;
    for (std::size_t i = 0; i < size_; ++i) {
      bytes += static_cast<char>(static_cast<unsigned char>(number & 0xff));
      number >>= 8;
    }
    return bytes;
  }

  // A number that a type may hold or not, near an end of a range more often than not.
  Integer any_number(std::mt19937& random) const {
    const auto below = [&](int bound) {
      return std::uniform_int_distribution<int>(0, bound - 1)(random);
    };
    if (is_float() || below(3) == 0) return below(2001) - 1000;
    constexpr Integer kLeast = std::numeric_limits<std::int64_t>::min();
    constexpr Integer kMost = std::numeric_limits<std::uint64_t>::max();
    const Integer end = below(2) == 0 ? least() : most();
    return std::clamp<Integer>(end + below(5) - 2, kLeast, kMost);
  }
  // One that it can hold.
  Integer some_number(std::mt19937& random) const {
    return std::clamp(any_number(random), least(), most());
  }
  // As a client may write it.
  v1::Value any_wire(Integer number, std::mt19937& random) const {
    v1::Value wire;
    const bool other_sort = random() % 2 == 0;
    if (is_float() && other_sort) {
      wire.set_float_(static_cast<double>(number));
    } else if ((number == 0 || number == 1) && other_sort) {
      wire.set_bool_(number != 0);
    } else {
      set_whole(number, wire);
    }
    return wire;
  }

 private:
  static constexpr std::string_view kSizes = "1112244888848";
  static constexpr Integer kFar = Integer{1} << 23;

  bool is_signed() const { return code_ >= 'a'; }

  static void set_whole(Integer number, v1::Value& wire) {
    if (number > std::numeric_limits<std::int64_t>::max()) {
      wire.set_uint(static_cast<std::uint64_t>(number));
    } else {
      wire.set_int_(static_cast<std::int64_t>(number));
    }
  }
  template <class T>
  static std::string bytes_of(T number) {
    std::string bytes(sizeof number, '\0');
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
  }
  // Bit by bit, of numbers with an endless sign.
  static Integer bitwise(v1::Arithmetic operation, Integer a, Integer b) {
    const auto bit = [&](int place) {
      const bool x = (a >> place & 1) != 0;
      const bool y = (b >> place & 1) != 0;
      return operation == v1::AND ? x && y : operation == v1::OR ? x || y : x != y;
    };
    constexpr int kSign = 100;
    Integer result = bit(kSign) ? -1 : 0;
    for (int place = kSign - 1; place >= 0; --place) result = result * 2 + (bit(place) ? 1 : 0);
    return result;
  }

  char code_;
  std::size_t size_;
};

}  // namespace mp::server::test
