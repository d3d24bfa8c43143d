#include <atomic>
#include <cmath>
#include <map>
#include <ranges>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/contract/child.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using testing::ElementsAre;

class SetContract : public Managers {
 protected:
  using Words = std::vector<std::string>;
};
MP_CONTRACT(SetContract);

TEST_P(SetContract, HoldsEachItemOnceInOrderOfInsertion) {
  auto s = manager().set<int>({3, 1, 3});
  EXPECT_TRUE(s.add(2));
  EXPECT_FALSE(s.add(1));
  EXPECT_THAT(s.items(), ElementsAre(3, 1, 2));
  EXPECT_EQ(s.size(), 3U);
  EXPECT_TRUE(s.contains(2));
  EXPECT_FALSE(s.contains(4));
}

TEST_P(SetContract, IsMadeOfAnyRange) {
  const std::map<std::string, int> map{{"a", 1}, {"b", 2}};
  EXPECT_THAT(manager().set<std::string>(map | std::views::keys).items(), ElementsAre("a", "b"));
  EXPECT_THAT(manager().set<std::string>(Words{"c", "a", "c"}).items(), ElementsAre("c", "a"));
  EXPECT_THAT(manager().set<int>(range(3)).items(), ElementsAre(0, 1, 2));
  static_assert(!std::ranges::range<int>, "a number makes no set");
}

TEST_P(SetContract, IsOneOfStringsIfItIsMadeOfText) {
  const SetProxy<std::string> literals = manager().set({"c", "a", "c"});
  EXPECT_THAT(literals.items(), ElementsAre("c", "a"));
  const SetProxy<std::string> views = manager().set({std::string_view("v")});
  EXPECT_THAT(views.items(), ElementsAre("v"));
}

TEST_P(SetContract, PrintsAsPythonDoes) {
  auto s = manager().set();
  EXPECT_EQ(str(s), "set()");
  s.update({Any(1), Any("two")});
  EXPECT_EQ(str(s), "{1, 'two'}");
}

TEST_P(SetContract, TellsIntFloatAndBoolApart) {
  auto s = manager().set();
  EXPECT_TRUE(s.add(1));
  EXPECT_TRUE(s.add(1.0));
  EXPECT_TRUE(s.add(true));
  EXPECT_EQ(s.size(), 3U);
}

TEST_P(SetContract, RemovesByNameOrNot) {
  auto s = manager().set<int>({1, 2, 3});
  s.remove(2);
  EXPECT_THROW(s.remove(2), KeyError);
  EXPECT_TRUE(s.discard(3));
  EXPECT_FALSE(s.discard(3));
  EXPECT_EQ(s.pop(), 1);
  EXPECT_THROW(s.pop(), KeyError);
  s.add(5);
  s.clear();
  EXPECT_TRUE(s.empty());
}

