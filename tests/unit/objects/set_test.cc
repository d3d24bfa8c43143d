#include "server/objects/set.h"

#include <string>

#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using test::literal;

class SetTest : public ::testing::Test {
 protected:
  using Text = const char*;

  template <class Request>
  static Request with_item(Text item) {
    Request request;
    *request.mutable_item() = literal(item);
    return request;
  }
  // Items are written as a list, which may hold one twice.
  template <class Request>
  static Request with_items(Text list) {
    Request request;
    *request.mutable_items() = literal(list).list().items();
    return request;
  }
  template <class Request>
  std::string ask(const Request& request = {}) {
    return shell.ask(request);
  }

  std::string add(Text item) { return ask(with_item<v1::SetAddRequest>(item)); }
  std::string discard(Text item) { return ask(with_item<v1::SetDiscardRequest>(item)); }
  std::string remove(Text item) { return ask(with_item<v1::SetRemoveRequest>(item)); }
  std::string contains(Text item) { return ask(with_item<v1::SetContainsRequest>(item)); }
  std::string pop() { return ask<v1::SetPopRequest>(); }
  std::string length() { return ask<v1::SetLengthRequest>(); }
  std::string items() { return ask<v1::SetItemsRequest>(); }
  // One of the operations that take many items.
  template <class Request>
  std::string with(Text list) {
    return ask(with_items<Request>(list));
  }

  void start_with(Text list) {
    ASSERT_EQ(ask<v1::SetClearRequest>(), "done");
    ASSERT_EQ(with<v1::SetUpdateRequest>(list), "done");
  }

  test::Shell shell{v1::SetCreateRequest()};
};

TEST_F(SetTest, AddTellsWhetherTheItemIsNew) {
  EXPECT_EQ(add("'a'"), "True");
  EXPECT_EQ(add("'a'"), "False");
  EXPECT_EQ(contains("'a'"), "True");
  EXPECT_EQ(contains("'b'"), "False");
  EXPECT_EQ(length(), "1");
}

TEST_F(SetTest, BeginsWithTheDifferentItemsOfItsCreation) {
  test::Shell created(with_items<v1::SetCreateRequest>("[2, 1, 2, 1.0]"));
  EXPECT_EQ(created.ask(v1::SetItemsRequest()), "[2, 1, 1.0]");
}

TEST_F(SetTest, DiscardTellsWhetherTheItemWasThere) {
  start_with("[1, 2]");
  EXPECT_EQ(discard("1"), "True");
  EXPECT_EQ(discard("1"), "False");
  EXPECT_EQ(items(), "[2]");
}

