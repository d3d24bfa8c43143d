#include "server/objects/list.h"

#include <optional>
#include <string>

#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using test::literal;
using Index = std::optional<std::int64_t>;

class ListTest : public ::testing::Test {
 protected:
  using Text = const char*;

  template <class Request>
  static Request with_values(Text list) {
    Request request;
    *request.mutable_values() = literal(list).list().items();
    return request;
  }
  template <class Request>
  static Request with_index(std::int64_t index) {
    Request request;
    request.set_index(index);
    return request;
  }
  template <class Request>
  static Request with_value(Text value) {
    Request request;
    *request.mutable_value() = literal(value);
    return request;
  }
  template <class Request>
  std::string ask(const Request& request = {}) {
    return shell.ask(request);
  }

  std::string get(std::int64_t index) { return ask(with_index<v1::ListGetRequest>(index)); }
  std::string set(std::int64_t index, Text value) {
    auto request = with_value<v1::ListSetRequest>(value);
    request.set_index(index);
    return ask(request);
  }
  std::string erase(std::int64_t index) { return ask(with_index<v1::ListDeleteRequest>(index)); }
  std::string append(Text value) { return ask(with_value<v1::ListAppendRequest>(value)); }
  std::string extend(Text list) { return ask(with_values<v1::ListExtendRequest>(list)); }
  std::string insert(std::int64_t index, Text value) {
    auto request = with_value<v1::ListInsertRequest>(value);
    request.set_index(index);
    return ask(request);
  }
  std::string pop() { return ask<v1::ListPopRequest>(); }
  std::string pop(std::int64_t index) { return ask(with_index<v1::ListPopRequest>(index)); }
  std::string remove(Text value) { return ask(with_value<v1::ListRemoveRequest>(value)); }
  std::string index(Text value, Index start = {}, Index stop = {}) {
    auto request = with_value<v1::ListIndexRequest>(value);
    if (start) request.set_start(*start);
    if (stop) request.set_stop(*stop);
    return ask(request);
  }
  std::string count(Text value) { return ask(with_value<v1::ListCountRequest>(value)); }
  std::string contains(Text value) { return ask(with_value<v1::ListContainsRequest>(value)); }
  std::string clear() { return ask<v1::ListClearRequest>(); }
  std::string reverse() { return ask<v1::ListReverseRequest>(); }
  std::string sort(bool descending = false) {
    v1::ListSortRequest request;
    request.set_reverse(descending);
    return ask(request);
  }
  std::string repeat(std::int64_t times) {
    v1::ListRepeatRequest request;
    request.set_count(times);
    return ask(request);
  }
  std::string add(std::int64_t index, Text operand) {
    auto request = with_index<v1::ListAddRequest>(index);
    *request.mutable_operand() = literal(operand);
    return ask(request);
  }
  std::string items() { return ask<v1::ListGetSliceRequest>(); }

  void start_with(Text list) {
    ASSERT_EQ(clear(), "done");
    ASSERT_EQ(extend(list), "done");
  }

  test::Shell shell{v1::ListCreateRequest()};
};

TEST_F(ListTest, BeginsWithTheValuesOfItsCreation) {
  test::Shell created(with_values<v1::ListCreateRequest>("[1, 'two', [3]]"));
  EXPECT_EQ(created.ask(v1::ListGetSliceRequest()), "[1, 'two', [3]]");
  EXPECT_EQ(created.ask(v1::ListLengthRequest()), "3");
}

TEST_F(ListTest, ANegativeIndexCountsFromTheEnd) {
  start_with("[10, 11, 12]");
  EXPECT_EQ(get(0), "10");
  EXPECT_EQ(get(2), "12");
  EXPECT_EQ(get(-1), "12");
  EXPECT_EQ(get(-3), "10");
  EXPECT_EQ(set(-2, "'x'"), "done");
  EXPECT_EQ(erase(-3), "done");
  EXPECT_EQ(items(), "['x', 12]");
}

