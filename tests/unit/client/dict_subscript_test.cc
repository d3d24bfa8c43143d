#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "mp/none.h"
#include "tests/unit/client/dict_fixture.h"

// d[key]: what is sent when it is read, written and added to, and what cannot be done with it.

namespace mp {
namespace {

using testing::ElementsAre;

class DictSubscriptTest : public DictFixture {};

TEST_F(DictSubscriptTest, ReadsAndWrites) {
  scores["alice"] = 3;
  EXPECT_EQ(sent(), R"(dict_set { key { str: "alice" } value { int: 3 } })");
  answer("dict_get { value { int: 3 } }");
  const int score = scores["alice"];
  EXPECT_EQ(score, 3);
  EXPECT_EQ(sent(), R"(dict_get { key { str: "alice" } })");
  answer("dict_get { value { int: 4 } }");
  EXPECT_TRUE(scores["alice"] == 4);
  answer("dict_get { value { int: 4 } }");
  const auto same = scores["alice"].value();
  static_assert(std::same_as<decltype(same), const int>);
}

TEST_F(DictSubscriptTest, AssignedToAnotherReadsAndThenWrites) {
  answer("dict_get { value { int: 3 } }");
  scores["bob"] = scores["alice"];
  EXPECT_THAT(fake->all_sent(), ElementsAre(R"(dict_get { key { str: "alice" } })",
                                            R"(dict_set { key { str: "bob" } value { int: 3 } })"));
}

TEST_F(DictSubscriptTest, AddsInOneOperation) {
  answer("dict_add { value { int: 4 } }");
  EXPECT_EQ(scores["alice"] += 1, 4);
  EXPECT_EQ(sent(), R"(dict_add { key { str: "alice" } operand { int: 1 } })");
  answer("dict_add { value { int: 2 } }");
  EXPECT_EQ(scores["alice"] -= 2, 2);
  EXPECT_EQ(sent(), R"(dict_add { key { str: "alice" } operand { int: -2 } })");
  answer("dict_add { value { int: 3 } }");
  ++scores["alice"];
  EXPECT_EQ(sent(), R"(dict_add { key { str: "alice" } operand { int: 1 } })");
  answer("dict_add { value { int: 3 } }");
  --scores["alice"];
  EXPECT_EQ(sent(), R"(dict_add { key { str: "alice" } operand { int: -1 } })");
}

TEST_F(DictSubscriptTest, SubtractsUnsignedAndDynamicNumbersByAddingNegativeOnes) {
  const DictProxy<int, unsigned> counts(fake);
  answer("dict_add { value { int: 1 } }");
  counts[1] -= 2U;
  EXPECT_EQ(sent(), "dict_add { key { int: 1 } operand { int: -2 } }");
  answer("dict_add { value { float: 1 } }");
  any["x"] -= 0.5;
  EXPECT_EQ(sent(), R"(dict_add { key { str: "x" } operand { float: -0.5 } })");
  EXPECT_THROW(any["x"] -= "text", TypeError);
  const DictProxy<int, std::int64_t> large(fake);
  EXPECT_THROW(large[1] -= std::numeric_limits<std::int64_t>::min(), ValueError);
}

TEST_F(DictSubscriptTest, OverAnyTakesWhateverConverts) {
  any[1] = "1";
  any["2"] = 2;
  any[0.25] = None;
  any["list"] = {1, {2, 3}};
  any[std::pair(1, "a")] = std::vector<int>{};
  EXPECT_THAT(fake->all_sent(),
              ElementsAre(R"(dict_set { key { int: 1 } value { str: "1" } })",
                          R"(dict_set { key { str: "2" } value { int: 2 } })",
                          "dict_set { key { float: 0.25 } value { none: NONE } }",
                          R"(dict_set { key { str: "list" } value { list { items { int: 1 } )"
                          R"(items { list { items { int: 2 } items { int: 3 } } } } } })",
                          R"(dict_set { key { tuple { items { int: 1 } items { str: "a" } } } )"
                          R"(value { list { } } })"));
  answer("dict_get { value { int: 2 } }");
  EXPECT_EQ(any["2"].as<int>(), 2);
}

// A thing that cannot be done must not compile.
template <class Reference>
concept AssignableAsLvalue = requires(Reference& reference) {
  reference = 3;
};
template <class Reference>
concept ReadableAsLvalue = std::convertible_to<Reference&, int>;
template <class Reference>
concept AddableAsLvalue = requires(Reference& reference) {
  reference += 3;
};
template <class Reference>
concept AssignableAsRvalue = requires(Reference&& reference) {
  std::move(reference) = 3;
};

TEST_F(DictSubscriptTest, IsNoVariable) {
  using Reference = decltype(scores["k"]);
  static_assert(!AssignableAsLvalue<Reference>);
  static_assert(!ReadableAsLvalue<Reference>);
  static_assert(!AddableAsLvalue<Reference>);
  static_assert(!std::copy_constructible<Reference>);
  static_assert(!std::move_constructible<Reference>);
  static_assert(AssignableAsRvalue<Reference>);
  static_assert(std::convertible_to<Reference, int>);
}

TEST_F(DictSubscriptTest, RefusesTextThatIsNotUtf8BeforeItIsSent) {
  EXPECT_THROW(scores["\xff"] = 1, ValueError);
  EXPECT_TRUE(fake->all_sent().empty());
  scores["a"] = 1;  // and nothing of it is left in the next request
  EXPECT_EQ(sent(), R"(dict_set { key { str: "a" } value { int: 1 } })");
}

}  // namespace
}  // namespace mp
