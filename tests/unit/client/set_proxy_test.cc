#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <ranges>
#include <sstream>
#include <string>
#include <unordered_set>
#include <vector>

#include "mp/errors.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/set.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using testing::ElementsAre;

class SetProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("set");
  std::shared_ptr<FakeRemoteObject> other_fake = std::make_shared<FakeRemoteObject>("set", 8);
  SetProxy<int> s{fake};
  SetProxy<int> other{other_fake};
  SetProxy<> any{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
};

TEST_F(SetProxyTest, AddTellsWhetherTheItemIsNew) {
  answer("set_add { added: true }");
  EXPECT_TRUE(s.add(3));
  EXPECT_EQ(sent(), "set_add { item { int: 3 } }");
  EXPECT_FALSE(s.add(3));
}

TEST_F(SetProxyTest, DiscardTellsWhetherTheItemWasThereAndRemoveDemandsIt) {
  answer("set_discard { removed: true }");
  EXPECT_TRUE(s.discard(3));
  EXPECT_EQ(sent(), "set_discard { item { int: 3 } }");
  EXPECT_FALSE(s.erase(3));
  fake->all_sent();
  s.remove(3);
  EXPECT_EQ(sent(), "set_remove { item { int: 3 } }");
  fake->fail(ErrorCode::kKeyError);
  EXPECT_THROW(s.remove(3), KeyError);
}

TEST_F(SetProxyTest, PopsAnItem) {
  answer("set_pop { item { int: 1 } }");
  EXPECT_EQ(s.pop(), 1);
  EXPECT_EQ(sent(), "set_pop { }");
  fake->fail(ErrorCode::kKeyError);
  EXPECT_THROW(s.pop(), KeyError);
}

TEST_F(SetProxyTest, LengthAndMembership) {
  answer("set_length { length: 2 }");
  EXPECT_EQ(s.size(), 2U);
  EXPECT_EQ(sent(), "set_length { }");
  EXPECT_TRUE(s.empty());
  answer("set_contains { contains: true }");
  EXPECT_TRUE(s.contains(1));
  fake->all_sent();
  s.clear();
  EXPECT_EQ(sent(), "set_clear { }");
}

TEST_F(SetProxyTest, CopiesKeepTheOrderOfInsertion) {
  answer("set_items { items { int: 2 } items { int: 1 } }");
  EXPECT_THAT(s.items(), ElementsAre(2, 1));
  EXPECT_EQ(sent(), "set_items { }");
  answer("set_items { items { int: 2 } items { int: 1 } }");
  EXPECT_EQ(s.copy(), (Set<int>{1, 2}));
}

TEST_F(SetProxyTest, SetOperationsSendAllItemsAtOnce) {
  answer("set_union { items { int: 1 } items { int: 2 } }");
  EXPECT_THAT(s.union_({2}), ElementsAre(1, 2));
  EXPECT_EQ(sent(), "set_union { items { int: 2 } }");
  answer("set_intersection { items { int: 1 } }");
  EXPECT_THAT(s.intersection(std::vector{1, 2}), ElementsAre(1));
  EXPECT_EQ(sent(), "set_intersection { items { int: 1 } items { int: 2 } }");
  answer("set_difference { items { int: 1 } }");
  EXPECT_THAT(s.difference(std::views::iota(2, 4)), ElementsAre(1));
  EXPECT_EQ(sent(), "set_difference { items { int: 2 } items { int: 3 } }");
  answer("set_symmetric_difference { items { int: 1 } }");
  EXPECT_THAT(s.symmetric_difference(Set<int>{2}), ElementsAre(1));
  EXPECT_EQ(sent(), "set_symmetric_difference { items { int: 2 } }");
}

TEST_F(SetProxyTest, OperatorsAreTheSameOperations) {
  const std::vector<int> two{2};
  answer("set_union { items { int: 1 } }");
  EXPECT_THAT(s | two, ElementsAre(1));
  EXPECT_EQ(sent(), "set_union { items { int: 2 } }");
  static_cast<void>(s & two);
  EXPECT_EQ(sent(), "set_intersection { items { int: 2 } }");
  static_cast<void>(s - two);
  EXPECT_EQ(sent(), "set_difference { items { int: 2 } }");
  static_cast<void>(s ^ two);
  EXPECT_EQ(sent(), "set_symmetric_difference { items { int: 2 } }");
}

TEST_F(SetProxyTest, UpdatesInPlace) {
  s.update({1, 2});
  EXPECT_EQ(sent(), "set_update { items { int: 1 } items { int: 2 } }");
  s.intersection_update(std::vector{1});
  EXPECT_EQ(sent(), "set_intersection_update { items { int: 1 } }");
  s.difference_update({1});
  EXPECT_EQ(sent(), "set_difference_update { items { int: 1 } }");
  s.symmetric_difference_update({1});
  EXPECT_EQ(sent(), "set_symmetric_difference_update { items { int: 1 } }");
  any.update({1, "two"});
  EXPECT_EQ(sent(), R"(set_update { items { int: 1 } items { str: "two" } })");
}