TEST_F(ListTest, AnIndexOutOfRangeIsAnIndexError) {
  start_with("[10, 11, 12]");
  for (const std::int64_t out : {std::int64_t{3}, std::int64_t{-4}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(get(out), "INDEX_ERROR") << out;
    EXPECT_EQ(set(out, "1"), "INDEX_ERROR") << out;
    EXPECT_EQ(erase(out), "INDEX_ERROR") << out;
    EXPECT_EQ(pop(out), "INDEX_ERROR") << out;
    EXPECT_EQ(add(out, "1"), "INDEX_ERROR") << out;
  }
  EXPECT_EQ(items(), "[10, 11, 12]");
}

TEST_F(ListTest, AppendsAndExtendsAtTheEnd) {
  EXPECT_EQ(append("1"), "done");
  EXPECT_EQ(append("[2]"), "done");
  EXPECT_EQ(extend("[3, 'four']"), "done");
  EXPECT_EQ(extend("[]"), "done");
  EXPECT_EQ(items(), "[1, [2], 3, 'four']");
}

TEST_F(ListTest, InsertsAtTheNearerEndIfTheIndexIsOutOfRange) {
  start_with("[1, 2, 3]");
  EXPECT_EQ(insert(1, "'b'"), "done");
  EXPECT_EQ(insert(-1, "'y'"), "done");
  EXPECT_EQ(insert(100, "'z'"), "done");
  EXPECT_EQ(insert(-100, "'a'"), "done");
  EXPECT_EQ(insert(INT64_MAX, "'>'"), "done");
  EXPECT_EQ(insert(INT64_MIN, "'<'"), "done");
  EXPECT_EQ(items(), "['<', 'a', 1, 'b', 2, 'y', 3, 'z', '>']");
}

TEST_F(ListTest, PopsTheLastItemUnlessToldWhich) {
  start_with("[1, 2, 3, 4]");
  EXPECT_EQ(pop(), "4");
  EXPECT_EQ(pop(0), "1");
  EXPECT_EQ(pop(-2), "2");
  EXPECT_EQ(pop(), "3");
  EXPECT_EQ(pop(), "INDEX_ERROR");
  EXPECT_EQ(pop(0), "INDEX_ERROR");
}

TEST_F(ListTest, SearchesCompareNumbersByValue) {
  start_with("[0, 1.0, True, 'a', [1], 1]");
  EXPECT_EQ(index("1"), "1");
  EXPECT_EQ(count("1"), "3");
  EXPECT_EQ(contains("False"), "True");
  EXPECT_EQ(index("[True]"), "4");
  EXPECT_EQ(contains("b'a'"), "False");
  EXPECT_EQ(contains("(1,)"), "False");
  EXPECT_EQ(remove("1"), "done");
  EXPECT_EQ(items(), "[0, True, 'a', [1], 1]");
}

TEST_F(ListTest, WhatIsNotThereIsAValueErrorToFindOrRemove) {
  start_with("[1, 2]");
  EXPECT_EQ(index("3"), "VALUE_ERROR");
  EXPECT_EQ(remove("3"), "VALUE_ERROR");
  EXPECT_EQ(count("3"), "0");
  EXPECT_EQ(items(), "[1, 2]");
}

TEST_F(ListTest, IndexSearchesAPartOfTheList) {
  start_with("['a', 'b', 'a', 'b']");
  EXPECT_EQ(index("'a'", 1), "2");
  EXPECT_EQ(index("'a'", -2), "2");
  EXPECT_EQ(index("'a'", -100, 100), "0");
  EXPECT_EQ(index("'b'", 0, 1), "VALUE_ERROR");
  EXPECT_EQ(index("'b'", 2, -1), "VALUE_ERROR");
  EXPECT_EQ(index("'a'", 3, 1), "VALUE_ERROR");
  EXPECT_EQ(index("'a'", INT64_MAX, INT64_MIN), "VALUE_ERROR");
  EXPECT_EQ(index("'a'", INT64_MIN, INT64_MAX), "0");
}

TEST_F(ListTest, ReversesInPlace) {
  start_with("[1, 2, 3]");
  EXPECT_EQ(reverse(), "done");
  EXPECT_EQ(items(), "[3, 2, 1]");
}

TEST_F(ListTest, SortsStablyAlsoDescending) {
  start_with("[2, 1.0, True, 3, 1, 2.0]");
  EXPECT_EQ(sort(), "done");
  EXPECT_EQ(items(), "[1.0, True, 1, 2, 2.0, 3]");
  start_with("[2, 1.0, True, 3, 1, 2.0]");
  EXPECT_EQ(sort(true), "done");
  EXPECT_EQ(items(), "[3, 2, 2.0, 1.0, True, 1]");
}

TEST_F(ListTest, SortsWhateverHasAnOrder) {
  start_with("['b', 'a', 'ab', '']");
  EXPECT_EQ(sort(), "done");
  EXPECT_EQ(items(), "['', 'a', 'ab', 'b']");
  start_with("[(2, 'a'), (1, 'b'), (1, 'a'), ()]");
  EXPECT_EQ(sort(), "done");
  EXPECT_EQ(items(), "[(), (1, 'a'), (1, 'b'), (2, 'a')]");
  start_with("[]");
  EXPECT_EQ(sort(), "done");
  start_with("[None]");
  EXPECT_EQ(sort(), "done");
}

TEST_F(ListTest, AListWithoutAnOrderIsNotSortedAndNotChanged) {
  for (const char* list :
       {"[3, 1, 'a', 2]", "[None, None]", "[1, 2, [3]]", "[(2, 1), (1, 'a'), (1, 2)]"}) {
    start_with(list);
    EXPECT_EQ(sort(), "TYPE_ERROR");
    EXPECT_EQ(items(), list);
  }
}

TEST_F(ListTest, SortingKeepsEveryItemAlsoWithoutAStrictOrder) {
  start_with("[nan, 2, nan, 1, 3, nan, 0]");
  EXPECT_EQ(sort(), "done");
  EXPECT_EQ(ask<v1::ListLengthRequest>(), "7");
  for (const char* number : {"0", "1", "2", "3"}) EXPECT_EQ(count(number), "1");
}

TEST_F(ListTest, RepeatsItsItems) {
  start_with("[1, 2]");
  EXPECT_EQ(repeat(3), "done");
  EXPECT_EQ(items(), "[1, 2, 1, 2, 1, 2]");
  EXPECT_EQ(repeat(1), "done");
  EXPECT_EQ(ask<v1::ListLengthRequest>(), "6");
}

TEST_F(ListTest, RepeatedNoTimesOrFewerItIsEmpty) {
  for (const std::int64_t times : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN}) {
    start_with("[1, 2]");
    EXPECT_EQ(repeat(times), "done");
    EXPECT_EQ(items(), "[]");
  }
  EXPECT_EQ(repeat(INT64_MAX), "done");
  EXPECT_EQ(items(), "[]");
}

