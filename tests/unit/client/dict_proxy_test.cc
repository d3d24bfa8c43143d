#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "mp/none.h"
#include "tests/unit/client/dict_fixture.h"
#include "tests/unit/client/wire_form.h"

namespace mp {
namespace {

using testing::ElementsAre;
using testing::Pair;

class DictProxyTest : public DictFixture {};

TEST_F(DictProxyTest, AtGivesTheValueOrThrows) {
  answer("dict_get { value { int: 3 } }");
  EXPECT_EQ(scores.at("alice"), 3);
  EXPECT_EQ(sent(), R"(dict_get { key { str: "alice" } })");
  fake->fail(ErrorCode::kKeyError);
  EXPECT_THROW(scores.at("bob"), KeyError);
}

TEST_F(DictProxyTest, GetGivesNothingForAnAbsentKey) {
  answer("dict_get { value { int: 3 } }");
  EXPECT_EQ(scores.get("alice"), 3);
  fake->fail(ErrorCode::kKeyError);
  EXPECT_EQ(scores.get("bob"), std::nullopt);
  fake->fail(ErrorCode::kKeyError);
  EXPECT_EQ(scores.get("bob", 9), 9);
  fake->fail(ErrorCode::kNoSuchObject);
  EXPECT_THROW(scores.get("bob"), NoSuchObject);
}

TEST_F(DictProxyTest, AValueOfAnotherTypeIsATypeError) {
  answer(R"(dict_get { value { str: "three" } })");
  EXPECT_THROW(scores.at("alice"), TypeError);
  answer("dict_get { value { int: 3000000000 } }");
  EXPECT_THROW(scores.at("alice"), ValueError);
  answer("dict_get { }");
  EXPECT_THROW(scores.at("alice"), RemoteError);
}

TEST_F(DictProxyTest, SetsAndErases) {
  scores.set("alice", 3);
  EXPECT_EQ(sent(), R"(dict_set { key { str: "alice" } value { int: 3 } })");
  EXPECT_TRUE(scores.erase("alice"));
  EXPECT_EQ(sent(), R"(dict_delete { key { str: "alice" } })");
  fake->fail(ErrorCode::kKeyError);
  EXPECT_FALSE(scores.erase("alice"));
}

TEST_F(DictProxyTest, AsksForContentsInOneRoundTrip) {
  const std::string entries =
      R"(entries { key { str: "b" } value { int: 1 } } entries { key { str: "a" } value { int: 2 } })";
  answer("dict_items { " + entries + " }");
  EXPECT_THAT(scores.items(), ElementsAre(Pair("b", 1), Pair("a", 2)));
  EXPECT_EQ(sent(), "dict_items { }");
  answer(R"(dict_keys { keys { str: "b" } keys { str: "a" } })");
  EXPECT_THAT(scores.keys(), ElementsAre("b", "a"));
  answer(R"(dict_keys { keys { str: "b" } keys { str: "a" } })");
  EXPECT_THAT(scores.reversed(), ElementsAre("a", "b"));
  answer("dict_values { values { int: 1 } values { int: 2 } }");
  EXPECT_THAT(scores.values(), ElementsAre(1, 2));
  answer("dict_items { " + entries + " }");
  EXPECT_EQ(scores.copy(), (Dict<std::string, int>{{"b", 1}, {"a", 2}}));
}

TEST_F(DictProxyTest, LengthAndMembership) {
  answer("dict_length { length: 2 }");
  EXPECT_EQ(scores.size(), 2U);
  EXPECT_EQ(sent(), "dict_length { }");
  EXPECT_TRUE(scores.empty());  // an absent length is 0
  answer("dict_contains { contains: true }");
  EXPECT_TRUE(scores.contains("a"));
  EXPECT_FALSE(scores.contains("a"));
  fake->all_sent();
  scores.clear();
  EXPECT_EQ(sent(), "dict_clear { }");
}

TEST_F(DictProxyTest, PopsAndSetsDefaults) {
  answer("dict_pop { value { int: 3 } }");
  EXPECT_EQ(scores.pop("a"), 3);
  EXPECT_EQ(sent(), R"(dict_pop { key { str: "a" } })");
  answer("dict_pop { value { int: 9 } }");
  EXPECT_EQ(scores.pop("a", 9), 9);
  EXPECT_EQ(sent(), R"(dict_pop { key { str: "a" } default { int: 9 } })");
  answer(R"(dict_pop_item { key { str: "z" } value { int: 1 } })");
  EXPECT_EQ(scores.popitem(), (std::pair<std::string, int>("z", 1)));
  EXPECT_EQ(sent(), "dict_pop_item { }");
  answer("dict_set_default { value { int: 5 } }");
  EXPECT_EQ(scores.setdefault("a", 5), 5);
  EXPECT_EQ(sent(), R"(dict_set_default { key { str: "a" } value { int: 5 } })");
  answer("dict_set_default { value { none: NONE } }");
  EXPECT_EQ(any.setdefault("a"), None);
  fake->all_sent();
  fake->fail(ErrorCode::kKeyError);
  EXPECT_THROW(scores.popitem(), KeyError);
}

TEST_F(DictProxyTest, UpdatesFromRangesOfPairs) {
  const std::string expected = R"(dict_update { entries { key { str: "a" } value { int: 1 } } )"
                               R"(entries { key { str: "b" } value { int: 2 } } })";
  scores.update({{"a", 1}, {"b", 2}});
  EXPECT_EQ(sent(), expected);
  scores.update(std::map<std::string, int>{{"a", 1}, {"b", 2}});
  EXPECT_EQ(sent(), expected);
  scores |= Dict<std::string, int>{{"a", 1}, {"b", 2}};
  EXPECT_EQ(sent(), expected);
  scores.update(std::vector<std::pair<const char*, short>>{{"a", 1}, {"b", 2}});
  EXPECT_EQ(sent(), expected);
  any.update(std::map<std::string, int>{{"a", 1}, {"b", 2}});
  EXPECT_EQ(sent(), expected);
}

TEST_F(DictProxyTest, UpdatesFromAnotherProxy) {
  const auto other = std::make_shared<FakeRemoteObject>("dict", 8);
  other->answer(R"(dict_items { entries { key { str: "a" } value { int: 1 } } })");
  scores.update(DictProxy<std::string, int>(other));
  EXPECT_EQ(sent(), R"(dict_update { entries { key { str: "a" } value { int: 1 } } })");
}

TEST_F(DictProxyTest, MergesIntoACopy) {
  const std::string items = R"(dict_items { entries { key { str: "a" } value { int: 1 } } })";
  answer(items);
  EXPECT_EQ(repr(scores | std::map<std::string, int>{{"a", 2}, {"b", 3}}), "{'a': 2, 'b': 3}");
  answer(items);
  EXPECT_EQ(repr(Dict<std::string, int>{{"a", 2}, {"b", 3}} | scores), "{'a': 1, 'b': 3}");
}

TEST_F(DictProxyTest, ComparesAndExchanges) {
  answer("dict_compare_exchange { exchanged: true actual { int: 1 } }");
  const auto done = scores.compare_exchange("a", 1, 2);
  EXPECT_EQ(sent(), R"(dict_compare_exchange { key { str: "a" } expected { int: 1 } )"
                    R"(desired { int: 2 } })");
  EXPECT_TRUE(done);
  EXPECT_EQ(done.actual, 1);
  answer("dict_compare_exchange { }");
  const auto not_done = scores.compare_exchange("a", std::nullopt, 2);
  EXPECT_EQ(sent(), R"(dict_compare_exchange { key { str: "a" } desired { int: 2 } })");
  EXPECT_FALSE(not_done);
  EXPECT_EQ(not_done.actual, std::nullopt);
  scores.compare_exchange("a", 1, std::nullopt);
  EXPECT_EQ(sent(), R"(dict_compare_exchange { key { str: "a" } expected { int: 1 } })");
  any.compare_exchange("a", None, 1);
  EXPECT_EQ(sent(), R"(dict_compare_exchange { key { str: "a" } expected { none: NONE } )"
                    R"(desired { int: 1 } })");
}

TEST_F(DictProxyTest, IteratesOverASnapshot) {
  answer(
      "dict_items { entries { key { str: 'a' } value { int: 1 } } "
      "entries { key { str: 'b' } value { int: 2 } } }");
  std::string seen;
  for (const auto& [name, score] : scores) seen += name + std::to_string(score);
  EXPECT_EQ(seen, "a1b2");
  EXPECT_EQ(sent(), "dict_items { }");
  answer("dict_items { entries { key { str: 'a' } value { int: 1 } } }");
  const std::map<std::string, int> map(scores.begin(), scores.end());
  EXPECT_THAT(map, ElementsAre(Pair("a", 1)));
  static_assert(std::ranges::forward_range<DictProxy<std::string, int>>);
}

TEST_F(DictProxyTest, PrintsItsContents) {
  answer(
      "dict_items { entries { key { int: 1 } value { str: '1' } } "
      "entries { key { str: '2' } value { int: 2 } } "
      "entries { key { float: 0.25 } value { none: NONE } } }");
  std::ostringstream out;
  out << any;
  EXPECT_EQ(out.str(), "{1: '1', '2': 2, 0.25: None}");
  answer("dict_items { }");
  EXPECT_EQ(str(any), "{}");
  EXPECT_EQ(repr(any), "<DictProxy object, typeid 'dict' at 0x7>");
  answer("dict_get { value { str: 'text' } }");
  out.str("");
  out << any["k"];
  EXPECT_EQ(out.str(), "text");
}

TEST_F(DictProxyTest, EqualProxiesMeanTheSameObject) {
  EXPECT_EQ(any, scores);
  EXPECT_EQ(any, (DictProxy<>(std::make_shared<FakeRemoteObject>("dict", 7))));
  EXPECT_FALSE(any == (DictProxy<>(std::make_shared<FakeRemoteObject>("dict", 8))));
}

TEST_F(DictProxyTest, FencedOperationsDemandTheToken) {
  const LockProxy lock(std::make_shared<FakeRemoteObject>("lock", 99));
  scores.fenced_by(lock, 5)["a"] = 1;
  ASSERT_TRUE(fake->options().fence.has_value());
  EXPECT_EQ(fake->options().fence->lock, 99U);
  EXPECT_EQ(fake->options().fence->token, 5U);
  fake->fail(ErrorCode::kStaleToken);
  EXPECT_THROW(scores.fenced_by(lock, 5).set("a", 1), StaleTokenError);
  scores["a"] = 1;
  EXPECT_FALSE(fake->options().fence.has_value());
}

TEST_F(DictProxyTest, TheAsynchronousFormGivesFutures) {
  const auto async = scores.async();
  Future<int> alice = async.at("alice");
  Future<std::optional<int>> bob = async.get("bob");
  Future<void> done = async.set("carol", 1);
  EXPECT_THAT(
      fake->all_sent(),
      ElementsAre(R"(dict_get { key { str: "alice" } })", R"(dict_get { key { str: "bob" } })",
                  R"(dict_set { key { str: "carol" } value { int: 1 } })"));
  EXPECT_FALSE(alice.ready());
  async.flush();
  EXPECT_EQ(fake->flushes(), 1);
  answer("dict_get { value { int: 3 } }");
  fake->fail(ErrorCode::kKeyError);
  answer("dict_set { }");
  EXPECT_TRUE(alice.ready());
  EXPECT_EQ(alice.get(), 3);
  EXPECT_FALSE(alice.valid());
  EXPECT_EQ(bob.get(), std::nullopt);
  done.get();
}

TEST_F(DictProxyTest, CanBeStoredInAContainer) {
  any["inner"] = scores;
  EXPECT_EQ(sent(), R"(dict_set { key { str: "inner" } value { ref { id: 7 kind: "dict" } } })");
  const Any held = scores;
  EXPECT_EQ((held.as<DictProxy<std::string, int>>()), scores);
  EXPECT_EQ(repr(held), "<DictProxy object, typeid 'dict' at 0x7>");
  EXPECT_THROW(Any(ObjectRef(7, "list", fake)).as<DictProxy<>>(), TypeError);
  EXPECT_THROW(Any(ObjectRef(7, "dict")).as<DictProxy<>>(), NoSession);
}

TEST_F(DictProxyTest, FromKeysIsLocal) {
  EXPECT_EQ(repr(DictProxy<std::string, int>::fromkeys(std::vector{"a", "b"}, 1)),
            "{'a': 1, 'b': 1}");
  EXPECT_EQ(repr(DictProxy<>::fromkeys(std::vector{1, 2})), "{1: None, 2: None}");
  EXPECT_TRUE(fake->all_sent().empty());
}

}  // namespace
}  // namespace mp
