#include "server/objects/comparison.h"

#include <gtest/gtest.h>

#include <string>

#include "server/objects/error.h"
#include "tests/unit/objects/literal.h"

namespace mp::server {
namespace {

using test::literal;
using Text = const char*;

v1::Comparison condition(v1::Comparison::Relation relation, Text operand) {
  v1::Comparison wire;
  wire.set_relation(relation);
  *wire.mutable_operand() = literal(operand);
  return wire;
}

v1::Comparison condition(v1::Comparison::Relation relation) {
  v1::Comparison wire;
  wire.set_relation(relation);
  return wire;
}

// "yes", "no", or why there is no answer.
std::string is_met(const Value& value, const v1::Comparison& wire) {
  const absl::StatusOr<Comparison> comparison = Comparison::from_wire(wire, ObjectLimits());
  if (!comparison.ok()) return v1::Code_Name(code_of(comparison.status()));
  const absl::StatusOr<bool> met = comparison->is_met_by(value);
  if (!met.ok()) return v1::Code_Name(code_of(met.status()));
  return *met ? "yes" : "no";
}

// Which of the relations that take an operand hold between two values.
std::string relations(Text value, Text operand) {
  std::string held;
  for (const auto& [relation, sign] :
       {std::pair{v1::Comparison::EQUAL, "=="}, std::pair{v1::Comparison::NOT_EQUAL, "!="},
        std::pair{v1::Comparison::LESS, "<"}, std::pair{v1::Comparison::LESS_OR_EQUAL, "<="},
        std::pair{v1::Comparison::GREATER, ">"},
        std::pair{v1::Comparison::GREATER_OR_EQUAL, ">="}}) {
    if (is_met(test::value(value), condition(relation, operand)) != "yes") continue;
    held += (held.empty() ? "" : " ") + std::string(sign);
  }
  return held;
}

TEST(ComparisonTest, NumbersCompareByValueWhateverTheirType) {
  EXPECT_EQ(relations("1", "1.0"), "== <= >=");
  EXPECT_EQ(relations("True", "2"), "!= < <=");
  EXPECT_EQ(relations("18446744073709551615", "1e10"), "!= > >=");
}

TEST(ComparisonTest, TextAndSequencesHaveTheirOrder) {
  EXPECT_EQ(relations("'a'", "'b'"), "!= < <=");
  EXPECT_EQ(relations("b'b'", "b'a'"), "!= > >=");
  EXPECT_EQ(relations("(1, 'x')", "(1, 'x')"), "== <= >=");
  EXPECT_EQ(relations("[1, 2]", "[1]"), "!= > >=");
}

TEST(ComparisonTest, NaNIsUnequalToEverythingAndHasNoPlaceInTheOrder) {
  EXPECT_EQ(relations("nan", "nan"), "!=");
  EXPECT_EQ(relations("nan", "1"), "!=");
  EXPECT_EQ(relations("1", "nan"), "!=");
}

TEST(ComparisonTest, WhatHasNoOrderIsEqualOrNot) {
  EXPECT_EQ(relations("None", "None"), "==");
  EXPECT_EQ(relations("{'a': 1}", "{'a': 1.0}"), "==");
  EXPECT_EQ(relations("1", "'1'"), "!=");
}

TEST(ComparisonTest, AnOrderThatPythonDoesNotHaveIsATypeError) {
  for (const auto relation : {v1::Comparison::LESS, v1::Comparison::LESS_OR_EQUAL,
                              v1::Comparison::GREATER, v1::Comparison::GREATER_OR_EQUAL}) {
    EXPECT_EQ(is_met(test::value("1"), condition(relation, "'1'")), "TYPE_ERROR");
    EXPECT_EQ(is_met(Value::none(), condition(relation, "None")), "TYPE_ERROR");
  }
}

TEST(ComparisonTest, AnAbsentValueIsAbsentAndNothingElse) {
  EXPECT_EQ(is_met(Value(), condition(v1::Comparison::ABSENT)), "yes");
  EXPECT_EQ(is_met(Value(), condition(v1::Comparison::PRESENT)), "no");
  for (int relation = v1::Comparison::EQUAL; relation <= v1::Comparison::GREATER_OR_EQUAL;
       ++relation) {
    const auto wire = condition(static_cast<v1::Comparison::Relation>(relation), "1");
    EXPECT_EQ(is_met(Value(), wire), "no") << relation;
  }
}

TEST(ComparisonTest, NoneIsPresent) {
  EXPECT_EQ(is_met(Value::none(), condition(v1::Comparison::PRESENT)), "yes");
  EXPECT_EQ(is_met(Value::none(), condition(v1::Comparison::ABSENT)), "no");
}

TEST(ComparisonTest, ARelationThatThereIsNotIsAValueError) {
  EXPECT_EQ(is_met(Value(), v1::Comparison()), "VALUE_ERROR");
  EXPECT_EQ(is_met(Value(), condition(static_cast<v1::Comparison::Relation>(9), "1")),
            "VALUE_ERROR");
  EXPECT_EQ(is_met(Value(), condition(static_cast<v1::Comparison::Relation>(-1), "1")),
            "VALUE_ERROR");
}

TEST(ComparisonTest, AnOperandIsGivenWhereItIsLookedAtAndOnlyThere) {
  EXPECT_EQ(is_met(Value(), condition(v1::Comparison::LESS)), "BAD_COMMAND");
  EXPECT_EQ(is_met(Value(), condition(v1::Comparison::ABSENT, "1")), "BAD_COMMAND");
  EXPECT_EQ(is_met(Value::none(), condition(v1::Comparison::PRESENT, "1")), "BAD_COMMAND");
  v1::Comparison empty = condition(v1::Comparison::EQUAL);
  empty.mutable_operand();
  EXPECT_EQ(is_met(Value(), empty), "BAD_COMMAND");
}

}  // namespace
}  // namespace mp::server