TEST_F(SetProxyTest, UpdatingOperatorsGiveTheProxy) {
  EXPECT_EQ(s |= {1}, s);
  EXPECT_EQ(sent(), "set_update { items { int: 1 } }");
  EXPECT_EQ(s &= std::vector{1}, s);
  EXPECT_EQ(sent(), "set_intersection_update { items { int: 1 } }");
  EXPECT_EQ(s -= {1}, s);
  EXPECT_EQ(sent(), "set_difference_update { items { int: 1 } }");
  EXPECT_EQ(s ^= {1}, s);
  EXPECT_EQ(sent(), "set_symmetric_difference_update { items { int: 1 } }");
}

TEST_F(SetProxyTest, AnotherProxyIsFetchedFirst) {
  other_fake->answer("set_items { items { int: 5 } }");
  s |= other;
  EXPECT_EQ(other_fake->sent(), "set_items { }");
  EXPECT_EQ(sent(), "set_update { items { int: 5 } }");
  other_fake->answer("set_items { items { int: 5 } }");
  EXPECT_THAT((Set<int>{1}) | other, ElementsAre(1, 5));
}

TEST_F(SetProxyTest, ComparesWithRangesInOneOperation) {
  const std::vector<int> items{1, 2};
  const std::string request = "set_compare { items { int: 1 } items { int: 2 } }";
  answer("set_compare { subset: true }");
  EXPECT_TRUE(s.issubset(items));
  EXPECT_EQ(sent(), request);
  answer("set_compare { superset: true }");
  EXPECT_TRUE(s.issuperset({1, 2}));
  EXPECT_EQ(sent(), request);
  answer("set_compare { disjoint: true }");
  EXPECT_TRUE(s.isdisjoint(items));
  answer("set_compare { subset: true superset: true equal: true }");
  EXPECT_TRUE(s.equals(items));
  EXPECT_FALSE(s.equals(items));
}

TEST_F(SetProxyTest, InclusionIsProperUnlessTheyAreEqual) {
  const std::vector<int> items{1, 2};
  const auto relations = [&](const std::string& reply) {
    for (int i = 0; i < 4; ++i) answer("set_compare { " + reply + " }");
    std::string text;
    if (s <= items) text += "<= ";
    if (s < items) text += "< ";
    if (s >= items) text += ">= ";
    if (s > items) text += "> ";
    return text;
  };
  EXPECT_EQ(relations("subset: true superset: true equal: true"), "<= >= ");
  EXPECT_EQ(relations("subset: true"), "<= < ");
  EXPECT_EQ(relations("superset: true"), ">= > ");
  EXPECT_EQ(relations("disjoint: true"), "");
}

TEST_F(SetProxyTest, EqualProxiesMeanTheSameSet) {
  EXPECT_EQ(s, any);
  EXPECT_FALSE(s == other);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(SetProxyTest, IteratesOverASnapshot) {
  answer("set_items { items { int: 1 } items { int: 2 } }");
  int sum = 0;
  for (const int item : s) sum += item;
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(sent(), "set_items { }");
  answer("set_items { items { int: 1 } }");
  EXPECT_EQ((std::unordered_set<int>(s.begin(), s.end())), (std::unordered_set<int>{1}));
  static_assert(std::ranges::forward_range<SetProxy<int>>);
}

TEST_F(SetProxyTest, PrintsItsContentsAsPythonDoes) {
  answer("set_items { items { int: 1 } items { str: 'a' } }");
  std::ostringstream out;
  out << any;
  EXPECT_EQ(out.str(), "{1, 'a'}");
  answer("set_items { }");
  EXPECT_EQ(str(any), "set()");
  EXPECT_EQ(repr(any), "<SetProxy object, typeid 'set' at 0x7>");
}

TEST_F(SetProxyTest, FencedOperationsDemandTheToken) {
  const LockProxy lock(std::make_shared<FakeRemoteObject>("lock", 99));
  s.fenced_by(lock, 5).add(1);
  ASSERT_TRUE(fake->options().fence.has_value());
  EXPECT_EQ(fake->options().fence->lock, 99U);
  EXPECT_EQ(fake->options().fence->token, 5U);
}

TEST_F(SetProxyTest, TheAsynchronousFormGivesFutures) {
  Future<bool> added = s.async().add(1);
  Future<Set<int>> both = s.async().intersection({1, 2});
  Future<bool> within = s.async().issubset({1, 2});
  answer("set_add { added: true }");
  answer("set_intersection { items { int: 1 } }");
  answer("set_compare { subset: true }");
  EXPECT_TRUE(added.get());
  EXPECT_THAT(both.get(), ElementsAre(1));
  EXPECT_TRUE(within.get());
}

TEST_F(SetProxyTest, CanBeStoredInAContainer) {
  const Any held = s;
  EXPECT_EQ(held.as<SetProxy<int>>(), s);
  EXPECT_THROW(Any(ObjectRef(7, "dict", fake)).as<SetProxy<>>(), TypeError);
}

}  // namespace
}  // namespace mp
