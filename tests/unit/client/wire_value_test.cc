#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "mp/any.h"
#include "mp/codec.h"
#include "mp/errors.h"
#include "tests/unit/client/wire_form.h"

namespace mp {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(WireValueTest, ScalarsAreThoseOfTheProto) {
  EXPECT_EQ(wire_form(None), "none: NONE");
  EXPECT_EQ(wire_form(true), "bool: true");
  EXPECT_EQ(wire_form(false), "bool: false");
  EXPECT_EQ(wire_form(0), "int: 0");
  EXPECT_EQ(wire_form(-1), "int: -1");
  EXPECT_EQ(wire_form(std::numeric_limits<std::int64_t>::min()), "int: -9223372036854775808");
  EXPECT_EQ(wire_form(std::numeric_limits<std::int64_t>::max()), "int: 9223372036854775807");
  EXPECT_EQ(wire_form(std::uint64_t{7}), "int: 7");
  EXPECT_EQ(wire_form(std::uint64_t{1} << 63), "uint: 9223372036854775808");
  EXPECT_EQ(wire_form(0.25), "float: 0.25");
  EXPECT_EQ(wire_form(0.0), "float: 0");
  EXPECT_EQ(wire_form("alice"), "str: \"alice\"");
  EXPECT_EQ(wire_form(""), "str: \"\"");
  EXPECT_EQ(wire_form(Bytes{0, 255}), "bytes: \"\\000\\377\"");
}

TEST(WireValueTest, ContainersAreThoseOfTheProto) {
  EXPECT_EQ(wire_form(std::vector<int>{}), "list { }");
  EXPECT_EQ(wire_form(std::vector<int>{1, 2}), "list { items { int: 1 } items { int: 2 } }");
  EXPECT_EQ(wire_form(std::tuple(1, "a")), "tuple { items { int: 1 } items { str: \"a\" } }");
  EXPECT_EQ(wire_form(std::set<int>{1}), "set { items { int: 1 } }");
  EXPECT_EQ(wire_form(std::map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}}),
            "dict { entries { key { str: \"a\" } value { list { items { int: 1 } } } } "
            "entries { key { str: \"b\" } value { list { } } } }");
}

TEST(WireValueTest, ReferencesArraysAndRecordsAreThoseOfTheProto) {
  EXPECT_EQ(wire_form(ObjectRef(42, "dict")), "ref { id: 42 kind: \"dict\" }");
  EXPECT_EQ(wire_form(Any(Any::Array{'h', Bytes{1, 0}})),
            "array { typecode: \"h\" data: \"\\001\\000\" }");
  EXPECT_EQ(wire_form(Any(Any::Record{"Point", {{"x", 1}, {"y", None}}, {}})),
            "record { type: \"Point\" fields { name: \"x\" value { int: 1 } } "
            "fields { name: \"y\" value { none: NONE } } }");
  EXPECT_EQ(wire_form(Any(Any::Record{"Blob", {}, Bytes("xyz")})),
            "record { type: \"Blob\" data: \"xyz\" }");
}

// Lengths are written before what they count is known; these are the sizes at which they grow.
TEST(WireValueTest, LengthsOfEverySizeAreWrittenAsLibprotobufDoes) {
  for (const std::size_t size :
       {0,   1,   60,  100, 120, 121,   122,   123,   124,   125,   126,
        127, 128, 129, 130, 200, 16370, 16380, 16383, 16384, 16385, 100000}) {
    const std::string text(size, 'x');
    wire_form(text);
    wire_form(std::vector<std::string>{text, text});
    wire_form(std::map<std::string, std::vector<std::tuple<std::string>>>{{text, {{text}}}});
    wire_form(Any(Any::Record{"T" + text, {{"f" + text, text}}, {}}));
    EXPECT_EQ(decode<std::string>(bytes_of(text)), text);
    EXPECT_EQ(decode<std::vector<std::string>>(bytes_of(std::vector{text, text})),
              (std::vector{text, text}));
  }
}

TEST(WireValueTest, WhatLibprotobufWroteCanBeRead) {
  EXPECT_EQ(repr(from_wire_form<Any>("dict { entries { key { int: 1 } value { str: '1' } } "
                                     "entries { key { str: '2' } value { int: 2 } } "
                                     "entries { key { float: 0.25 } value { none: NONE } } }")),
            "{1: '1', '2': 2, 0.25: None}");
  EXPECT_EQ(
      repr(from_wire_form<Any>("tuple { items { bool: true } items { uint: 18446744073709551615 } "
                               "items { bytes: 'b' } items { set { items { int: 1 } } } }")),
      "(True, 18446744073709551615, b'b', {1})");
  EXPECT_EQ(repr(from_wire_form<Any>("array { typecode: 'B' data: 'ab' }")),
            "array('B', [97, 98])");
  EXPECT_EQ(repr(from_wire_form<Any>("record { type: 'P' fields { name: 'x' value { int: 1 } } }")),
            "P(x=1)");
}

