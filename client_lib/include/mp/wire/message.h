#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "mp/wire/value_writer.h"

namespace mp::wire {

// Writes the fields of one protobuf message into a buffer. Fields whose value is the default of
// proto3 are written too: presence is the caller's decision.
//
// The buffer keeps its memory over clear(), so that a warm message encodes without allocating.
// After an exception the contents are unspecified: clear() before further use.
class Message {
 public:
  void uint(std::uint32_t field, std::uint64_t number);     // uint32, uint64, enums
  void sint(std::uint32_t field, std::int64_t number);      // sint32, sint64
  void fixed64(std::uint32_t field, std::uint64_t number);  // fixed64
  void boolean(std::uint32_t field, bool flag);             // bool

  // string. Errors: ValueError if `text` is not UTF-8.
  void str(std::uint32_t field, std::string_view text);

  // bytes, or a message that is already encoded.
  void bytes(std::uint32_t field, std::string_view data);

  // google.protobuf.Duration.
  void duration(std::uint32_t field, std::chrono::nanoseconds length);

  // mp.v1.ArrayValue: packed numbers, which are copied once.
  void array(std::uint32_t field, ArrayView numbers);

  void message(std::uint32_t field, const Message& nested) { bytes(field, nested.bytes()); }

  // mp.v1.Value, through Codec<T>.
  // Errors: ValueError for text that is not UTF-8, LimitExceeded for what is nested too deeply.
  template <class T>
  void value(std::uint32_t field, const T& item) {
    ValueWriter(buffer_, field).write(item);
  }

  // mp.v1.Entry.
  template <class K, class V>
  void entry(std::uint32_t field, const K& key, const V& item) {
    ValueWriter(buffer_, field).entry(key, item);
  }

  // What was written so far; valid until the next change.
  std::string_view bytes() const { return buffer_; }
  bool empty() const { return buffer_.empty(); }
  void clear() { buffer_.clear(); }
  void reserve(std::size_t size) { buffer_.reserve(size); }
  std::size_t capacity() const { return buffer_.capacity(); }

 private:
  std::string buffer_;
};

// A message lent from this thread's store, empty but warm: requests are encoded into these. Nesting
// is allowed (an encoder may call another operation). What outgrew 64 KiB is kept while such
// messages come, up to 16 MiB.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  Message& operator*() { return *message_; }
  Message* operator->() { return message_; }

 private:
  Message* message_;
};

}  // namespace mp::wire
