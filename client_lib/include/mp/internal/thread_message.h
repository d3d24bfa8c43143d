#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "mp/codec/concepts.h"
#include "mp/internal/plain_bytes.h"
#include "mp/internal/sendable.h"

namespace mp::internal {

// Can go by way of bytes, with all that it holds.
template <class T>
concept GoesInBytes = Codable<T> && Readable<T> && is_sound<T>();

// A value on its way from one thread to another: as itself to who asks for the very type, in bytes
// to others.
class ThreadMessage {
 public:
  ThreadMessage() = default;
  ThreadMessage(const ThreadMessage&) = delete;
  ThreadMessage& operator=(const ThreadMessage&) = delete;
  virtual ~ThreadMessage() = default;

  // Of the value that was sent; none of what was bytes at once.
  virtual const std::type_info* type() const { return nullptr; }
  virtual void* value() { return nullptr; }
  // As a Connection would have written it. Errors: TypeError if it has no Codec.
  virtual std::string bytes() = 0;
};

// TypeError: what was sent is only for who asks for its very type.
[[noreturn]] void throw_no_such_message(const std::type_info& sent, const std::type_info& asked);
[[noreturn]] void throw_not_bytes(const std::type_info& sent);
[[noreturn]] void throw_bytes_are_not(const std::type_info& asked);

template <class T>
class ValueMessage final : public ThreadMessage {
 public:
  template <class Given>
  explicit ValueMessage(std::in_place_t, Given&& given) : value_(std::forward<Given>(given)) {}

  const std::type_info* type() const override { return &typeid(T); }
  void* value() override { return &value_; }
  std::string bytes() override {
    if constexpr (GoesInBytes<T>) {
      std::string written;
      write_value(written, value_);
      return written;
    } else {
      throw_not_bytes(typeid(T));
    }
  }

 private:
  T value_;
};

class BytesMessage final : public ThreadMessage {
 public:
  explicit BytesMessage(std::string_view bytes) : bytes_(bytes) {}
  std::string bytes() override { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Refers to text that may be gone when it is received: a literal, a string_view.
template <class T>
concept RefersToText = std::convertible_to<T, std::string_view> &&
    (!std::is_class_v<T> || std::same_as<T, std::string_view>);

// What is kept of a T that is sent.
template <class T>
using KeptMessage = std::conditional_t<RefersToText<std::decay_t<T>>, std::string, std::decay_t<T>>;

template <class T>
T value_of(ThreadMessage& message) {
  const std::type_info* const sent = message.type();
  if (sent != nullptr && *sent == typeid(T)) return std::move(*static_cast<T*>(message.value()));
  if constexpr (GoesInBytes<T>) {
    return read_value<T>(message.bytes());
  } else if (sent != nullptr) {
    throw_no_such_message(*sent, typeid(T));
  } else {
    throw_bytes_are_not(typeid(T));
  }
}

}  // namespace mp::internal
