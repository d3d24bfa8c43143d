#include <string>

#include "server/objects/dict.h"
#include "tests/unit/objects/harness.h"

// Dict operations with a condition, and those on many keys.

namespace mp::server {
namespace {

using test::literal;
using Relation = v1::Comparison;

class DictConditionsTest : public ::testing::Test {
 protected:
  using Text = const char*;

  // An empty text stands for an argument that is not given.
  static v1::DictUpdateIfRequest update_request(Text key, Relation::Relation relation,
                                                std::string_view operand, std::string_view value) {
    v1::DictUpdateIfRequest request;
    *request.mutable_key() = literal(key);
    request.mutable_condition()->set_relation(relation);
    if (!operand.empty()) *request.mutable_condition()->mutable_operand() = literal(operand);
    if (!value.empty()) *request.mutable_value() = literal(value);
    return request;
  }
  std::string update_if(Text key, Relation::Relation relation, std::string_view operand,
                        std::string_view value) {
    return shell.ask(update_request(key, relation, operand, value));
  }
  template <class Request>
  static Request with_keys(Text list) {
    Request request;
    *request.mutable_keys() = literal(list).list().items();
    return request;
  }
  std::string get_many(Text list) { return shell.ask(with_keys<v1::DictGetManyRequest>(list)); }
  std::string delete_many(Text list) {
    return shell.ask(with_keys<v1::DictDeleteManyRequest>(list));
  }
  std::string items() { return shell.ask(v1::DictItemsRequest()); }

  void start_with(Text dict) {
    v1::DictUpdateRequest request;
    *request.mutable_entries() = literal(dict).dict().entries();
    ASSERT_EQ(shell.ask(request), "done");
  }

