#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>

#include "mp/internal/code_address.h"
#include "mp/internal/plain_bytes.h"
#include "mp/internal/sendable.h"

// A call on its way to a process that shares no memory with this one.

namespace mp::internal {

// What is called once, in the child.
class Call {
 public:
  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual ~Call() = default;

  virtual void run() = 0;
};

// A function of this program that makes the call again, and what it makes it of.
struct Parcel {
  std::unique_ptr<Call> (*unpack)(std::string_view bytes) = nullptr;  // null: there is no call
  std::string bytes = {};

  // One part more.
  void add(std::string_view part);
};

// Gives the parts of a parcel, one by one.
class ParcelReader {
 public:
  explicit ParcelReader(std::string_view bytes) : rest_(bytes) {}

  // Errors: ValueError if there is none left.
  std::string_view next();

 private:
  std::string_view rest_;
};

// How one decayed T goes: packed into bytes, held in the child, and handed to the callable from
// there.
template <class T>
struct Passage {
  using Held = T;
  static std::string pack(const T& value) {
    std::string bytes;
    write_plain(bytes, value);
    return bytes;
  }
  static T unpack(std::string_view bytes) { return read_plain<T>(bytes); }
  static T&& hand_over(T& held) { return std::move(held); }
};

template <FunctionPointer T>
struct Passage<T> {
  using Held = T;
  static std::string pack(T function) {
    return function == nullptr ? std::string() : encode_function(function);
  }
  static T unpack(std::string_view bytes) {
    return bytes.empty() ? nullptr : decode_function<std::remove_pointer_t<T>>(bytes);
  }
  static T&& hand_over(T& held) { return std::move(held); }
};

template <Stateless T>
struct Passage<T> {
  using Held = T;
  static std::string pack(const T&) { return {}; }
  static T unpack(std::string_view) { return T(); }
  static T&& hand_over(T& held) { return std::move(held); }
};

// Text that somebody else owns; in the child, it is owned here.
template <BorrowedText T>
struct Passage<T> {
  using Held = std::string;
  static std::string pack(std::string_view text) { return std::string(text); }
  static std::string unpack(std::string_view bytes) { return std::string(bytes); }
  static T hand_over(std::string& held) {
    if constexpr (std::same_as<T, std::string_view>) {
      return held;
    } else {
      return held.data();
    }
  }
};

// TypeError for the first part that can't go, of which number 0 is the callable.
[[noreturn]] void throw_not_sendable(std::span<const bool> sendable,
                                     std::span<const std::type_info* const> types);

}  // namespace mp::internal