TEST_P(SetContract, HasTheAlgebraOfPythonsSets) {
  auto s = manager().set<int>({1, 2, 3});
  const Set<int> other{3, 4};
  EXPECT_THAT((s | other), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT((s & other), ElementsAre(3));
  EXPECT_THAT((s - other), ElementsAre(1, 2));
  EXPECT_THAT((s ^ other), ElementsAre(1, 2, 4));
  EXPECT_EQ(s.size(), 3U) << "the manager's set is as it was";
}

TEST_P(SetContract, HasTheAlgebraInPlace) {
  auto s = manager().set<int>({1, 2, 3});
  s |= {4, 5};
  s -= {1};
  s &= {2, 3, 4};
  s ^= {4, 9};
  EXPECT_THAT(s.items(), ElementsAre(2, 3, 9));
}

TEST_P(SetContract, ComparesByInclusion) {
  auto s = manager().set<int>({1, 2});
  const std::vector<int> same{2, 1, 1};
  const std::vector<int> more{1, 2, 3};
  const std::vector<int> none;
  EXPECT_TRUE(s <= same && s >= same && s.equals(same));
  EXPECT_FALSE(s < same || s > same);
  EXPECT_TRUE(s < more && s.issubset(more) && !s.equals(more));
  EXPECT_TRUE(s > none && s.issuperset(none) && s.isdisjoint(none));
  EXPECT_TRUE(s.isdisjoint({7}));
  EXPECT_FALSE(s.isdisjoint({7, 2}));
}

TEST_P(SetContract, TakesAnotherManagersSetAsAnOperand) {
  auto a = manager().set<int>({1, 2});
  auto b = manager().set<int>({2, 3});
  EXPECT_THAT((a | b), ElementsAre(1, 2, 3));
  EXPECT_THAT((a & a), ElementsAre(1, 2));
  a -= b;
  EXPECT_THAT(a.items(), ElementsAre(1));
  a ^= a;
  EXPECT_TRUE(a.empty());
}

TEST_P(SetContract, IteratesOverWhatItHeldAtTheBeginning) {
  static_assert(std::ranges::forward_range<SetProxy<int>>);
  auto s = manager().set<int>({1, 2});
  auto at = s.begin();
  s.clear();
  EXPECT_THAT(std::vector(at, s.end()), ElementsAre(1, 2));
}

TEST_P(SetContract, CarriesManyItemsInOneCall) {
  auto s = manager().set<int>();
  s.update(range(100'000));
  EXPECT_EQ(s.size(), 100'000U);
  EXPECT_EQ(s.intersection(range(99'990, 200'000)).size(), 10U);
  s.difference_update(range(1, 100'000));
  EXPECT_THAT(s.items(), ElementsAre(0));
}

TEST_P(SetContract, TellsEachThreadWhetherItWasFirst) {
  auto s = manager().set<int>();
  std::atomic<int> firsts = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) firsts += s.add(i) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(firsts, 200);
}

TEST_P(SetContract, RefusesBadInputAndStaysAsItWas) {
  auto s = manager().set<Any>({1, "x"});
  const std::vector<Any> bad{2, Any::list({1})};
  const std::vector<Any> nan{2, std::nan("")};
  EXPECT_THROW(s.add(bad[1]), TypeError);
  EXPECT_THROW(s.add(nan[1]), ValueError);
  EXPECT_THROW(static_cast<void>(s.contains(bad[1])), TypeError);
  EXPECT_THROW(s.discard(bad[1]), TypeError);
  EXPECT_THROW(s.remove(nan[1]), Error);
  for (const auto& items : {bad, nan}) {
    EXPECT_THROW(s.update(items), Error);
    EXPECT_THROW(s.symmetric_difference_update(items), Error);
    EXPECT_THROW(s.intersection_update(items), Error);
    EXPECT_THROW(s.difference_update(items), Error);
    EXPECT_THROW(static_cast<void>(s | items), Error);
    EXPECT_THROW(static_cast<void>(s <= items), Error);
    EXPECT_THROW(static_cast<void>(manager().set<Any>(items)), Error);
  }
  EXPECT_THAT(s.items(), ElementsAre(Any(1), Any("x")));
}

TEST_P(SetContract, HasOperatorsInAChild) {
  MP_NEEDS_FORK();
  auto s = manager().set<std::string>();
  EXPECT_TRUE(in_a_child([&] {
    s.update({"a", "b", "c"});
    const bool made = s.size() == 3 && s.contains("a") && !s.contains("d");
    const bool algebra = (s | Words{"d", "e"}) == Set<std::string>{"a", "b", "c", "d", "e"} &&
                         (s & Words{"a", "e"}) == Set<std::string>{"a"} &&
                         (s - Words{"a", "b"}) == Set<std::string>{"c"} &&
                         (s ^ Words{"a", "e"}) == Set<std::string>{"b", "c", "e"};
    const bool order = s <= Words{"a", "b", "c"} && s < Words{"a", "b", "c", "d"} &&
                       s >= Words{"a"} && s > Words{"a"};
    s |= {"d"};
    s &= {"a", "d"};
    s ^= {"d", "x"};
    s -= {"a"};
    return made && algebra && order && s.equals({"x"});
  }));
  EXPECT_THAT(s.items(), ElementsAre("x"));
}

TEST_P(SetContract, HasMethodsInAChild) {
  MP_NEEDS_FORK();
  auto s = manager().set<std::string>({"a", "b", "c"});
  EXPECT_TRUE(in_a_child([&] {
    const bool added = s.add("d") && s.contains("d");
    s.remove("d");
    s.discard("a");
    const Set<std::string> copy = s.copy();
    const std::string taken = s.pop();
    s.update({"x", "y"});
    const bool asked = s.issuperset({"x"}) && s.isdisjoint({"z"}) &&
                       s.union_({"z"}).size() == s.size() + 1 &&
                       s.intersection({"x", "z"}) == Set<std::string>{"x"};
    s.clear();
    return added && copy == Set<std::string>{"b", "c"} && taken == "b" && asked;
  }));
  EXPECT_TRUE(s.empty());
}

}  // namespace
}  // namespace mp::contract
