#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "mp/any.h"
#include "mp/errors.h"
#include "mp/repr.h"
#include "mp/set.h"
#include "tests/unit/client/wire_form.h"

namespace mp {
namespace {

using testing::ElementsAre;

TEST(SetValueTest, KeepsTheOrderOfInsertionAndEachItemOnce) {
  Set<int> set{3, 1, 3, 2};
  EXPECT_THAT(set, ElementsAre(3, 1, 2));
  EXPECT_FALSE(set.add(1));
  EXPECT_TRUE(set.add(4));
  EXPECT_THAT(set.items(), ElementsAre(3, 1, 2, 4));
}

TEST(SetValueTest, ForgetsItems) {
  Set<int> set{3, 1, 2};
  EXPECT_TRUE(set.discard(1));
  EXPECT_FALSE(set.erase(1));
  EXPECT_FALSE(set.contains(1));
  EXPECT_TRUE(set.contains(2));
  set.clear();
  EXPECT_TRUE(set.empty());
  EXPECT_FALSE(set.contains(2));
}

TEST(SetValueTest, CombinesWithAnyRange) {
  const Set<int> set{1, 2, 3};
  const std::vector<int> items{3, 4, 4};
  EXPECT_THAT(set | items, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(set & items, ElementsAre(3));
  EXPECT_THAT(set - items, ElementsAre(1, 2));
  EXPECT_THAT(set ^ items, ElementsAre(1, 2, 4));
}

TEST(SetValueTest, CombinesWithItself) {
  Set<int> set{1, 2};
  set |= set;
  set &= set;
  EXPECT_THAT(set, ElementsAre(1, 2));
  set ^= set;
  EXPECT_TRUE(set.empty());
}

TEST(SetValueTest, IsEqualInWhateverOrderAndOrderedByInclusion) {
  EXPECT_EQ((Set<int>{1, 2}), (Set<int>{2, 1}));
  EXPECT_FALSE((Set<int>{1}) == (Set<int>{2}));
  EXPECT_TRUE((Set<int>{1}) < (Set<int>{1, 2}));
  EXPECT_FALSE((Set<int>{1}) < (Set<int>{1}));
  EXPECT_TRUE((Set<int>{1}) >= (Set<int>{1}));
  EXPECT_FALSE((Set<int>{1}) <= (Set<int>{2}));
}

TEST(SetValueTest, TellsKindsOfNumbersApartOverAny) { EXPECT_EQ((Set<>{1, 1.0, true}).size(), 3U); }

TEST(SetValueTest, RefusesNaNAndWhatCannotBeHashed) {
  EXPECT_THROW((Set<double>{std::numeric_limits<double>::quiet_NaN()}), ValueError);
  EXPECT_THROW((Set<>{Any::list({1})}), TypeError);
}

TEST(SetValueTest, TakesItemsWithoutAHashOfTheirOwn) {
  Set<std::tuple<int, std::string>> set;
  EXPECT_TRUE(set.add({1, "a"}));
  EXPECT_FALSE(set.add({1, "a"}));
}

TEST(SetValueTest, PrintsAsPythonDoes) {
  std::ostringstream out;
  out << Set<>{1, "a"} << Set<>{};
  EXPECT_EQ(out.str(), "{1, 'a'}set()");
}

TEST(SetValueTest, IsASetOnTheWire) {
  EXPECT_EQ(wire_form(Set<int>{2, 1}), "set { items { int: 2 } items { int: 1 } }");
  EXPECT_EQ(from_wire_form<Set<int>>("set { items { int: 2 } items { int: 1 } }"),
            (Set<int>{2, 1}));
}

}  // namespace
}  // namespace mp
