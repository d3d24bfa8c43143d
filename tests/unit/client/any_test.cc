#include "mp/any.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "mp/codec.h"
#include "mp/errors.h"
#include "mp/none.h"

namespace mp {
namespace {

constexpr std::int64_t kLargestInt = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kTwoTo63 = std::uint64_t{1} << 63;

TEST(AnyTest, TakesItsKindFromTheCppType) {
  EXPECT_EQ(Any().kind(), ValueKind::kNone);
  EXPECT_EQ(Any(None).kind(), ValueKind::kNone);
  EXPECT_EQ(Any(true).kind(), ValueKind::kBool);
  EXPECT_EQ(Any(1).kind(), ValueKind::kInt);
  EXPECT_EQ(Any(std::uint8_t{1}).kind(), ValueKind::kInt);
  EXPECT_EQ(Any(1U).kind(), ValueKind::kInt);
  EXPECT_EQ(Any(1.0).kind(), ValueKind::kFloat);
  EXPECT_EQ(Any(1.0F).kind(), ValueKind::kFloat);
  EXPECT_EQ(Any("text").kind(), ValueKind::kStr);
  EXPECT_EQ(Any('c').kind(), ValueKind::kStr);
  EXPECT_EQ(Any(std::string("text")).kind(), ValueKind::kStr);
  EXPECT_EQ(Any(std::string_view("text")).kind(), ValueKind::kStr);
  EXPECT_EQ(Any(Bytes("data")).kind(), ValueKind::kBytes);
  EXPECT_EQ(Any(std::vector<int>{1}).kind(), ValueKind::kList);
  EXPECT_EQ(Any(std::tuple(1, 2)).kind(), ValueKind::kTuple);
  EXPECT_EQ(Any(std::map<std::string, int>{{"a", 1}}).kind(), ValueKind::kDict);
  EXPECT_EQ(Any(std::set<int>{1}).kind(), ValueKind::kSet);
  EXPECT_EQ(Any(ObjectRef(1, "dict")).kind(), ValueKind::kRef);
  EXPECT_EQ(Any(std::optional<int>()).kind(), ValueKind::kNone);
  EXPECT_EQ(Any(std::optional<int>(3)).kind(), ValueKind::kInt);
}

TEST(AnyTest, UnsignedNumbersAreUintOnlyWhereIntIsTooSmall) {
  EXPECT_EQ(Any(static_cast<std::uint64_t>(kLargestInt)).kind(), ValueKind::kInt);
  EXPECT_EQ(Any(kTwoTo63).kind(), ValueKind::kUint);
}

template <class T>
concept BecomesAny = std::convertible_to<T, Any>;

TEST(AnyTest, PointersDoNotBecomeBools) {
  static_assert(!BecomesAny<int*>);
  static_assert(!BecomesAny<void*>);
  static_assert(!BecomesAny<std::nullptr_t>);
  static_assert(!BecomesAny<std::unique_ptr<int>>);
  static_assert(!BecomesAny<void (*)()>);
  static_assert(BecomesAny<const char*>);
  static_assert(BecomesAny<char*>);
}

TEST(AnyTest, TypesWithoutACodecAreRefused) {
  struct Private {
   public:
    explicit Private(int number) : number_(number) {}

   private:
    [[maybe_unused]] int number_;
  };
  static_assert(!BecomesAny<Private>);
  static_assert(!BecomesAny<std::vector<Private>>);
  static_assert(!BecomesAny<wchar_t>);
  static_assert(!BecomesAny<long double>);
}

TEST(AnyTest, TwoAndMoreValuesInBracesAreAList) {
  const Any list = {42, None, "hello"};
  EXPECT_EQ(list, Any::list({42, None, "hello"}));
  EXPECT_EQ((Any{1, 2}), Any(std::vector<int>{1, 2}));
  const Any nested = {{1, 2}, {3, {4, 5}}};
  EXPECT_EQ(repr(nested), "[[1, 2], [3, [4, 5]]]");
  const Any ten = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_EQ(ten.size(), 10U);
}

TEST(AnyTest, OneValueInBracesIsTheValueItself) {
  const Any five{5};
  EXPECT_EQ(five.kind(), ValueKind::kInt);
  const Any list = {1, 2};
  const Any copy{list};
  EXPECT_EQ(copy, list);
  EXPECT_EQ(Any::list({5}).kind(), ValueKind::kList);
}

TEST(AnyTest, TheOtherKindsHaveNames) {
  EXPECT_EQ(repr(Any::tuple({1, 2})), "(1, 2)");
  EXPECT_EQ(repr(Any::set({1, 1, 2})), "{1, 2}");
  EXPECT_EQ(repr(Any::dict({{"a", 1}, {2, "b"}})), "{'a': 1, 2: 'b'}");
}

TEST(AnyTest, NumbersAreEqualByValue) {
  EXPECT_EQ(Any(1), Any(1.0));
  EXPECT_EQ(Any(1), Any(true));
  EXPECT_EQ(Any(0.0), Any(false));
  EXPECT_EQ(Any(0.0), Any(-0.0));
  EXPECT_EQ(Any(kTwoTo63), Any(9223372036854775808.0));
  EXPECT_NE(Any(kLargestInt), Any(9223372036854775808.0));  // no rounding
  EXPECT_NE(Any(1), Any("1"));
  EXPECT_NE(Any(0), Any(None));
  const Any nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(nan, nan);
}

TEST(AnyTest, ContainersAreEqualAsInPython) {
  EXPECT_EQ(Any::list({1, 2}), Any::list({1.0, 2.0}));
  EXPECT_NE(Any::list({1}), Any::tuple({1}));
  EXPECT_NE(Any("a"), Any(Bytes("a")));
  EXPECT_EQ(Any::dict({{"a", 1}, {"b", 2}}), Any::dict({{"b", 2}, {"a", 1}}));
  EXPECT_NE(Any::dict({{"a", 1}}), Any::dict({{"a", 2}}));
  EXPECT_EQ(Any::set({1, 2}), Any::set({2, 1}));
  EXPECT_NE(Any::set({1, 2}), Any::set({1}));
}

TEST(AnyTest, ComparesWithWhateverConverts) {
  EXPECT_TRUE(Any("a") == "a");
  EXPECT_TRUE(Any(3) == 3);
  EXPECT_TRUE(3.0 == Any(3));
  EXPECT_TRUE(Any(std::vector<int>{1}) == std::vector<int>{1});
  EXPECT_TRUE(Any() == None);
}

TEST(AnyTest, EqualValuesHaveEqualHashes) {
  EXPECT_EQ(Any(1).hash(), Any(1.0).hash());
  EXPECT_EQ(Any(1).hash(), Any(true).hash());
  EXPECT_EQ(Any(-1).hash(), Any(-1.0).hash());
  EXPECT_EQ(Any(kTwoTo63).hash(), Any(9223372036854775808.0).hash());
  EXPECT_EQ(Any::tuple({1, "a"}).hash(), Any::tuple({1.0, "a"}).hash());
  const std::unordered_set<Any> set{1, 1.0, true, "1"};
  EXPECT_EQ(set.size(), 2U);
}

TEST(AnyTest, WhatCanChangeCannotBeHashed) {
  EXPECT_THROW(Any::list({1}).hash(), TypeError);
  EXPECT_THROW(Any::dict({{1, 1}}).hash(), TypeError);
  EXPECT_THROW(Any::set({1}).hash(), TypeError);
  EXPECT_THROW(Any::tuple({1, Any::list({2})}).hash(), TypeError);
}

TEST(AnyTest, DictKeysOfDifferentKindsAreDistinct) {
  Any::Dict dict;
  dict[1] = "int";
  dict[1.0] = "float";
  dict[true] = "bool";
  dict[Any::tuple({1})] = "tuple of int";
  dict[Any::tuple({1.0})] = "tuple of float";
  EXPECT_EQ(
      repr(dict),
      "{1: 'int', 1.0: 'float', True: 'bool', (1,): 'tuple of int', (1.0,): 'tuple of float'}");
  EXPECT_EQ(dict.at(1.0), "float");
}

TEST(AnyTest, NanIsRefusedAsAKey) {
  Any::Dict dict;
  EXPECT_THROW(dict[std::numeric_limits<double>::quiet_NaN()], ValueError);
  EXPECT_THROW(Any::set({std::numeric_limits<double>::quiet_NaN()}), ValueError);
  EXPECT_TRUE(dict.empty());
}

TEST(AnyTest, OrdersAsPythonDoes) {
  EXPECT_LT(Any(1), Any(1.5));
  EXPECT_LT(Any(kLargestInt), Any(9223372036854775808.0));
  EXPECT_GT(Any(kTwoTo63), Any(-1));
  EXPECT_LT(Any(-1.5), Any(-1));
  EXPECT_GT(Any(-1), Any(-1.5));
  EXPECT_LT(Any(-std::numeric_limits<double>::infinity()), Any(-5));
  EXPECT_LT(Any("a"), Any("b"));
  EXPECT_LT(Any::list({1, 2}), Any::list({1, 3}));
  EXPECT_LT(Any::list({1}), Any::list({1, 0}));
  EXPECT_LT(Any::tuple({1, "a"}), Any::tuple({1.0, "b"}));
  EXPECT_LT(Any::set({1}), Any::set({1, 2}));
  EXPECT_FALSE(Any::set({1}) < Any::set({2}));
}

TEST(AnyTest, WhatHasNoOrderIsATypeError) {
  EXPECT_THROW(static_cast<void>(Any(1) < Any("a")), TypeError);
  EXPECT_THROW(static_cast<void>(Any() < Any()), TypeError);
  EXPECT_THROW(static_cast<void>(Any::dict({}) < Any::dict({})), TypeError);
}

TEST(AnyTest, IsTellsTheTypeInTheNarrowSense) {
  EXPECT_TRUE(Any(300).is<int>());
  EXPECT_FALSE(Any(300).is<std::uint8_t>());
  EXPECT_FALSE(Any(300).is<double>());
  EXPECT_TRUE(Any(3.0).is<double>());
  EXPECT_FALSE(Any(true).is<int>());
  EXPECT_TRUE(Any("a").is<std::string>());
  EXPECT_TRUE(Any().is<NoneType>());
  EXPECT_TRUE(Any::list({1}).is<Any::List>());
  EXPECT_TRUE(Any::list({1}).is<std::vector<int>>());
  EXPECT_FALSE(Any::list({"a"}).is<std::vector<int>>());
}

TEST(AnyTest, AsConverts) {
  EXPECT_EQ(Any(3).as<double>(), 3.0);
  EXPECT_EQ(Any(3).as<std::uint8_t>(), 3);
  EXPECT_EQ(Any::tuple({1, 2}).as<std::vector<int>>(), (std::vector<int>{1, 2}));
  EXPECT_EQ(Any("text").as<std::string>(), "text");
  EXPECT_EQ(Any(1).as<std::optional<int>>(), 1);
  EXPECT_EQ(Any().as<std::optional<int>>(), std::nullopt);
  EXPECT_EQ(Any::dict({{"a", 1}}).as<Any::Dict>().at("a"), 1);
}

TEST(AnyTest, AsTellsWhatItExpectedAndWhatItFound) {
  const auto error_of = [](auto&& call) {
    try {
      call();
      return std::string("no error");
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(error_of([] { Any("a").as<int>(); }), "expected int, found str");
  EXPECT_EQ(error_of([] { Any(1).as<std::string>(); }), "expected str, found int");
  EXPECT_EQ(error_of([] { Any(300).as<std::int8_t>(); }), "300 does not fit int8 (-128 to 127)");
  EXPECT_EQ(error_of([] { Any(-1).as<std::uint64_t>(); }),
            "-1 does not fit uint64 (0 to 18446744073709551615)");
  EXPECT_EQ(error_of([] { Any(kTwoTo63).as<std::int64_t>(); }),
            "9223372036854775808 does not fit int64 (-9223372036854775808 to 9223372036854775807)");
  EXPECT_EQ(error_of([] { Any::list({1}).as<std::pair<int, int>>(); }),
            "expected 2 items, found 1");
  EXPECT_EQ(error_of([] {
              Any::list({1, 2, 3}).as<std::pair<int, int>>();
            }),
            "expected 2 items, found more");
}

TEST(AnyTest, ContentsCanBeChangedInPlace) {
  Any list = {1, 2};
  list.get_if<Any::List>()->push_back("three");
  EXPECT_EQ(repr(list), "[1, 2, 'three']");
  EXPECT_EQ(list.get_if<Any::Dict>(), nullptr);
  Any dict = Any::dict({});
  (*dict.get_if<Any::Dict>())["a"] = 1;
  EXPECT_EQ(repr(dict), "{'a': 1}");
}

TEST(AnyTest, ItemsAreReachedAsInPython) {
  const Any list = {1, "two", Any::dict({{"k", 3}})};
  EXPECT_EQ(list.at(0), 1);
  EXPECT_EQ(list.at(-2), "two");
  EXPECT_EQ(list.at(2).at("k"), 3);
  EXPECT_EQ(Any(Any::Record{"Point", {{"x", 7}}, {}}).at("x"), 7);
  EXPECT_THROW(list.at(3), IndexError);
  EXPECT_THROW(list.at(-4), IndexError);
  EXPECT_THROW(list.at("a"), TypeError);
  EXPECT_THROW(list.at(2).at("missing"), KeyError);
  EXPECT_THROW(Any(1).at(0), TypeError);
}

TEST(AnyTest, LengthsAreThoseOfPython) {
  EXPECT_EQ(Any("caf\u00e9").size(), 4U);
  EXPECT_EQ(Any(Bytes("abc")).size(), 3U);
  EXPECT_EQ(Any::set({1, 1}).size(), 1U);
  EXPECT_EQ(Any(Any::Array{'i', Bytes(std::string(8, 0))}).size(), 2U);
  EXPECT_THROW(Any(1).size(), TypeError);
}

TEST(AnyTest, CopiesAreDeepAndMovesLeaveNone) {
  Any original = Any::dict({{"a", Any::list({1})}});
  Any copy = original;
  (*copy.get_if<Any::Dict>())["a"] = 2;
  EXPECT_EQ(repr(original), "{'a': [1]}");
  const Any moved = std::move(original);
  EXPECT_TRUE(original.is_none());  // NOLINT(bugprone-use-after-move): this is what is tested
  EXPECT_EQ(repr(moved), "{'a': [1]}");
}

TEST(AnyTest, IsSmall) { static_assert(sizeof(Any) <= 40); }

}  // namespace
}  // namespace mp
