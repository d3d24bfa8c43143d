#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mp/comparison.h"
#include "mp/none.h"
#include "mp/proxy/dict.h"
#include "mp/proxy/list.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using testing::ElementsAre;
using testing::Pair;

// Updates of dicts and lists under a condition, and of many keys at once.
class ConditionalUpdateTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("dict");
  DictProxy<std::string, int> scores{fake};
  DictProxy<> any{fake};
  ListProxy<int> l{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
};

TEST_F(ConditionalUpdateTest, UpdatesIfAConditionHolds) {
  answer("dict_update_if { updated: true actual { int: 1 } }");
  const auto done = scores.update_if("a", less_than(5), 5);
  EXPECT_EQ(sent(), R"(dict_update_if { key { str: "a" } )"
                    R"(condition { relation: LESS operand { int: 5 } } value { int: 5 } })");
  EXPECT_TRUE(done);
  EXPECT_EQ(done.actual, 1);
  const auto not_done = scores.update_if("a", present, 5);
  EXPECT_EQ(sent(), R"(dict_update_if { key { str: "a" } )"
                    R"(condition { relation: PRESENT } value { int: 5 } })");
  EXPECT_FALSE(not_done);
  EXPECT_EQ(not_done.actual, std::nullopt);
}

TEST_F(ConditionalUpdateTest, ConditionsAreThoseOfTheProto) {
  const auto form = [&](const Comparison& condition) {
    any.update_if(1, condition, 2);
    const std::string text = sent();
    const std::string_view head = "dict_update_if { key { int: 1 } condition { relation: ";
    const std::string_view tail = " } value { int: 2 } }";
    return text.substr(head.size(), text.size() - head.size() - tail.size());
  };
  EXPECT_EQ(form(equal_to("x")), R"(EQUAL operand { str: "x" })");
  EXPECT_EQ(form(not_equal_to(None)), "NOT_EQUAL operand { none: NONE }");
  EXPECT_EQ(form(less_than(1.5)), "LESS operand { float: 1.5 }");
  EXPECT_EQ(form(less_or_equal(1)), "LESS_OR_EQUAL operand { int: 1 }");
  EXPECT_EQ(form(greater_than(1)), "GREATER operand { int: 1 }");
  EXPECT_EQ(form(greater_or_equal({1, 2})),
            "GREATER_OR_EQUAL operand { list { items { int: 1 } items { int: 2 } } }");
  EXPECT_EQ(form(present), "PRESENT");
  EXPECT_EQ(form(absent), "ABSENT");
}

TEST_F(ConditionalUpdateTest, ReadsManyKeysInTheOrderAskedFor) {
  answer(
      "dict_get_many { entries { key { str: 'b' } value { int: 2 } } "
      "entries { key { str: 'a' } value { int: 1 } } }");
  const Dict<std::string, int> found = scores.get_many({"b", "x", "a"});
  EXPECT_EQ(sent(), R"(dict_get_many { keys { str: "b" } keys { str: "x" } keys { str: "a" } })");
  EXPECT_THAT(found, ElementsAre(Pair("b", 2), Pair("a", 1)));
}

TEST_F(ConditionalUpdateTest, ErasesManyKeysAndCountsThem) {
  answer("dict_delete_many { deleted: 1 }");
  EXPECT_EQ(scores.erase_many(std::vector<const char*>{"a", "b"}), 1U);
  EXPECT_EQ(sent(), R"(dict_delete_many { keys { str: "a" } keys { str: "b" } })");
}

TEST_F(ConditionalUpdateTest, ComparesAndExchangesAnItem) {
  answer("list_compare_exchange { exchanged: true actual { int: 1 } }");
  const auto done = l.compare_exchange(-1, 1, 2);
  EXPECT_EQ(sent(), "list_compare_exchange { index: -1 expected { int: 1 } desired { int: 2 } }");
  EXPECT_TRUE(done);
  EXPECT_EQ(done.actual, 1);
}

TEST_F(ConditionalUpdateTest, UpdatesAnItemIfAConditionHolds) {
  answer("list_update_if { actual { int: 9 } }");
  const auto not_done = l.update_if(1, less_than(5), 5);
  EXPECT_EQ(sent(),
            "list_update_if { index: 1 condition { relation: LESS operand { int: 5 } } "
            "value { int: 5 } }");
  EXPECT_FALSE(not_done);
  EXPECT_EQ(not_done.actual, 9);
}

}  // namespace
}  // namespace mp
