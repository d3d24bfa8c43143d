#include "server/objects/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "server/objects/error.h"
#include "tests/unit/objects/literal.h"

namespace mp::server {
namespace {

using test::literal;
using test::repr;
using test::value;
using Type = Value::Type;

v1::Code code_of_reading(std::string_view text, const ObjectLimits& limits = {}) {
  return code_of(Value::from_wire(literal(text), limits).status());
}

v1::Code code_of_key(std::string_view text) {
  return code_of(Value::key_from_wire(literal(text), ObjectLimits()).status());
}

Value key(std::string_view text) { return *Value::key_from_wire(literal(text), ObjectLimits()); }

TEST(ValueTest, EveryTypeReturnsFromTheWireAsItCame) {
  for (const char* text : {"None",
                           "True",
                           "False",
                           "0",
                           "-1",
                           "9223372036854775807",
                           "-9223372036854775808",
                           "9223372036854775808",
                           "18446744073709551615",
                           "0.0",
                           "-0.0",
                           "0.25",
                           "-1e+300",
                           "inf",
                           "-inf",
                           "nan",
                           "''",
                           "'alice'",
                           "'a text that does not fit into 16 bytes'",
                           "b''",
                           "b'\\x00\\xff'",
                           "b'bytes that do not fit into sixteen'",
                           "[]",
                           "[1, 'two', [3.0, None]]",
                           "()",
                           "(1,)",
                           "(1, (2, (3,)))",
                           "{}",
                           "{'a': 1, 2: [3], (4, 'b'): {}}",
                           "set()",
                           "{1, 'a', (2,)}",
                           "ref(queue, 7)",
                           "[ref(dict, 1), {'k': ref(lock, 2)}]",
                           "array(i, b'\\x01\\x00\\x00\\x00')",
                           "array(d, b'')",
                           "Point(x=1, y=[2])",
                           "Empty()"}) {
    EXPECT_EQ(repr(value(text)), repr(literal(text)));
  }
}

TEST(ValueTest, AForeignRecordKeepsItsBytes) {
  v1::Value wire;
  wire.mutable_record()->set_type("my.Message");
  wire.mutable_record()->set_data(std::string("\x08\x00\xff", 3));
  v1::Value back;
  Value::from_wire(wire, ObjectLimits())->to_wire(&back);
  EXPECT_EQ(back.SerializeAsString(), wire.SerializeAsString());
}

TEST(ValueTest, WholeNumbersBelowTwoToThe63AreInts) {
  v1::Value wire;
  wire.set_uint(9223372036854775807U);
  EXPECT_EQ(Value::from_wire(wire, ObjectLimits())->type(), Type::kInt);
  wire.set_uint(9223372036854775808U);
  EXPECT_EQ(Value::from_wire(wire, ObjectLimits())->type(), Type::kUint);
}

TEST(ValueTest, AValueWithoutATypeIsRefusedWhereverItStands) {
  EXPECT_EQ(code_of(Value::from_wire(v1::Value(), ObjectLimits()).status()), v1::BAD_COMMAND);
  v1::Value list;
  list.mutable_list()->add_items();
  EXPECT_EQ(code_of(Value::from_wire(list, ObjectLimits()).status()), v1::BAD_COMMAND);
  v1::Value dict = literal("{1: 2}");
  dict.mutable_dict()->mutable_entries(0)->clear_value();
  EXPECT_EQ(code_of(Value::from_wire(dict, ObjectLimits()).status()), v1::BAD_COMMAND);
}

TEST(ValueTest, AReferenceToAnUnknownKindIsRefused) {
  EXPECT_EQ(code_of_reading("ref(teapot, 1)"), v1::BAD_COMMAND);
}

TEST(ValueTest, AnArrayHasAKnownTypeAndWholeElements) {
  EXPECT_EQ(code_of_reading("array(x, b'')"), v1::BAD_COMMAND);
  EXPECT_EQ(code_of_reading("array(i, b'abc')"), v1::BAD_COMMAND);
  EXPECT_EQ(code_of_reading("array(h, b'abcd')"), v1::CODE_UNSPECIFIED);
}

TEST(ValueTest, LongsInAnArrayHaveEightBytes) {
  for (const char* typecode : {"l", "L"}) {
    const std::string array = std::string("array(") + typecode;
    EXPECT_EQ(code_of_reading(array + ", b'abcdefgh')"), v1::CODE_UNSPECIFIED);
    EXPECT_EQ(code_of_reading(array + ", b'abcd')"), v1::BAD_COMMAND);
  }
}

TEST(ValueTest, BoolsInAnArrayAreZeroOrOne) {
  v1::Value wire;
  wire.mutable_array()->set_typecode("?");
  wire.mutable_array()->set_data(std::string("\x00\x01", 2));
  EXPECT_TRUE(Value::from_wire(wire, ObjectLimits()).ok());
  wire.mutable_array()->set_data(std::string("\x00\x02", 2));
  EXPECT_EQ(code_of(Value::from_wire(wire, ObjectLimits()).status()), v1::VALUE_ERROR);
}

TEST(ValueTest, TextOfUpTo14BytesStaysInline) {
  for (const std::size_t size : {0U, 1U, 13U, 14U, 15U, 16U, 1000U}) {
    const std::string text(size, 'x');
    const Value str = Value::str(text);
    const Value bytes = Value::bytes(text);
    EXPECT_EQ(str.text(), text);
    EXPECT_EQ(bytes.text(), text);
    EXPECT_EQ(str.heap_bytes() == 0, size <= 14) << size;
    EXPECT_FALSE(same_key(str, bytes));
    EXPECT_TRUE(same_key(str, Value(str)));
    EXPECT_EQ(str.hash(), Value::str(text).hash());
  }
}

TEST(ValueTest, CopiesShareTheirContent) {
  const Value list = value("['a text that does not fit into 16 bytes']");
  const Value copy = list;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(&copy.items(), &list.items());
  const Value text = Value::str("a text that does not fit into 16 bytes");
  EXPECT_EQ(Value(text).text().data(), text.text().data());
}

TEST(ValueTest, AMovedFromValueIsAbsentAndAssignmentToItselfChangesNothing) {
  Value text = Value::str("a text that does not fit into 16 bytes");
  Value moved = std::move(text);
  EXPECT_FALSE(text.present());  // NOLINT(bugprone-use-after-move): that is what is tested
  Value& self = moved;
  moved = self;
  moved = std::move(self);
  EXPECT_EQ(moved.text(), "a text that does not fit into 16 bytes");
}

TEST(ValueTest, ANumberIsNeverTheSameKeyAsOneOfAnotherType) {
  EXPECT_FALSE(same_key(key("1"), key("1.0")));
  EXPECT_FALSE(same_key(key("1"), key("True")));
  EXPECT_FALSE(same_key(key("0.0"), key("False")));
  EXPECT_FALSE(same_key(key("'a'"), key("b'a'")));
  EXPECT_FALSE(same_key(key("(1,)"), key("(1.0,)")));
  EXPECT_EQ(repr(value("{1: 'int', 1.0: 'float', True: 'bool'}")),
            "{1: 'int', 1.0: 'float', True: 'bool'}");
}

TEST(ValueTest, MinusZeroIsTheKeyZeroAlsoInsideATuple) {
  EXPECT_EQ(repr(key("-0.0")), "0.0");
  EXPECT_TRUE(same_key(key("(-0.0,)"), key("(0.0,)")));
  EXPECT_EQ(key("(-0.0,)").hash(), key("(0.0,)").hash());
  EXPECT_EQ(repr(value("{0.0: 1, -0.0: 2}")), "{0.0: 2}");
  EXPECT_EQ(repr(value("{(1, -0.0): 1, (1, 0.0): 2}")), "{(1, -0.0): 2}");
}

TEST(ValueTest, NanIsNoKeyAlsoInsideATuple) {
  EXPECT_EQ(code_of_key("nan"), v1::VALUE_ERROR);
  EXPECT_EQ(code_of_key("(1, (nan,))"), v1::VALUE_ERROR);
  EXPECT_EQ(code_of_reading("{nan: 1}"), v1::VALUE_ERROR);
  EXPECT_EQ(code_of_reading("{nan}"), v1::VALUE_ERROR);
  EXPECT_EQ(code_of_reading("{'k': nan}"), v1::CODE_UNSPECIFIED);
}

TEST(ValueTest, OnlyHashableValuesAreKeysHoweverDeep) {
  for (const char* text : {"[]", "{}", "set()", "array(b, b'')", "(1, [])", "Point(x=[])"}) {
    EXPECT_EQ(code_of_key(text), v1::TYPE_ERROR) << text;
    EXPECT_EQ(code_of_reading("{" + std::string(text) + ": 1}"), v1::TYPE_ERROR) << text;
    EXPECT_EQ(code_of_reading("{" + std::string(text) + "}"), v1::TYPE_ERROR) << text;
  }
  for (const char* text : {"None", "True", "1", "18446744073709551615", "0.5", "'a'", "b'a'",
                           "(1, ('a',))", "ref(dict, 1)", "Point(x=1)"}) {
    EXPECT_EQ(code_of_key(text), v1::CODE_UNSPECIFIED) << text;
    EXPECT_TRUE(same_key(key(text), key(text))) << text;
    EXPECT_EQ(key(text).hash(), key(text).hash()) << text;
  }
}

TEST(ValueTest, ARepeatedKeyOfADictKeepsItsPlaceAndTakesTheLastValue) {
  EXPECT_EQ(repr(value("{'a': 1, 'b': 2, 'a': 3}")), "{'a': 3, 'b': 2}");
}

TEST(ValueTest, ARepeatedItemOfASetCountsOnce) {
  EXPECT_EQ(repr(value("{1, 2, 1, (3,), (3,)}")), "{1, 2, (3,)}");
}

TEST(ValueTest, AValueDeeperThanTheLimitIsRefused) {
  const ObjectLimits limits{.max_depth = 3};
  EXPECT_EQ(code_of_reading("[[1]]", limits), v1::CODE_UNSPECIFIED);
  for (const char* text :
       {"[[[1]]]", "(((1,),),)", "{1: {2: {3: 4}}}", "{((1,),)}", "A(a=A(a=A(a=1)))"}) {
    EXPECT_EQ(code_of_reading(text, limits), v1::LIMIT_EXCEEDED) << text;
  }
}

TEST(ValueTest, AValueLargerThanTheLimitIsRefusedWhereverItsBytesAre) {
  const ObjectLimits limits{.max_bytes = 100};
  const std::string fifty(50, 'x');
  const std::string hundred(100, 'x');
  EXPECT_EQ(code_of_reading("'" + hundred + "'", limits), v1::CODE_UNSPECIFIED);
  EXPECT_EQ(code_of_reading("'" + hundred + "x'", limits), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of_reading("b'" + hundred + "x'", limits), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of_reading("['" + fifty + "', '" + fifty + "']", limits), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of_reading("{'" + fifty + "': '" + fifty + "'}", limits), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of_reading("[1, 2, 3, 4, 5, 6]", limits), v1::CODE_UNSPECIFIED);
  EXPECT_EQ(code_of_reading("[1, 2, 3, 4, 5, 6, 7]", limits), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of_reading("array(b, b'" + hundred + "x')", limits), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of_reading("P(" + hundred + "=1)", limits), v1::LIMIT_EXCEEDED);
}

TEST(ValueTest, CountsTheSameBytesAsTheReaderDoes) {
  for (const char* text : {"1", "'abc'", "b'abc'", "[1, 'abc']", "{'a': (1, 2)}", "{1, 'abc'}",
                           "array(b, b'abc')", "Point(x=1, yy='abc')"}) {
    const std::uint64_t bytes = value(text).counted_bytes();
    EXPECT_EQ(code_of_reading(text, {.max_bytes = bytes}), v1::CODE_UNSPECIFIED) << text;
    if (bytes > 0) {
      EXPECT_EQ(code_of_reading(text, {.max_bytes = bytes - 1}), v1::LIMIT_EXCEEDED) << text;
    }
  }
}

TEST(ValueTest, VisitsEveryReferenceHoweverDeep) {
  const Value nested =
      value("[1, ref(dict, 10), {ref(list, 11): (ref(lock, 12),)}, P(x={ref(queue, 13)})]");
  std::vector<std::uint64_t> seen;
  nested.visit_refs([&](std::uint64_t id) { seen.push_back(id); });
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{10, 11, 12, 13}));
  EXPECT_TRUE(nested.has_refs());
  EXPECT_FALSE(value("[1, 'a']").has_refs());
  EXPECT_EQ(value("ref(queue, 13)").ref_kind(), Kind::kQueue);
}

TEST(ValueTest, ABriefTextNamesTheValueAndIsShort) {
  EXPECT_EQ(brief(value("'alice'")), "'alice'");
  EXPECT_EQ(brief(value("42")), "42");
  EXPECT_EQ(brief(value("None")), "None");
  EXPECT_EQ(brief(value("[1, 2]")), "list of 2 items");
  EXPECT_LT(brief(Value::str(std::string(1000, 'x'))).size(), 80U);
}

TEST(ValueTest, ABriefTextIsUtf8AlsoWhereItIsCut) {
  std::string text(59, 'x');
  for (int i = 0; i < 5; ++i) text += "é";
  v1::Error wire;
  wire.set_message(brief(Value::str(text)));
  EXPECT_TRUE(v1::Error().ParseFromString(wire.SerializeAsString()));
}

}  // namespace
}  // namespace mp::server
