#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "mp/v1/value.pb.h"
#include "mp/wire/fields.h"
#include "mp/wire/message.h"

namespace mp {

// A value in the text form of mp.v1.Value: `int: 3`. Values are written as items of a list, by our
// own encoder and by libprotobuf, and the bytes must be the same.

template <class Proto>
Proto from_text(const std::string& text) {
  Proto message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template <class T>
std::string bytes_of(const T& value) {
  wire::Message message;
  message.value(1, value);
  return std::string(message.bytes());
}

template <class T>
std::string wire_form(const T& value) {
  const std::string bytes = bytes_of(value);
  v1::ListValue list;
  EXPECT_TRUE(list.ParseFromString(bytes));
  EXPECT_EQ(list.SerializeAsString(), bytes) << list.DebugString();
  EXPECT_EQ(list.items_size(), 1);
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  EXPECT_TRUE(printer.PrintToString(list.items(0), &text));
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

template <class T>
T decode(const std::string& bytes, const wire::RefResolver* resolver = nullptr) {
  wire::Fields fields(bytes, resolver);
  EXPECT_TRUE(fields.next());
  return fields.value<T>();
}

// A value that libprotobuf wrote.
template <class T>
T from_wire_form(const std::string& text) {
  v1::ListValue list;
  *list.add_items() = from_text<v1::Value>(text);
  return decode<T>(list.SerializeAsString());
}

}  // namespace mp