  test::Shell shell{v1::DictCreateRequest()};
};

TEST_F(DictConditionsTest, UpdateIfSetsWhatMeetsTheCondition) {
  start_with("{'k': 5}");
  EXPECT_EQ(update_if("'k'", Relation::GREATER, "5", "6"), "updated=False actual=5");
  EXPECT_EQ(update_if("'k'", Relation::LESS, "7", "7"), "updated=True actual=5");
  EXPECT_EQ(update_if("'k'", Relation::EQUAL, "7.0", "'done'"), "updated=True actual=7");
  EXPECT_EQ(update_if("'k'", Relation::PRESENT, "", "8"), "updated=True actual='done'");
  EXPECT_EQ(items(), "{'k': 8}");
}

TEST_F(DictConditionsTest, AnAbsentKeyMeetsAbsentOnly) {
  EXPECT_EQ(update_if("'k'", Relation::PRESENT, "", "1"), "updated=False actual=absent");
  EXPECT_EQ(update_if("'k'", Relation::NOT_EQUAL, "1", "1"), "updated=False actual=absent");
  EXPECT_EQ(update_if("'k'", Relation::LESS, "1", "1"), "updated=False actual=absent");
  EXPECT_EQ(items(), "{}");
  EXPECT_EQ(update_if("'k'", Relation::ABSENT, "", "1"), "updated=True actual=absent");
  EXPECT_EQ(update_if("'k'", Relation::ABSENT, "", "2"), "updated=False actual=1");
  EXPECT_EQ(items(), "{'k': 1}");
}

TEST_F(DictConditionsTest, AConditionWithoutAnOrderIsATypeErrorAndChangesNothing) {
  start_with("{'k': 5}");
  EXPECT_EQ(update_if("'k'", Relation::LESS, "'x'", "1"), "TYPE_ERROR");
  EXPECT_EQ(items(), "{'k': 5}");
}

TEST_F(DictConditionsTest, AMalformedUpdateIfChangesNothing) {
  start_with("{'k': 5}");
  EXPECT_EQ(update_if("'k'", Relation::RELATION_UNSPECIFIED, "5", "1"), "VALUE_ERROR");
  EXPECT_EQ(update_if("'k'", static_cast<Relation::Relation>(99), "5", "1"), "VALUE_ERROR");
  EXPECT_EQ(update_if("'k'", Relation::EQUAL, "", "1"), "BAD_COMMAND");
  EXPECT_EQ(update_if("'k'", Relation::PRESENT, "", ""), "BAD_COMMAND");
  EXPECT_EQ(update_if("[]", Relation::ABSENT, "", "1"), "TYPE_ERROR");
  EXPECT_EQ(items(), "{'k': 5}");
}

TEST_F(DictConditionsTest, AFullDictIsUpdatedOnlyUnderItsOldKeys) {
  shell.limits.max_items = 1;
  start_with("{'k': 5}");
  EXPECT_EQ(update_if("'new'", Relation::ABSENT, "", "1"), "LIMIT_EXCEEDED");
  EXPECT_EQ(update_if("'k'", Relation::PRESENT, "", "6"), "updated=True actual=5");
  EXPECT_EQ(items(), "{'k': 6}");
}

TEST_F(DictConditionsTest, AFullDictCountsANewKeyOnceHoweverOftenItIsGiven) {
  shell.limits.max_items = 2;
  start_with("{'a': 1}");
  v1::DictUpdateRequest request;
  for (const char* value : {"2", "3", "4"}) {
    v1::Entry* entry = request.add_entries();
    *entry->mutable_key() = literal("'b'");
    *entry->mutable_value() = literal(value);
  }
  EXPECT_EQ(shell.ask(request), "done");
  EXPECT_EQ(items(), "{'a': 1, 'b': 4}");
}

TEST_F(DictConditionsTest, GetManyGivesTheEntriesThatAreThereInTheOrderAskedFor) {
  start_with("{'a': 1, 'b': 2, 'c': 3}");
  EXPECT_EQ(get_many("['c', 'x', 'a', 'c']"), "{'c': 3, 'a': 1}");
  EXPECT_EQ(get_many("['x']"), "{}");
  EXPECT_EQ(get_many("[]"), "{}");
}

TEST_F(DictConditionsTest, GetManyGivesAKeyOnceHoweverOftenItIsAskedFor) {
  start_with("{'k': 5}");
  EXPECT_EQ(get_many("['k', 'k', 'k']"), "{'k': 5}");
}

TEST_F(DictConditionsTest, DeleteManyCountsTheKeysThatWereThere) {
  start_with("{'a': 1, 'b': 2, 'c': 3}");
  EXPECT_EQ(delete_many("['c', 'x', 'a', 'c']"), "2");
  EXPECT_EQ(items(), "{'b': 2}");
  EXPECT_EQ(delete_many("[]"), "0");
}

TEST_F(DictConditionsTest, ABadKeyAmongManyLeavesAllAsTheyWere) {
  start_with("{'a': 1, 'b': 2}");
  EXPECT_EQ(get_many("['a', []]"), "TYPE_ERROR");
  EXPECT_EQ(delete_many("['a', nan]"), "VALUE_ERROR");
  auto request = with_keys<v1::DictDeleteManyRequest>("['a', 'b']");
  request.mutable_keys(1)->clear_kind();
  EXPECT_EQ(shell.ask(request), "BAD_COMMAND");
  EXPECT_EQ(items(), "{'a': 1, 'b': 2}");
}

TEST_F(DictConditionsTest, WhatIsGivenBackIsRetainedForItsReader) {
  start_with("{'a': ref(list, 7), 'b': ref(lock, 8)}");
  EXPECT_THAT(shell.run(1, with_keys<v1::DictGetManyRequest>("['b', 'a']"))[0].outcome.retained(),
              ::testing::ElementsAre(8, 7));
  const auto request = update_request("'a'", Relation::ABSENT, "", "1");
  EXPECT_THAT(shell.run(2, request)[0].outcome.retained(), ::testing::ElementsAre(7));
}

}  // namespace
}  // namespace mp::server
