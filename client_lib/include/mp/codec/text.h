#pragma once

#include <string>
#include <string_view>

#include "mp/bytes.h"
#include "mp/codec/concepts.h"
#include "mp/errors.h"

namespace mp {

namespace internal {

// Text that can be written but not read, for want of an owner.
struct TextViewCodec {
  static constexpr KindSet kKinds{ValueKind::kStr};
  template <class Sink>
  static void write(Sink& out, std::string_view text) {
    out.text(text);
  }
};

}  // namespace internal

// A str, in UTF-8. Errors: ValueError on the way to a manager if it is not.
template <>
struct Codec<std::string> : internal::TextViewCodec {
  template <class Source>
  static std::string read(Source& in) {
    return std::string(in.text());
  }
};

template <>
struct Codec<std::string_view> : internal::TextViewCodec {};
template <>
struct Codec<const char*> : internal::TextViewCodec {};
template <>
struct Codec<char*> : internal::TextViewCodec {};

template <>
struct Codec<Bytes> {
  static constexpr KindSet kKinds{ValueKind::kBytes};
  template <class Sink>
  static void write(Sink& out, const Bytes& bytes) {
    out.bytes(bytes.view());
  }
  template <class Source>
  static Bytes read(Source& in) {
    return Bytes(in.bytes());
  }
};

}  // namespace mp