TEST_F(ListTest, AddsToAnItem) {
  start_with("[1, 'a', [1]]");
  EXPECT_EQ(add(0, "0.5"), "1.5");
  EXPECT_EQ(add(-2, "'b'"), "'ab'");
  EXPECT_EQ(add(2, "[2]"), "[1, 2]");
  EXPECT_EQ(add(0, "'b'"), "TYPE_ERROR");
  EXPECT_EQ(items(), "[1.5, 'ab', [1, 2]]");
}

TEST_F(ListTest, TheMemoryOfItemsThatLeftComesBack) {
  start_with("[1, 2, 3]");
  EXPECT_EQ(repeat(1000), "done");
  for (int i = 0; i < 2990; ++i) pop();
  EXPECT_LT(shell.object().heap_bytes(), 2048U);
  EXPECT_EQ(items(), "[1, 2, 3, 1, 2, 3, 1, 2, 3, 1]");
}

TEST_F(ListTest, AFullListTakesNoMore) {
  shell.limits.max_items = 3;
  start_with("[1, 2, 3]");
  EXPECT_EQ(append("4"), "LIMIT_EXCEEDED");
  EXPECT_EQ(insert(0, "4"), "LIMIT_EXCEEDED");
  EXPECT_EQ(extend("[4]"), "LIMIT_EXCEEDED");
  EXPECT_EQ(repeat(2), "LIMIT_EXCEEDED");
  EXPECT_EQ(repeat(INT64_MAX), "LIMIT_EXCEEDED");
  EXPECT_EQ(extend("[]"), "done");
  EXPECT_EQ(set(0, "0"), "done");
  EXPECT_EQ(items(), "[0, 2, 3]");
}

TEST_F(ListTest, AListIsNotCreatedWithMoreValuesThanTheLimit) {
  const auto request = with_values<v1::ListCreateRequest>("[1, 2]");
  EXPECT_TRUE(List::create(request, {.max_items = 2}).ok());
  EXPECT_FALSE(List::create(request, {.max_items = 1}).ok());
}

TEST_F(ListTest, ABadValueLeavesAnExtensionUndone) {
  start_with("[1]");
  auto request = with_values<v1::ListExtendRequest>("[2, 3]");
  request.mutable_values(1)->clear_kind();
  EXPECT_EQ(ask(request), "BAD_COMMAND");
  EXPECT_EQ(items(), "[1]");
}

TEST_F(ListTest, AReadReferenceIsRetainedForItsReader) {
  start_with("[ref(dict, 7), [ref(lock, 8)], 1]");
  const test::Results results = shell.run(1, v1::ListGetSliceRequest());
  ASSERT_EQ(results.size(), 1U);
  EXPECT_THAT(results[0].outcome.retained(), ::testing::ElementsAre(7, 8));
  EXPECT_EQ(shell.refs(), (std::set<std::uint64_t>{7, 8}));
}

}  // namespace
}  // namespace mp::server