TEST_F(SetTest, OnlyBatchesThatAddAndDiscardLeaveNoHolesBehind) {
  for (int i = 0; i < 10'000; ++i) {
    UndoLog log;
    const std::string item = std::to_string(i);
    shell.run_in_batch(1, with_item<v1::SetAddRequest>(item.c_str()), log);
    shell.run_in_batch(1, with_item<v1::SetDiscardRequest>(item.c_str()), log);
    shell.object().tidy();
  }
  EXPECT_LT(shell.object().heap_bytes(), 10'000U);
}

TEST_F(SetTest, RemovingWhatIsNotThereIsAKeyError) {
  start_with("[1, 2]");
  EXPECT_EQ(remove("1"), "done");
  EXPECT_EQ(remove("1"), "KEY_ERROR");
  EXPECT_EQ(items(), "[2]");
}

TEST_F(SetTest, PopTakesTheItemInsertedFirst) {
  start_with("['c', 'a', 'b']");
  EXPECT_EQ(discard("'a'"), "True");
  EXPECT_EQ(add("'a'"), "True");
  EXPECT_EQ(pop(), "'c'");
  EXPECT_EQ(pop(), "'b'");
  EXPECT_EQ(pop(), "'a'");
  EXPECT_EQ(pop(), "KEY_ERROR");
}

TEST_F(SetTest, ItemsOfDifferentNumberTypesAreDifferent) {
  start_with("[1, 1.0, True, -0.0]");
  EXPECT_EQ(length(), "4");
  EXPECT_EQ(contains("0.0"), "True");
  EXPECT_EQ(contains("0"), "False");
  EXPECT_EQ(contains("False"), "False");
}

TEST_F(SetTest, AnUnhashableItemIsATypeErrorInEveryOperation) {
  start_with("[1]");
  EXPECT_EQ(add("[]"), "TYPE_ERROR");
  EXPECT_EQ(discard("{}"), "TYPE_ERROR");
  EXPECT_EQ(remove("set()"), "TYPE_ERROR");
  EXPECT_EQ(contains("([],)"), "TYPE_ERROR");
  EXPECT_EQ(with<v1::SetUnionRequest>("[2, []]"), "TYPE_ERROR");
  EXPECT_EQ(with<v1::SetIntersectionRequest>("[1, []]"), "TYPE_ERROR");
  EXPECT_EQ(with<v1::SetDifferenceRequest>("[1, []]"), "TYPE_ERROR");
  EXPECT_EQ(with<v1::SetSymmetricDifferenceRequest>("[1, []]"), "TYPE_ERROR");
  EXPECT_EQ(with<v1::SetCompareRequest>("[1, []]"), "TYPE_ERROR");
  EXPECT_EQ(items(), "[1]");
}

TEST_F(SetTest, NaNIsNoItem) {
  EXPECT_EQ(add("nan"), "VALUE_ERROR");
  EXPECT_EQ(contains("(nan,)"), "VALUE_ERROR");
  EXPECT_EQ(with<v1::SetUpdateRequest>("[1, nan]"), "VALUE_ERROR");
  EXPECT_EQ(length(), "0");
}

TEST_F(SetTest, AnItemThatIsNotGivenIsABadCommand) {
  EXPECT_EQ(ask<v1::SetAddRequest>(), "BAD_COMMAND");
  EXPECT_EQ(ask<v1::SetDiscardRequest>(), "BAD_COMMAND");
  EXPECT_EQ(ask<v1::SetRemoveRequest>(), "BAD_COMMAND");
  EXPECT_EQ(ask<v1::SetContainsRequest>(), "BAD_COMMAND");
}

TEST_F(SetTest, AlgebraShowsOwnItemsFirstAndThenThoseOfTheRequest) {
  start_with("[3, 1, 2]");
  EXPECT_EQ(with<v1::SetUnionRequest>("[5, 2, 4, 5]"), "[3, 1, 2, 5, 4]");
  EXPECT_EQ(with<v1::SetIntersectionRequest>("[2, 9, 3, 2]"), "[3, 2]");
  EXPECT_EQ(with<v1::SetDifferenceRequest>("[1, 9]"), "[3, 2]");
  EXPECT_EQ(with<v1::SetSymmetricDifferenceRequest>("[9, 1, 8, 9]"), "[3, 2, 9, 8]");
  EXPECT_EQ(items(), "[3, 1, 2]");
}

TEST_F(SetTest, AlgebraWithNoItems) {
  start_with("[1, 2]");
  EXPECT_EQ(with<v1::SetUnionRequest>("[]"), "[1, 2]");
  EXPECT_EQ(with<v1::SetIntersectionRequest>("[]"), "[]");
  EXPECT_EQ(with<v1::SetDifferenceRequest>("[]"), "[1, 2]");
  EXPECT_EQ(with<v1::SetSymmetricDifferenceRequest>("[]"), "[1, 2]");
}

TEST_F(SetTest, TheUpdatesLeaveWhatTheirOperatorsGive) {
  start_with("[3, 1, 2]");
  EXPECT_EQ(with<v1::SetUpdateRequest>("[5, 2, 4, 5]"), "done");
  EXPECT_EQ(items(), "[3, 1, 2, 5, 4]");
  EXPECT_EQ(with<v1::SetIntersectionUpdateRequest>("[4, 9, 3, 2, 1]"), "done");
  EXPECT_EQ(items(), "[3, 1, 2, 4]");
  EXPECT_EQ(with<v1::SetDifferenceUpdateRequest>("[1, 9]"), "done");
  EXPECT_EQ(items(), "[3, 2, 4]");
  EXPECT_EQ(with<v1::SetSymmetricDifferenceUpdateRequest>("[9, 3, 8, 9]"), "done");
  EXPECT_EQ(items(), "[2, 4, 9, 8]");
}

TEST_F(SetTest, ABadItemLeavesAnUpdateUndone) {
  start_with("[1, 2]");
  EXPECT_EQ(with<v1::SetUpdateRequest>("[3, []]"), "TYPE_ERROR");
  EXPECT_EQ(with<v1::SetIntersectionUpdateRequest>("[1, []]"), "TYPE_ERROR");
  EXPECT_EQ(with<v1::SetDifferenceUpdateRequest>("[1, []]"), "TYPE_ERROR");
  EXPECT_EQ(with<v1::SetSymmetricDifferenceUpdateRequest>("[1, 3, []]"), "TYPE_ERROR");
  auto request = with_items<v1::SetUpdateRequest>("[3, 4]");
  request.mutable_items(1)->clear_kind();
  EXPECT_EQ(ask(request), "BAD_COMMAND");
  EXPECT_EQ(items(), "[1, 2]");
}

TEST_F(SetTest, CompareTellsAllAtOnce) {
  start_with("[1, 2]");
  EXPECT_EQ(with<v1::SetCompareRequest>("[2, 1, 2]"),
            "subset=True superset=True disjoint=False equal=True");
  EXPECT_EQ(with<v1::SetCompareRequest>("[3, 2, 1]"),
            "subset=True superset=False disjoint=False equal=False");
  EXPECT_EQ(with<v1::SetCompareRequest>("[2, 2]"),
            "subset=False superset=True disjoint=False equal=False");
  EXPECT_EQ(with<v1::SetCompareRequest>("[2, 3]"),
            "subset=False superset=False disjoint=False equal=False");
  EXPECT_EQ(with<v1::SetCompareRequest>("[1.0, 3]"),
            "subset=False superset=False disjoint=True equal=False");
}

TEST_F(SetTest, NothingIsDisjointFromNothingAndEqualToIt) {
  EXPECT_EQ(with<v1::SetCompareRequest>("[]"),
            "subset=True superset=True disjoint=True equal=True");
}

TEST_F(SetTest, AFullSetTakesNoNewItems) {
  shell.limits.max_items = 2;
  start_with("[1, 2]");
  EXPECT_EQ(add("3"), "LIMIT_EXCEEDED");
  EXPECT_EQ(add("2"), "False");
  EXPECT_EQ(with<v1::SetUpdateRequest>("[1, 3]"), "LIMIT_EXCEEDED");
  EXPECT_EQ(with<v1::SetUpdateRequest>("[1, 2, 1, 2, 1]"), "done");
  EXPECT_EQ(with<v1::SetSymmetricDifferenceUpdateRequest>("[1, 3, 4]"), "LIMIT_EXCEEDED");
  EXPECT_EQ(items(), "[1, 2]");
}

TEST_F(SetTest, AFullSetMayExchangeItems) {
  shell.limits.max_items = 2;
  start_with("[1, 2]");
  EXPECT_EQ(with<v1::SetSymmetricDifferenceUpdateRequest>("[1, 3]"), "done");
  EXPECT_EQ(items(), "[2, 3]");
}

TEST_F(SetTest, ASetAboveALoweredLimitCanStillShrink) {
  start_with("[1, 2, 3, 4]");
  shell.limits.max_items = 1;
  EXPECT_EQ(with<v1::SetDifferenceUpdateRequest>("[1]"), "done");
  EXPECT_EQ(with<v1::SetIntersectionUpdateRequest>("[3, 4]"), "done");
  EXPECT_EQ(with<v1::SetSymmetricDifferenceUpdateRequest>("[3]"), "done");
  EXPECT_EQ(items(), "[4]");
}

TEST_F(SetTest, ASetIsNotCreatedWithMoreItemsThanTheLimit) {
  const auto request = with_items<v1::SetCreateRequest>("[1, 2, 1]");
  EXPECT_TRUE(Set::create(request, {.max_items = 2}).ok());
  EXPECT_FALSE(Set::create(request, {.max_items = 1}).ok());
}

TEST_F(SetTest, AReadReferenceIsRetainedForItsReader) {
  start_with("[ref(list, 7), (1, ref(lock, 8)), 3]");
  const auto request = with_items<v1::SetDifferenceRequest>("[3]");
  const test::Results results = shell.run(1, request);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_THAT(results[0].outcome.retained(), ::testing::ElementsAre(7, 8));
  EXPECT_EQ(shell.refs(), (std::set<std::uint64_t>{7, 8}));
}

}  // namespace
}  // namespace mp::server
