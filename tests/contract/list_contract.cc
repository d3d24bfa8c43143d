#include <cstdint>
#include <limits>
#include <numeric>
#include <ranges>
#include <string>
#include <vector>

#include "tests/contract/child.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using testing::ElementsAre;

class ListContract : public Managers {};
MP_CONTRACT(ListContract);

TEST_P(ListContract, BehavesAsCPythonsTestOfContainersSays) {
  auto a = manager().list(range(10));
  EXPECT_THAT(a.copy(), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  auto b = manager().list<int>();
  b.extend({0, 1, 2, 3, 4});
  EXPECT_EQ(b.at(2), 2);
  EXPECT_THAT(b.at(slice(2, 10)), ElementsAre(2, 3, 4));
  b *= 2;
  EXPECT_THAT(b.copy(), ElementsAre(0, 1, 2, 3, 4, 0, 1, 2, 3, 4));
  const std::vector<int> more{5, 6};
  EXPECT_THAT(b + more, ElementsAre(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6));
  EXPECT_EQ(a.size(), 10U);
}

TEST_P(ListContract, HoldsListsAsCPythonsTestOfContainersSays) {
  auto a = manager().list<Any>(range(3));
  auto b = manager().list<Any>({5});
  auto e = manager().list<ListProxy<Any>>({a, b});
  std::vector<Any::List> rows;
  for (const auto& row : e) rows.push_back(row.copy());
  EXPECT_THAT(rows, ElementsAre(Any::List{0, 1, 2}, Any::List{5}));
  auto f = manager().list<ListProxy<Any>>({a});
  a.append("hello");
  EXPECT_THAT(f.at(0).copy(), ElementsAre(Any(0), Any(1), Any(2), Any("hello")));
}

TEST_P(ListContract, IsOneOfStringsIfItIsMadeOfText) {
  const ListProxy<std::string> words = manager().list({"b", "a"});
  EXPECT_THAT(words.copy(), ElementsAre("b", "a"));
  const ListProxy<Any> any = manager().list<Any>({"b", 1});
  EXPECT_THAT(any.copy(), ElementsAre(Any("b"), Any(1)));
}

TEST_P(ListContract, IteratesOverWhatItHeldAtTheBeginning) {
  static_assert(std::ranges::forward_range<ListProxy<int>>);
  auto l = manager().list<int>({0, 1, 2});
  auto at = l.begin();
  l[0] = 100;
  l.clear();
  EXPECT_THAT(std::vector(at, l.end()), ElementsAre(0, 1, 2));
  EXPECT_EQ(l.begin(), l.end());
}

TEST_P(ListContract, AssignsAndDeletesSlices) {
  auto l = manager().list<int>({0, 1, 2, 3, 4, 5});
  l[slice(1, 3)] = {10, 20, 30};
  EXPECT_THAT(l.copy(), ElementsAre(0, 10, 20, 30, 3, 4, 5));
  l.erase(slice(None, None, 2));
  EXPECT_THAT(l.copy(), ElementsAre(10, 30, 4));
  EXPECT_THROW(l.set(slice(None, None, 2), {1, 2, 3}), ValueError);
  EXPECT_THAT(l.copy(), ElementsAre(10, 30, 4));
}

TEST_P(ListContract, InsertsPopsRemovesFindsAndCounts) {
  auto l = manager().list<Any>({1, 2, 2});
  l.insert(0, "first");
  l.insert(100, "last");
  EXPECT_EQ(l.pop(), Any("last"));
  EXPECT_EQ(l.pop(0), Any("first"));
  EXPECT_EQ(l.count(2.0), 2U) << "numbers compare by value";
  EXPECT_EQ(l.index(2), 1U);
  l.remove(2);
  EXPECT_EQ(l.size(), 2U);
  EXPECT_THROW(l.remove("absent"), ValueError);
  EXPECT_EQ(l.find("absent"), std::nullopt);
  EXPECT_THROW(static_cast<void>(l.at(2)), IndexError);
  EXPECT_EQ(l.at(-1), Any(2));
  l.clear();
  EXPECT_THROW(l.pop(), IndexError);
}

TEST_P(ListContract, SortsOrChangesNothing) {
  auto l = manager().list<Any>({3, 1.5, 2});
  l.sort();
  EXPECT_THAT(l.copy(), ElementsAre(Any(1.5), Any(2), Any(3)));
  l.sort({.reverse = true});
  l.reverse();
  EXPECT_EQ(l.at(0), Any(1.5));
  l.append("text");
  EXPECT_THROW(l.sort(), TypeError);
  EXPECT_EQ(l.at(3), Any("text"));
}

TEST_P(ListContract, AddsToAnItemAtomicallyFromForkedChildren) {
  MP_NEEDS_FORK();
  auto l = manager().list<int>({0});
  std::vector<Process> children;
  for (int c = 0; c < 3; ++c) {
    children.emplace_back([&l] {
      for (int i = 0; i < 200; ++i) l[0] += 1;
    });
  }
  for (auto& child : children) child.start();
  for (auto& child : children) child.join();
  EXPECT_EQ(l.at(0), 600);
}

TEST_P(ListContract, SharesListsWithinLists) {
  std::vector<ListProxy<int>> rows;
  for (int i = 0; i < 3; ++i) rows.push_back(manager().list<int>({i, i}));
  auto table = manager().list<ListProxy<int>>(rows);
  table.at(0).set(-1, 55);
  EXPECT_THAT(rows[0].copy(), ElementsAre(0, 55));
  auto self = manager().list<Any>();
  self.append(self);
  EXPECT_EQ(self.at(0).as<ListProxy<Any>>(), self);
}

TEST_P(ListContract, HoldsListsOfWhichEachIsItsOwn) {
  auto a = manager().list<ListProxy<int>>();
  for (int i = 0; i < 3; ++i) a.append(manager().list<int>(range(3)));
  a.at(0)[-1] = 55;
  EXPECT_THAT(a.at(0).copy(), ElementsAre(0, 1, 55));
  EXPECT_THAT(a.at(1).copy(), ElementsAre(0, 1, 2));
  EXPECT_EQ(a.at(1).pop(), 2);
  EXPECT_EQ(a.at(1).size(), 2U);
  EXPECT_EQ(a.at(2).size(), 3U);
}

TEST_P(ListContract, TakesSlicesWithAStepInOneCall) {
  auto l = manager().list<int>(range(10));
  EXPECT_THAT(l.at(slice(None, None, -3)), ElementsAre(9, 6, 3, 0));
  EXPECT_THAT(l.at(slice(-3, None)), ElementsAre(7, 8, 9));
  EXPECT_THAT(l.at(slice(5, 2)), ElementsAre());
  l[slice(None, None, 5)] = {-1, -2};
  EXPECT_EQ(l.at(0), -1);
  EXPECT_EQ(l.at(5), -2);
  l[slice(8, 100)] = std::vector<int>{};
  EXPECT_EQ(l.size(), 8U);
  l.erase(slice(None, None, -2));
  EXPECT_THAT(l.copy(), ElementsAre(-1, 2, 4, 6));
}

TEST_P(ListContract, SearchesAPartOfItself) {
  auto l = manager().list<int>({5, 6, 5, 6, 5});
  EXPECT_EQ(l.index(5, 1), 2U);
  EXPECT_EQ(l.find(5, 1, 2), std::nullopt);
  EXPECT_EQ(l.find(5, -1), 4U);
  EXPECT_THROW(static_cast<void>(l.index(6, -1)), ValueError);
  EXPECT_TRUE(l.contains(6));
  EXPECT_FALSE(l.contains(7));
}

TEST_P(ListContract, ChangesAnItemOnlyWhereItIsAsExpected) {
  auto l = manager().list<int>({1, 2, 3});
  EXPECT_TRUE(l.compare_exchange(-1, 3, 30));
  EXPECT_EQ(l.compare_exchange(-1, 3, 31).actual, 30);
  EXPECT_TRUE(l.update_if(0, less_than(10), 10));
  EXPECT_FALSE(l.update_if(0, less_than(10), 11));
  EXPECT_TRUE(l.update_if(1, present, 20));
  EXPECT_FALSE(l.update_if(1, absent, 21));
  EXPECT_THAT(l.copy(), ElementsAre(10, 20, 30));
}

TEST_P(ListContract, AddsInPlaceAndGivesTheSum) {
  auto l = manager().list<Any>({1, "a", Any::list({1})});
  EXPECT_EQ(l.add(0, 1.5), Any(2.5));
  EXPECT_EQ(l.add(1, "b"), Any("ab"));
  EXPECT_EQ(l.add(2, std::vector<int>{2}), Any::list({1, 2}));
}

TEST_P(ListContract, CarriesManyItemsInOneCall) {
  auto l = manager().list<int>();
  l.extend(range(200'000));
  l.append(7);
  EXPECT_EQ(l.size(), 200'001U);
  const std::vector<int> all = l.copy();
  EXPECT_EQ(std::accumulate(all.begin(), all.end(), std::int64_t{0}), 19'999'900'007);
}

TEST_P(ListContract, RepeatsAndCopiesAsPythonDoes) {
  auto l = manager().list<int>({1, 2});
  l.push_back(3);
  EXPECT_THAT(l * 2, ElementsAre(1, 2, 3, 1, 2, 3));
  EXPECT_THAT(-1 * l, ElementsAre());
  l += {4};
  EXPECT_EQ(str(l), "[1, 2, 3, 4]");
  l *= -1;
  EXPECT_TRUE(l.empty());
}

TEST_P(ListContract, RefusesBadInputAndStaysAsItWas) {
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  auto l = manager().list<Any>({1, "two", None, UINT64_MAX});
  const auto before = l.copy();
  for (const std::int64_t index : {std::int64_t{4}, std::int64_t{-5}, kLast, kFirst}) {
    EXPECT_THROW(static_cast<void>(l.at(index)), IndexError);
    EXPECT_THROW(l.set(index, 1), IndexError);
    EXPECT_THROW(l.erase(index), IndexError);
    EXPECT_THROW(l.pop(index), IndexError);
    EXPECT_THROW(l.add(index, 1), IndexError);
    EXPECT_THROW(l.compare_exchange(index, 1, 2), IndexError);
    EXPECT_THROW(l.update_if(index, present, 2), IndexError);
  }
  EXPECT_THROW(static_cast<void>(l.at(slice(0, 4, 0))), ValueError);
  EXPECT_THROW(l.set(slice(None, None, 0), {1}), ValueError);
  EXPECT_THROW(l.erase(slice(None, None, 0)), ValueError);
  EXPECT_THROW(l.set(slice(None, None, 2), {1}), ValueError);
  EXPECT_THROW(l.extend({1, std::string("\xff")}), ValueError);
  EXPECT_THROW(l.add(2, 1), TypeError);
  EXPECT_THROW(l.add(3, 1), ValueError) << "past 64 bits";
  EXPECT_THROW(l.update_if(1, less_than(3), 2), TypeError);
  EXPECT_THROW(l.sort(), TypeError);
  EXPECT_THROW(l.repeat(kLast), LimitExceeded);
  EXPECT_EQ(l.copy(), before);
  EXPECT_THAT(l.at(slice(kFirst, kLast)), testing::SizeIs(4)) << "bounds are cut to the list";
}

TEST_P(ListContract, IsSortedAndEmptiedByAChild) {
  MP_NEEDS_FORK();
  auto l = manager().list<int>();
  l.append(5);
  EXPECT_TRUE(in_a_child([&] {
    const bool found = l[0] == 5 && l.count(5) == 1 && l.index(5) == 0;
    l.sort();
    l.reverse();
    int sum = 0;
    for (const int item : l) sum += item;
    return found && sum == 5 && l.size() == 1 && l.pop(0) == 5;
  }));
  EXPECT_TRUE(l.empty());
}

}  // namespace
}  // namespace mp::contract
