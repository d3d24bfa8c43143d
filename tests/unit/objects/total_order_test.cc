#include "server/objects/total_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/objects/literal.h"

namespace mp::server {
namespace {

using test::repr;
using test::value;

// In the order that they have, the equivalent ones together.
const std::vector<std::vector<Value>>& in_order() {
  static const std::vector<std::vector<Value>> all = {
      {value("None")},
      {value("-inf")},
      {value("-1")},
      {value("0"), value("False"), value("-0.0")},
      {value("1"), value("True"), value("1.0")},
      {value("1.5")},
      {value("9007199254740993")},
      {value("9007199254740994.0")},
      {value("inf")},
      {value("nan")},
      {value("''")},
      {value("'a'")},
      {value("'a\\x00'")},
      {value("'é'")},
      {value("b''")},
      {value("b'\\xff'")},
      {value("[]")},
      {value("[1]"), value("[1.0]")},
      {value("[1, 2]")},
      {value("[1, 'a']")},
      {value("[{'a': 1}, 1]"), value("[{'b': 2}, 1]")},
      {value("[{'a': 1}, 2]")},
      {value("()")},
      {value("(1,)")},
      {value("{'a': 1}"), value("{}")},
      {value("{1, 2}"), value("set()")},
      {value("Point(x=1, y=2)"), value("Point(x=2, y=1)")},
  };
  return all;
}

TEST(TotalOrderTest, IsOneOfAllValues) {
  for (std::size_t i = 0; i < in_order().size(); ++i) {
    for (std::size_t j = 0; j < in_order().size(); ++j) {
      for (const Value& a : in_order()[i]) {
        for (const Value& b : in_order()[j])
          EXPECT_EQ(total_order(a, b), i <=> j) << repr(a) << " and " << repr(b);
      }
    }
  }
}

TEST(TotalOrderTest, AgreesWithTheOrderOfWhatHasOne) {
  int compared = 0;
  for (const auto& some : in_order()) {
    for (const auto& others : in_order()) {
      const Value& a = some.front();
      const Value& b = others.front();
      const absl::StatusOr<bool> is_less = less(a, b);
      if (!is_less.ok() || repr(a) == "nan" || repr(b) == "nan") continue;
      EXPECT_EQ(std::is_lt(total_order(a, b)), *is_less) << repr(a) << " and " << repr(b);
      ++compared;
    }
  }
  EXPECT_GT(compared, 100);
}

}  // namespace
}  // namespace mp::server
