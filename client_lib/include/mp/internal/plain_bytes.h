#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "mp/bytes.h"
#include "mp/codec.h"
#include "mp/codec/concepts.h"
#include "mp/internal/plain_sink.h"
#include "mp/internal/plain_source.h"

// Values to and from plain bytes, in two forms: one that says what it holds, for a reader who may
// ask for another type than was written (a Connection), and one that only the very type can read (a
// Queue<T>), where numbers, text and vectors of numbers are their memory and nothing else.
//
// Errors: reading is TypeError or ValueError as T's codec has it, and ValueError for malformed
// bytes; writing is what T's codec has, and LimitExceeded for what is nested too deeply.

namespace mp::internal {

// ValueError: `expected` bytes, found another number of them.
[[noreturn]] void throw_wrong_size(std::size_t expected, std::size_t found);

template <class T>
concept PlainNumberType = Codable<T> &&(std::is_arithmetic_v<T> || std::is_enum_v<T>);

template <class T>
concept PlainText = OneOf<T, std::string, Bytes>;

template <class T>
concept NumberVector = kIsNumbers<T> && requires(T& items) {
  items.resize(1);
};

template <NumberVector T>
T numbers_from(std::string_view bytes) {
  using Number = typename T::value_type;
  if (bytes.size() % sizeof(Number) != 0) throw_wrong_size(sizeof(Number), bytes.size());
  const std::size_t count = bytes.size() / sizeof(Number);
  // Where they can be read as what they are, they need not be zeros first.
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(Number) == 0) {
    const auto* const first = reinterpret_cast<const Number*>(bytes.data());
    return T(first, first + count);
  }
  T numbers(count);
  if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

// Appends a value that says what it is.
template <Codable T>
void write_value(std::string& out, const T& value) {
  PlainSink(out).write(value);
}

// Reads one, and all of it.
template <class T>
T read_value(std::string_view bytes) {
  PlainSource source(bytes);
  if constexpr (NumberVector<T>) {
    if (const auto memory = source.numbers(typecode_of<typename T::value_type>())) {
      source.expect_end();
      return numbers_from<T>(*memory);
    }
  }
  T value = Codec<T>::read(source);
  source.expect_end();
  return value;
}

// Appends a value that read_plain<T>, of the same T, can read.
template <Codable T>
void write_plain(std::string& out, const T& value) {
  if constexpr (PlainNumberType<T>) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  } else if constexpr (PlainText<T>) {
    out += std::string_view(reinterpret_cast<const char*>(value.data()), value.size());
  } else if constexpr (NumberVector<T>) {
    out += memory_of(value);
  } else {
    write_value(out, value);
  }
}

// The bytes that write_plain() would append: those of the value itself where that is all there is
// to write, else in `written`. As long-lived as the two.
template <Codable T>
std::string_view plain_view(const T& value, std::string& written) {
  if constexpr (PlainNumberType<T>) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
  } else if constexpr (PlainText<T>) {
    return {reinterpret_cast<const char*>(value.data()), value.size()};
  } else if constexpr (NumberVector<T>) {
    return memory_of(value);
  } else {
    write_plain(written, value);
    return written;
  }
}

// Whether so many bytes are a value's own memory: then read_plain<T>() copies them, runs no code
// that others wrote, and finds nothing wrong with them.
template <class T>
constexpr bool is_memory_of(std::size_t bytes) {
  if constexpr (PlainNumberType<T>) {
    return bytes == sizeof(T);
  } else if constexpr (PlainText<T>) {
    return true;
  } else if constexpr (NumberVector<T>) {
    return bytes % sizeof(typename T::value_type) == 0;
  } else {
    return false;
  }
}

// Reads `bytes`, which are one value and nothing more.
template <class T>
T read_plain(std::string_view bytes) {
  if constexpr (std::same_as<T, bool>) {
    return read_plain<unsigned char>(bytes) != 0;  // not every byte is a bool
  } else if constexpr (PlainNumberType<T>) {
    if (bytes.size() != sizeof(T)) throw_wrong_size(sizeof(T), bytes.size());
    T number;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  } else if constexpr (PlainText<T>) {
    return T(bytes);
  } else if constexpr (NumberVector<T>) {
    return numbers_from<T>(bytes);
  } else {
    return read_value<T>(bytes);
  }
}

}  // namespace mp::internal
