#include <gtest/gtest.h>

#include <iterator>
#include <string>

#include "server/objects/error.h"
#include "server/objects/value.h"
#include "tests/unit/objects/comparison_table.h"
#include "tests/unit/objects/literal.h"
#include "tests/unit/objects/sum_table.h"

// ==, < and + against what CPython answers.

namespace mp::server {
namespace {

using test::kOperands;
using test::repr;
using test::value;

constexpr std::size_t kCount = std::size(kOperands);

TEST(ValueArithmeticTest, EqualsWhatPythonsEqualityEquals) {
  for (std::size_t i = 0; i < kCount; ++i) {
    for (std::size_t j = 0; j < kCount; ++j) {
      EXPECT_EQ(equal(value(kOperands[i]), value(kOperands[j])), test::kEqual[i][j] == '1')
          << kOperands[i] << " == " << kOperands[j];
    }
  }
}

TEST(ValueArithmeticTest, OrdersAsPythonDoes) {
  for (std::size_t i = 0; i < kCount; ++i) {
    for (std::size_t j = 0; j < kCount; ++j) {
      const absl::StatusOr<bool> result = less(value(kOperands[i]), value(kOperands[j]));
      const char got = result.ok() ? (*result ? '1' : '0') : 'E';
      EXPECT_EQ(got, test::kLess[i][j]) << kOperands[i] << " < " << kOperands[j];
      if (!result.ok()) {
        EXPECT_EQ(code_of(result.status()), v1::TYPE_ERROR);
      }
    }
  }
}

TEST(ValueArithmeticTest, AddsUpAsPythonDoesWithin64Bits) {
  for (const test::Sum& row : test::kSums) {
    const absl::StatusOr<Value> total = sum(value(row.a), value(row.b), ObjectLimits());
    if (std::string_view(row.total) == "V") {
      EXPECT_EQ(code_of(total.status()), v1::VALUE_ERROR) << row.a << " + " << row.b;
    } else {
      ASSERT_TRUE(total.ok()) << row.a << " + " << row.b << ": " << total.status();
      EXPECT_EQ(repr(*total), repr(value(row.total))) << row.a << " + " << row.b;
    }
  }
}

TEST(ValueArithmeticTest, AddsNothingThatPythonDoesNotAdd) {
  for (const char* a : {"None", "1", "'a'", "b'a'", "[1]", "(1,)", "{'a': 1}", "{1}"}) {
    for (const char* b :
         {"None", "'b'", "b'b'", "[2]", "(2,)", "{'b': 1}", "{2}", "ref(dict, 1)"}) {
      const bool same_type = value(a).type() == value(b).type();
      const bool sequence =
          same_type &&
          (value(a).type() == Value::Type::kStr || value(a).type() == Value::Type::kBytes ||
           value(a).type() == Value::Type::kList || value(a).type() == Value::Type::kTuple);
      if (sequence) continue;
      EXPECT_EQ(code_of(sum(value(a), value(b), ObjectLimits()).status()), v1::TYPE_ERROR)
          << a << " + " << b;
    }
  }
}

TEST(ValueArithmeticTest, AnAbsentValueIsTheZeroOfEveryTypeThatAddsUp) {
  for (const char* text : {"7", "0.5", "'a'", "b'a'", "[1]", "(1,)"}) {
    EXPECT_EQ(repr(*sum(Value(), value(text), ObjectLimits())), text);
  }
  EXPECT_EQ(repr(*sum(Value(), value("True"), ObjectLimits())), "1");
  EXPECT_EQ(code_of(sum(Value(), value("{}"), ObjectLimits()).status()), v1::TYPE_ERROR);
  EXPECT_EQ(code_of(sum(Value(), value("None"), ObjectLimits()).status()), v1::TYPE_ERROR);
}

TEST(ValueArithmeticTest, ASumMayNotBeLargerThanAValueMayBe) {
  const ObjectLimits limits{.max_bytes = 40};
  EXPECT_TRUE(sum(value("[1]"), value("['abcdefgh']"), limits).ok());
  EXPECT_EQ(code_of(sum(value("[1]"), value("['abcdefghi']"), limits).status()),
            v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of(sum(Value::str(std::string(40, 'x')), value("'x'"), limits).status()),
            v1::LIMIT_EXCEEDED);
}

}  // namespace
}  // namespace mp::server
