#include "tests/e2e/hostile_fields.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/text_format.h"
#include "mp/v1/value.pb.h"

namespace mp::e2e {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr const char* kValues[] = {
    "",
    "none: NONE",
    "bool: true",
    "int: -9223372036854775808",
    "int: 9223372036854775807",
    "uint: 18446744073709551615",
    "float: nan",
    "float: -inf",
    "float: 1e308",
    "str: ''",
    "bytes: '\\377'",
    "list { }",
    "list { items { } }",
    "tuple { items { int: 1 } }",
    "dict { entries { } }",
    "dict { entries { key { list { } } value { int: 1 } } }",
    "dict { entries { key { float: nan } value { int: 1 } } }",
    "set { items { set { } } }",
    "ref { }",
    "ref { id: 12345 kind: 'dict' }",
    "array { }",
    "array { typecode: 'x' data: 'abc' }",
    "array { typecode: 'i' data: 'abc' }",
    "record { }",
};
// None of them waits for long.
constexpr const char* kDurations[] = {
    "seconds: -9223372036854775808",
    "seconds: -1",
    "seconds: -1 nanos: 1",
    "nanos: -1",
    "nanos: 1000000000",
    "nanos: -2147483648",
};

template <std::size_t kCount>
Messages parsed(const Message& prototype, const char* const (&texts)[kCount]) {
  Messages messages;
  for (const char* text : texts) {
    messages.emplace_back(prototype.New());
    if (!google::protobuf::TextFormat::ParseFromString(text, messages.back().get()))
      throw std::invalid_argument(text);
  }
  return messages;
}

// Instances of this type that are no good, and some that may be.
Messages bad_messages(const Message& prototype) {
  const auto* type = prototype.GetDescriptor();
  if (type == v1::Value::descriptor()) return parsed(prototype, kValues);
  if (type == google::protobuf::Duration::descriptor()) return parsed(prototype, kDurations);
  Messages messages;
  messages.emplace_back(prototype.New());
  for (int i = 0; i < type->field_count(); ++i) {
    for (auto& message : spoilt(*messages.front(), *type->field(i)))
      messages.push_back(std::move(message));
  }
  return messages;
}

class Spoiler {
 public:
  Spoiler(const Message& good, const FieldDescriptor& field) : good_(good), field_(field) {}

  Messages all() {
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        with_messages();
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        with<std::string>({"", std::string(1, '\0'), "x", std::string(70'000, 'x')},
                          &Reflection::SetString, &Reflection::AddString);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        with_extremes<std::int64_t>(&Reflection::SetInt64, &Reflection::AddInt64);
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        with_extremes<std::uint64_t>(&Reflection::SetUInt64, &Reflection::AddUInt64);
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        with_extremes<std::uint32_t>(&Reflection::SetUInt32, &Reflection::AddUInt32);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        with({0, 77, -1}, &Reflection::SetEnumValue, &Reflection::AddEnumValue);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        with({true}, &Reflection::SetBool, &Reflection::AddBool);
        break;
      default:
        throw std::logic_error("a field of a type that no request has had: " + field_.full_name());
    }
    return std::move(messages_);
  }

 private:
  Message& another() {
    messages_.emplace_back(good_.New())->CopyFrom(good_);
    return *messages_.back();
  }

  void with_messages() {
    const std::unique_ptr<Message> parent(good_.New());
    const Reflection& reflection = *parent->GetReflection();
    const Message& prototype = field_.is_repeated() ? *reflection.AddMessage(parent.get(), &field_)
                                                    : reflection.GetMessage(*parent, &field_);
    for (const auto& bad : bad_messages(prototype)) {
      Message& message = another();
      (field_.is_repeated() ? reflection.AddMessage(&message, &field_)
                            : reflection.MutableMessage(&message, &field_))
          ->CopyFrom(*bad);
    }
  }

  template <class T, class Parameter>
  void with(std::initializer_list<T> values,
            void (Reflection::*set)(Message*, const FieldDescriptor*, Parameter) const,
            void (Reflection::*add)(Message*, const FieldDescriptor*, Parameter) const) {
    for (const T& value : values) {
      Message& message = another();
      const Reflection& reflection = *message.GetReflection();
      (reflection.*(field_.is_repeated() ? add : set))(&message, &field_, value);
    }
  }

  template <class T>
  void with_extremes(void (Reflection::*set)(Message*, const FieldDescriptor*, T) const,
                     void (Reflection::*add)(Message*, const FieldDescriptor*, T) const) {
    using Limits = std::numeric_limits<T>;
    with({T{0}, Limits::min(), Limits::max(), Limits::max() - 1, Limits::max() / 2 + 1}, set, add);
  }

  const Message& good_;
  const FieldDescriptor& field_;
  Messages messages_;
};

}  // namespace

Messages spoilt(const Message& good, const FieldDescriptor& field) {
  return Spoiler(good, field).all();
}

}  // namespace mp::e2e
