#include "server/objects/shared_value.h"

#include <string>

#include "server/objects/error.h"
#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using test::Done;
using test::literal;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Text = const char*;

v1::SharedValueCreateRequest create(Text typecode, std::string_view value = "") {
  v1::SharedValueCreateRequest request;
  request.set_typecode(typecode);
  if (!value.empty()) *request.mutable_value() = literal(value);
  return request;
}

v1::Code code_of_creating(const v1::SharedValueCreateRequest& request) {
  return code_of(SharedValue::create(request, ObjectLimits()).status());
}

// A value, and what it answers.
class Tested {
 public:
  explicit Tested(Text typecode, std::string_view value = "") : shell_(create(typecode, value)) {}

  std::string get() { return shell_.ask(v1::SharedValueGetRequest()); }
  std::string set(Text value) {
    v1::SharedValueSetRequest request;
    *request.mutable_value() = literal(value);
    return shell_.ask(request);
  }
  std::string update(v1::Arithmetic operation, Text operand) {
    v1::SharedValueUpdateRequest request;
    request.set_operation(operation);
    *request.mutable_operand() = literal(operand);
    return shell_.ask(request);
  }
  std::string compare_exchange(Text expected, Text desired) {
    v1::SharedValueCompareExchangeRequest request;
    *request.mutable_expected() = literal(expected);
    *request.mutable_desired() = literal(desired);
    return shell_.ask(request);
  }
  test::Shell& shell() { return shell_; }

 private:
  test::Shell shell_;
};

TEST(SharedValueTest, IsZeroUnlessItSaysOtherwise) {
  EXPECT_EQ(Tested("i").get(), "value=0 typecode=i");
  EXPECT_EQ(Tested("?").get(), "value=False typecode=?");
  EXPECT_EQ(Tested("i", "7").get(), "value=7 typecode=i");
}

TEST(SharedValueTest, IsNotMadeOfAnUnknownType) {
  EXPECT_EQ(code_of_creating(create("")), v1::VALUE_ERROR);
  EXPECT_EQ(code_of_creating(create("c")), v1::VALUE_ERROR);
}

TEST(SharedValueTest, IsNotMadeWithANumberThatItCannotHold) {
  EXPECT_EQ(code_of_creating(create("B", "256")), v1::OVERFLOW_ERROR);
  EXPECT_EQ(code_of_creating(create("i", "1.5")), v1::TYPE_ERROR);
  v1::SharedValueCreateRequest without_a_type = create("i");
  without_a_type.mutable_value();
  EXPECT_EQ(code_of_creating(without_a_type), v1::BAD_COMMAND);
}

TEST(SharedValueTest, MatchesRequestsOfItsTypeWhateverTheirValue) {
  const auto value = *SharedValue::create(create("i", "1"), ObjectLimits());
  EXPECT_TRUE(value->require_match(create("i", "2")).ok());
  EXPECT_EQ(code_of(value->require_match(create("l", "1"))), v1::WRONG_KIND);
}

TEST(SharedValueTest, TakesTheTwoLettersOfALongForTheSame) {
  const auto value = *SharedValue::create(create("l", "1"), ObjectLimits());
  EXPECT_TRUE(value->require_match(create("q")).ok());
  EXPECT_TRUE(value->require_match(create("l")).ok());
}

TEST(SharedValueTest, SetGivesWhatWasThereBefore) {
  Tested value("h", "1");
  EXPECT_EQ(value.set("2"), "1");
  EXPECT_EQ(value.get(), "value=2 typecode=h");
}

TEST(SharedValueTest, UpdateGivesTheResultAndWhatWasThereBefore) {
  Tested value("h", "5");
  EXPECT_EQ(value.update(v1::ADD, "3"), "value=8 previous=5");
  EXPECT_EQ(value.update(v1::MIN, "6"), "value=6 previous=8");
  EXPECT_EQ(value.update(v1::XOR, "3"), "value=5 previous=6");
  EXPECT_EQ(value.get(), "value=5 typecode=h");
}

TEST(SharedValueTest, CompareExchangeSetsItOnlyFromWhatIsExpected) {
  Tested value("i", "1");
  EXPECT_EQ(value.compare_exchange("2", "9"), "exchanged=False actual=1");
  EXPECT_EQ(value.compare_exchange("1", "9"), "exchanged=True actual=1");
  EXPECT_EQ(value.get(), "value=9 typecode=i");
}

TEST(SharedValueTest, WhatIsExpectedIsRoundedAsTheFloatWas) {
  Tested value("f", "0.1");
  EXPECT_THAT(value.compare_exchange("0.1", "2.5"), ::testing::StartsWith("exchanged=True"));
}

TEST(SharedValueTest, WhatFailsChangesNothing) {
  Tested value("b", "100");
  EXPECT_EQ(value.set("128"), "OVERFLOW_ERROR");
  EXPECT_EQ(value.set("'1'"), "TYPE_ERROR");
  EXPECT_EQ(value.update(v1::ADD, "100"), "OVERFLOW_ERROR");
  EXPECT_EQ(value.update(v1::ARITHMETIC_UNSPECIFIED, "1"), "VALUE_ERROR");
  EXPECT_EQ(value.compare_exchange("100", "1.0"), "TYPE_ERROR");
  EXPECT_EQ(value.compare_exchange("1000", "1"), "OVERFLOW_ERROR");
  EXPECT_EQ(value.get(), "value=100 typecode=b");
}

TEST(SharedValueTest, AnOperationWithoutItsNumberIsRefused) {
  test::Shell shell(create("i"));
  EXPECT_EQ(shell.ask(v1::SharedValueSetRequest()), "BAD_COMMAND");
  EXPECT_EQ(shell.ask(v1::SharedValueUpdateRequest()), "BAD_COMMAND");
  EXPECT_EQ(shell.ask(v1::SharedValueCompareExchangeRequest()), "BAD_COMMAND");
}

TEST(SharedValueTest, ItsLockIsPassedOnWhenTheOwnerEnds) {
  Tested value("i", "1");
  EXPECT_THAT(value.shell().run(1, v1::RLockAcquireRequest()), ElementsAre(Done(1)));
  EXPECT_THAT(value.shell().run(2, v1::RLockAcquireRequest()), IsEmpty());
  EXPECT_THAT(value.shell().owner_gone(1), ElementsAre(Done(2)));
}

TEST(SharedValueTest, ItsLockKeepsNobodyFromTheValue) {
  Tested value("i", "1");
  EXPECT_THAT(value.shell().run({1, 7}, v1::RLockAcquireRequest()), ElementsAre(Done(1)));
  EXPECT_EQ(value.set("2"), "1");
}

}  // namespace
}  // namespace mp::server
