#include "server/objects/number_type.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"
#include "tests/unit/objects/harness.h"
#include "tests/unit/objects/number_model.h"

namespace mp::server {
namespace {

using test::Integer;
using test::kTypecodes;
using test::Modelled;
using test::NumberModel;
using test::repr;
using test::value;

std::string text(NumberType type, const absl::StatusOr<PackedNumber>& number) {
  return number.ok() ? repr(type.unpack(*number)) : v1::Code_Name(code_of(number.status()));
}

// What becomes of a number that is stored.
std::string stored(std::string_view typecode, std::string_view number) {
  const NumberType type = *NumberType::named(typecode);
  return text(type, type.pack(value(number)));
}

std::string applied(std::string_view typecode, std::string_view number, v1::Arithmetic operation,
                    std::string_view operand) {
  const NumberType type = *NumberType::named(typecode);
  return text(type, type.apply(operation, *type.pack(value(number)), value(operand)));
}

TEST(NumberTypeTest, TypesHaveTheirSizes) {
  for (const char code : kTypecodes) {
    EXPECT_EQ(NumberType::named({&code, 1})->size(), NumberModel(code).size()) << code;
  }
}

TEST(NumberTypeTest, OtherTypecodesAreValueErrors) {
  for (const char* code : {"", "c", "u", "w", "x", "ii", "I ", "int"}) {
    EXPECT_EQ(code_of(NumberType::named(code).status()), v1::VALUE_ERROR) << code;
  }
}

TEST(NumberTypeTest, WholeTypesHoldWhatTheirWidthHolds) {
  EXPECT_EQ(stored("b", "-128"), "-128");
  EXPECT_EQ(stored("b", "128"), "OVERFLOW_ERROR");
  EXPECT_EQ(stored("B", "255"), "255");
  EXPECT_EQ(stored("B", "-1"), "OVERFLOW_ERROR");
  EXPECT_EQ(stored("l", "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(stored("l", "9223372036854775808"), "OVERFLOW_ERROR");
  EXPECT_EQ(stored("L", "18446744073709551615"), "18446744073709551615");
}

TEST(NumberTypeTest, WholeTypesTakeBools) { EXPECT_EQ(stored("h", "True"), "1"); }

TEST(NumberTypeTest, BoolsTakeZeroAndOne) {
  EXPECT_EQ(stored("?", "True"), "True");
  EXPECT_EQ(stored("?", "0"), "False");
  EXPECT_EQ(stored("?", "2"), "OVERFLOW_ERROR");
}

TEST(NumberTypeTest, WholeTypesAndBoolsTakeNothingElse) {
  for (const char* code : {"?", "b", "Q"}) {
    for (const char* other : {"1.0", "'1'", "None", "[1]", "b'1'"}) {
      EXPECT_EQ(stored(code, other), "TYPE_ERROR") << code << " " << other;
    }
  }
}

TEST(NumberTypeTest, FloatsTakeEveryNumberAndNothingElse) {
  for (const char* code : {"f", "d"}) {
    EXPECT_EQ(stored(code, "3"), repr(value("3.0")));
    EXPECT_EQ(stored(code, "True"), repr(value("1.0")));
    EXPECT_EQ(stored(code, "9223372036854775808"), repr(Value::real(0x1p63)));
    EXPECT_EQ(stored(code, "inf"), repr(value("inf")));
    EXPECT_EQ(stored(code, "'1'"), "TYPE_ERROR");
  }
}

TEST(NumberTypeTest, FloatsOfFourBytesRoundToTheNearest) {
  EXPECT_EQ(stored("f", "0.1"), repr(Value::real(double{0.1F})));
}

TEST(NumberTypeTest, ADoubleThatRoundsToInfinityDoesNotFitAFloat) {
  constexpr double kMost = 0x1.fffffep127;
  constexpr double kHalfAStepMore = 0x1.ffffffp127;
  const NumberType type = *NumberType::named("f");
  EXPECT_EQ(text(type, type.pack(Value::real(std::nextafter(kHalfAStepMore, 0)))),
            repr(Value::real(kMost)));
  EXPECT_EQ(text(type, type.pack(Value::real(kHalfAStepMore))), "OVERFLOW_ERROR");
  EXPECT_EQ(text(type, type.pack(Value::real(-1e300))), "OVERFLOW_ERROR");
}

TEST(NumberTypeTest, OnlyTheResultOfAnOperationMustFit) {
  EXPECT_EQ(applied("B", "200", v1::ADD, "-150"), "50");
  EXPECT_EQ(applied("B", "200", v1::ADD, "100"), "OVERFLOW_ERROR");
  EXPECT_EQ(applied("B", "200", v1::AND, "-2"), "200");
  EXPECT_EQ(applied("Q", "0", v1::SUBTRACT, "1"), "OVERFLOW_ERROR");
  EXPECT_EQ(applied("q", "-1", v1::ADD, "9223372036854775808"), "9223372036854775807");
  EXPECT_EQ(applied("q", "9223372036854775807", v1::ADD, "1"), "OVERFLOW_ERROR");
  EXPECT_EQ(applied("?", "True", v1::ADD, "True"), "OVERFLOW_ERROR");
  EXPECT_EQ(applied("f", "1.0", v1::ADD, "1e39"), "OVERFLOW_ERROR");
  EXPECT_EQ(applied("f", "1.0", v1::MIN, "1e39"), repr(value("1.0")));
}

TEST(NumberTypeTest, DoublesThatLeaveTheirRangeAreInfinite) {
  EXPECT_EQ(applied("d", "1.7e308", v1::ADD, "1.7e308"), repr(value("inf")));
}

TEST(NumberTypeTest, FloatsHaveNoBits) {
  for (const v1::Arithmetic operation : {v1::AND, v1::OR, v1::XOR}) {
    EXPECT_EQ(applied("d", "1.0", operation, "1"), "TYPE_ERROR");
    EXPECT_EQ(applied("f", "1.0", operation, "1"), "TYPE_ERROR");
  }
}

TEST(NumberTypeTest, OperandsOfAnotherSortAreTypeErrors) {
  EXPECT_EQ(applied("i", "1", v1::ADD, "1.0"), "TYPE_ERROR");
  EXPECT_EQ(applied("d", "1.0", v1::ADD, "'1'"), "TYPE_ERROR");
  EXPECT_EQ(applied("?", "True", v1::AND, "None"), "TYPE_ERROR");
}

TEST(NumberTypeTest, UnknownOperationsAreValueErrors) {
  for (const char* code : {"i", "d", "?"}) {
    EXPECT_EQ(applied(code, "1", v1::ARITHMETIC_UNSPECIFIED, "1"), "VALUE_ERROR");
    EXPECT_EQ(applied(code, "1", static_cast<v1::Arithmetic>(99), "1"), "VALUE_ERROR");
  }
}

TEST(NumberTypeTest, FloatsAreTheSameByValueAndNanIsTheSameAsNan) {
  const NumberType type = *NumberType::named("d");
  const auto same = [&](const char* a, const char* b) {
    return type.same(*type.pack(value(a)), *type.pack(value(b)));
  };
  EXPECT_TRUE(same("0.0", "-0.0"));
  EXPECT_TRUE(same("nan", "nan"));
  EXPECT_FALSE(same("nan", "0.0"));
  EXPECT_FALSE(same("1.0", "2.0"));
}

TEST(NumberTypeTest, PackedBoolsAreZeroOrOne) {
  EXPECT_TRUE(NumberType::find("?")->all_valid({"\0\1\1", 3}));
  EXPECT_FALSE(NumberType::find("?")->all_valid({"\0\1\2", 3}));
  EXPECT_TRUE(NumberType::find("b")->all_valid({"\0\1\2", 3}));
}

TEST(NumberTypeTest, StoresAndComputesAsItsModelDoes) {
  for (const unsigned seed : test::seeds(100)) {
    std::mt19937 random(seed);
    const auto read = [&](const NumberModel& model, Integer number) {
      return *Value::from_wire(model.any_wire(number, random), ObjectLimits());
    };
    const auto expected = [](const NumberModel& model, const Modelled& result) {
      return result.error == v1::CODE_UNSPECIFIED ? repr(model.wire(result.number))
                                                  : v1::Code_Name(result.error);
    };
    for (const char code : kTypecodes) {
      const NumberModel model(code);
      const NumberType type = *NumberType::named({&code, 1});
      const Integer number = model.some_number(random);
      const Integer operand = model.any_number(random);
      const PackedNumber packed = *type.pack(read(model, number));
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", type ", type.typecode()));
      EXPECT_EQ(std::string(packed.data(), type.size()), model.packed(number));
      EXPECT_EQ(text(type, type.pack(read(model, operand))), expected(model, model.store(operand)));
      for (int operation = v1::ADD; operation <= v1::Arithmetic_MAX; ++operation) {
        const auto which = static_cast<v1::Arithmetic>(operation);
        EXPECT_EQ(text(type, type.apply(which, packed, read(model, operand))),
                  expected(model, model.apply(which, number, operand)))
            << v1::Arithmetic_Name(which) << " of " << repr(model.wire(number)) << " and "
            << repr(read(model, operand));
      }
    }
  }
}

}  // namespace
}  // namespace mp::server