TEST(WireValueTest, AnUintThatFitsIsReadAsAnInt) {
  EXPECT_EQ(from_wire_form<int>("uint: 7"), 7);
  EXPECT_EQ(from_wire_form<Any>("uint: 7").kind(), ValueKind::kInt);
}

TEST(WireValueTest, AValueWithoutAKindIsRefused) {
  EXPECT_THAT([] { from_wire_form<Any>(""); }, ThrowsMessage<RemoteError>(HasSubstr("of no kind")));
  EXPECT_THROW(from_wire_form<Any>("list { items { } }"), RemoteError);
  EXPECT_THROW(from_wire_form<Any>("dict { entries { key { int: 1 } } }"), RemoteError);
}

TEST(WireValueTest, TextThatIsNotUtf8IsRefusedBeforeItIsSent) {
  for (const std::string_view text : {"\xff", "ab\x80", "\xc3", "\xc0\x80", "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80", "\xe2\x82", "12345678\xfe"}) {
    EXPECT_THAT([&] { bytes_of(text); }, ThrowsMessage<ValueError>(HasSubstr("mp::Bytes")));
    EXPECT_THROW(bytes_of(std::vector{text}), ValueError);
    EXPECT_THROW(bytes_of(Any(Any::Record{std::string(text), {}, {}})), ValueError);
    EXPECT_THROW(bytes_of(Any(Any::Record{"T", {{std::string(text), 1}}, {}})), ValueError);
  }
  for (const std::string_view text :
       {"", "caf\u00e9", "\U0001f600", "\U0010ffff", "1234567\u00e9", "12345678\u4f60"}) {
    EXPECT_EQ(decode<std::string>(bytes_of(text)), text);
  }
}

TEST(WireValueTest, NulAndEmojiPass) {
  const std::string text("a\0b\U0001f600", 7);
  EXPECT_EQ(decode<std::string>(bytes_of(text)), text);
}

TEST(WireValueTest, SpecialFloatsPass) {
  EXPECT_TRUE(std::isnan(decode<double>(bytes_of(std::numeric_limits<double>::quiet_NaN()))));
  EXPECT_EQ(decode<double>(bytes_of(-std::numeric_limits<double>::infinity())),
            -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::signbit(decode<double>(bytes_of(-0.0))));
}

Any nested_lists(int depth) {
  Any any = 1;
  for (int i = 0; i < depth; ++i) any = Any::list({any});
  return any;
}

TEST(WireValueTest, AHundredLevelsPassAndMoreAreRefused) {
  EXPECT_EQ(decode<Any>(bytes_of(nested_lists(100))), nested_lists(100));
  EXPECT_THAT([] { bytes_of(nested_lists(101)); },
              ThrowsMessage<LimitExceeded>(HasSubstr("100 levels")));
}

TEST(WireValueTest, DeepBytesAreRefusedWithoutACrash) {
  v1::ListValue list;
  v1::Value* value = list.add_items();
  for (int i = 0; i < 5000; ++i) value = value->mutable_list()->add_items();
  value->set_int_(1);
  const std::string bytes = list.SerializeAsString();
  EXPECT_THAT([&] { decode<Any>(bytes); }, ThrowsMessage<RemoteError>(HasSubstr("100 levels")));
}

class CountingResolver final : public wire::RefResolver {
 public:
  std::shared_ptr<const internal::RemoteObject> resolve(std::uint64_t id,
                                                        std::string_view kind) const override {
    asked.emplace_back(id, kind);
    return nullptr;
  }
  mutable std::vector<std::pair<std::uint64_t, std::string>> asked;
};

TEST(WireValueTest, ReferencesAreResolvedAtAnyDepth) {
  const CountingResolver resolver;
  const std::string bytes = bytes_of(
      Any::list({ObjectRef(1, "dict"), Any::dict({{"k", Any::tuple({ObjectRef(2, "list")})}}),
                 Any(Any::Record{"R", {{"f", ObjectRef(3, "lock")}}, {}})}));
  const Any any = decode<Any>(bytes, &resolver);
  using Asked = std::pair<std::uint64_t, std::string>;
  EXPECT_THAT(resolver.asked,
              testing::ElementsAre(Asked(1, "dict"), Asked(2, "list"), Asked(3, "lock")));
  EXPECT_EQ(any.at(0), ObjectRef(1, "dict"));
}

}  // namespace
}  // namespace mp
