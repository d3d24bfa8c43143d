#include <string>

#include "server/objects/list.h"
#include "tests/unit/objects/harness.h"

// List operations with a condition.

namespace mp::server {
namespace {

using test::literal;
using Relation = v1::Comparison;

class ListConditionsTest : public ::testing::Test {
 protected:
  using Text = const char*;

  static v1::ListCreateRequest with_values(Text list) {
    v1::ListCreateRequest request;
    *request.mutable_values() = literal(list).list().items();
    return request;
  }

  // An empty text stands for an argument that is not given.
  std::string compare_exchange(std::int64_t index, std::string_view expected,
                               std::string_view desired) {
    v1::ListCompareExchangeRequest request;
    request.set_index(index);
    if (!expected.empty()) *request.mutable_expected() = literal(expected);
    if (!desired.empty()) *request.mutable_desired() = literal(desired);
    return shell.ask(request);
  }
  std::string update_if(std::int64_t index, Relation::Relation relation, std::string_view operand,
                        std::string_view value) {
    v1::ListUpdateIfRequest request;
    request.set_index(index);
    request.mutable_condition()->set_relation(relation);
    if (!operand.empty()) *request.mutable_condition()->mutable_operand() = literal(operand);
    if (!value.empty()) *request.mutable_value() = literal(value);
    return shell.ask(request);
  }
  std::string items() { return shell.ask(v1::ListGetSliceRequest()); }

  test::Shell shell{with_values("[1, 'two', ref(lock, 8)]")};
};

TEST_F(ListConditionsTest, CompareExchangeChangesOnlyWhatIsAsExpected) {
  EXPECT_EQ(compare_exchange(0, "2", "3"), "exchanged=False actual=1");
  EXPECT_EQ(compare_exchange(0, "1.0", "3"), "exchanged=True actual=1");
  EXPECT_EQ(compare_exchange(-2, "'two'", "'zwei'"), "exchanged=True actual='two'");
  EXPECT_EQ(items(), "[3, 'zwei', ref(lock, 8)]");
}

TEST_F(ListConditionsTest, CompareExchangeNeedsBothValues) {
  EXPECT_EQ(compare_exchange(0, "", "3"), "BAD_COMMAND");
  EXPECT_EQ(compare_exchange(0, "1", ""), "BAD_COMMAND");
  EXPECT_EQ(items(), "[1, 'two', ref(lock, 8)]");
}

TEST_F(ListConditionsTest, UpdateIfSetsWhatMeetsTheCondition) {
  EXPECT_EQ(update_if(0, Relation::GREATER, "1", "0"), "updated=False actual=1");
  EXPECT_EQ(update_if(0, Relation::GREATER_OR_EQUAL, "1", "0"), "updated=True actual=1");
  EXPECT_EQ(update_if(1, Relation::NOT_EQUAL, "'one'", "'one'"), "updated=True actual='two'");
  EXPECT_EQ(items(), "[0, 'one', ref(lock, 8)]");
}

TEST_F(ListConditionsTest, AnItemIsPresent) {
  EXPECT_EQ(update_if(0, Relation::ABSENT, "", "2"), "updated=False actual=1");
  EXPECT_EQ(update_if(0, Relation::PRESENT, "", "2"), "updated=True actual=1");
  EXPECT_EQ(items(), "[2, 'two', ref(lock, 8)]");
}

TEST_F(ListConditionsTest, AnIndexOutOfRangeIsAnIndexErrorWhateverTheCondition) {
  EXPECT_EQ(compare_exchange(3, "1", "2"), "INDEX_ERROR");
  EXPECT_EQ(update_if(-4, Relation::ABSENT, "", "2"), "INDEX_ERROR");
  EXPECT_EQ(items(), "[1, 'two', ref(lock, 8)]");
}

TEST_F(ListConditionsTest, AMalformedOrUnorderedConditionChangesNothing) {
  EXPECT_EQ(update_if(0, Relation::RELATION_UNSPECIFIED, "1", "2"), "VALUE_ERROR");
  EXPECT_EQ(update_if(0, static_cast<Relation::Relation>(99), "1", "2"), "VALUE_ERROR");
  EXPECT_EQ(update_if(0, Relation::EQUAL, "", "2"), "BAD_COMMAND");
  EXPECT_EQ(update_if(0, Relation::PRESENT, "", ""), "BAD_COMMAND");
  EXPECT_EQ(update_if(0, Relation::LESS, "'x'", "2"), "TYPE_ERROR");
  EXPECT_EQ(items(), "[1, 'two', ref(lock, 8)]");
}

TEST_F(ListConditionsTest, WhatWasThereIsRetainedForItsReader) {
  v1::ListCompareExchangeRequest request;
  request.set_index(2);
  *request.mutable_expected() = literal("ref(lock, 8)");
  *request.mutable_desired() = literal("None");
  EXPECT_THAT(shell.run(1, request)[0].outcome.retained(), ::testing::ElementsAre(8));
  EXPECT_TRUE(shell.refs().empty());
}

}  // namespace
}  // namespace mp::server
