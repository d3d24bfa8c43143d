#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "mp/dict.h"
#include "mp/errors.h"

namespace mp {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(DictValueTest, KeepsTheOrderOfInsertion) {
  Dict<std::string, int> dict{{"b", 1}, {"a", 2}};
  dict["c"] = 3;
  dict["b"] = 4;
  EXPECT_THAT(dict, ElementsAre(Pair("b", 4), Pair("a", 2), Pair("c", 3)));
  EXPECT_THAT(dict.keys(), ElementsAre("b", "a", "c"));
  EXPECT_THAT(dict.values(), ElementsAre(4, 2, 3));
}

TEST(DictValueTest, FindsAndErases) {
  Dict<int, std::string> dict{{1, "one"}, {2, "two"}, {3, "three"}};
  EXPECT_EQ(dict.at(2), "two");
  EXPECT_TRUE(dict.erase(2));
  EXPECT_FALSE(dict.erase(2));
  EXPECT_FALSE(dict.contains(2));
  EXPECT_EQ(dict.find(2), nullptr);
  EXPECT_EQ(dict.at(3), "three");
  EXPECT_THROW(dict.at(2), KeyError);
}

TEST(DictValueTest, IsEqualInWhateverOrder) {
  EXPECT_EQ((Dict<int, int>{{1, 2}, {3, 4}}), (Dict<int, int>{{3, 4}, {1, 2}}));
  EXPECT_NE((Dict<int, int>{{1, 2}}), (Dict<int, int>{{1, 3}}));
  EXPECT_NE((Dict<int, int>{{1, 2}}), (Dict<int, int>{}));
}

TEST(DictValueTest, MergesAsInPython) {
  const Dict<std::string, int> left{{"a", 1}, {"b", 2}};
  EXPECT_EQ(repr(left | std::map<std::string, int>{{"b", 3}, {"c", 4}}),
            "{'a': 1, 'b': 3, 'c': 4}");
}

TEST(DictValueTest, KeysNeedNoStdHash) {
  Dict<std::pair<int, std::string>, int> dict;
  dict[{1, "a"}] = 2;
  EXPECT_EQ(dict.at({1, "a"}), 2);
  EXPECT_FALSE(dict.contains({1, "b"}));
}

TEST(DictValueTest, BehavesAsAMapInManyRandomSteps) {
  const unsigned seed = 20240607;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Dict<int, int> dict;
  std::map<int, int> model;
  for (int step = 0; step < 5000; ++step) {
    const int key = static_cast<int>(random() % 200);
    if (random() % 3 == 0) {
      EXPECT_EQ(dict.erase(key), model.erase(key) == 1);
    } else {
      dict[key] = step;
      model[key] = step;
    }
    ASSERT_EQ(dict.size(), model.size());
  }
  for (const auto& [key, value] : model) EXPECT_EQ(dict.at(key), value);
}

}  // namespace
}  // namespace mp
