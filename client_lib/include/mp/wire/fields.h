#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "mp/wire/ref_resolver.h"
#include "mp/wire/value_writer.h"

namespace mp::wire {

// Reads the fields of one protobuf message, one after the other; what it points into must outlive
// it.
//
//   for (Fields f = reply.fields(); f.next();)
//     if (f.field() == 1) values.push_back(f.value<int>());
//
// Any bytes may be given: what is truncated, malformed, or of another wire type than is asked for
// is a RemoteError.
class Fields {
 public:
  explicit Fields(std::string_view bytes, const RefResolver* resolver = nullptr,
                  int depth = kMaxValueDepth)
      : next_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        resolver_(resolver),
        depth_(depth) {}

  // Moves to the next field; false at the end.
  bool next();

  std::uint32_t field() const { return field_; }

  std::uint64_t uint() const;     // uint32, uint64, enums
  std::int64_t sint() const;      // sint32, sint64
  std::uint64_t fixed64() const;  // fixed64
  bool boolean() const { return uint() != 0; }
  std::string_view bytes() const;  // string, bytes, message, packed numbers
  std::chrono::nanoseconds duration() const;
  Fields message() const { return Fields(bytes(), resolver_, depth_); }

  // mp.v1.Value, through Codec<T>. Errors: TypeError if it is of another type, ValueError if it
  // does not fit.
  template <class T>
  T value() const;

  const RefResolver* resolver() const { return resolver_; }
  int depth() const { return depth_; }

 private:
  enum class Type : std::uint8_t { kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5 };

  void expect(Type type) const;

  const char* next_;
  const char* end_;
  const RefResolver* resolver_;
  int depth_;  // levels of values that may still follow
  std::uint32_t field_ = 0;
  Type type_ = Type::kVarint;
  std::uint64_t number_ = 0;
  std::string_view data_;
};

}  // namespace mp::wire

#include "mp/wire/value_reader.h"  // defines Fields::value
