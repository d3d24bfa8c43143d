#include <sstream>
#include <vector>

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

}  // namespace
}  // namespace mp::contract
