#include <gtest/gtest.h>

#include "tests/linearizability/models/deliveries.h"
#include "tests/linearizability/models/queue.h"
#include "tests/linearizability/story.h"

// The models of queues against what those must never do, and what they may.

namespace mp::linearizability {
namespace {

TEST(QueueModel, RejectsADoubleTake) {
  EXPECT_FALSE(Story()
                   .done(0, Code::kPut, 7)
                   .done(0, Code::kGet, kAbsent, 7)
                   .done(1, Code::kGet, kAbsent, 7)
                   .fits<Queue<4>>());
}

TEST(QueueModel, RejectsAnotherOrder) {
  EXPECT_FALSE(Story()
                   .done(0, Code::kPut, 7)
                   .done(0, Code::kPut, 8)
                   .done(1, Code::kGet, kAbsent, 8)
                   .fits<Queue<4>>());
}

TEST(QueueModel, RejectsEmptyWhereThereIsAnItemAndFullWhereThereIsRoom) {
  EXPECT_FALSE(Story().done(0, Code::kPut, 7).refused(1, Code::kGet).fits<Queue<4>>());
  EXPECT_FALSE(Story().refused(1, Code::kPut, 7).fits<Queue<4>>());
  EXPECT_TRUE(Story().done(0, Code::kPut, 7).refused(1, Code::kPut, 8).fits<Queue<1>>());
}

TEST(QueueModel, AcceptsASecondDeliveryOnlyAfterTheDeathOfTheFirstGetter) {
  Story story;
  story.done(0, Code::kPut, 7).done(0, Code::kPut, 8).done(1, Code::kGet, kAbsent, 7).unheard();
  EXPECT_FALSE(Story(story).done(2, Code::kGet, kAbsent, 7).fits<Queue<4>>());
  story.pending(1, Code::kReturn, 7);
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 7).fits<Queue<4>>());
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 8).fits<Queue<4>>());
  EXPECT_FALSE(Story(story)
                   .done(2, Code::kGet, kAbsent, 7)
                   .done(2, Code::kGet, kAbsent, 7)
                   .fits<Queue<4>>());
}

TEST(QueueModel, LetsWhatADeadGetterDidNotSeeGoBackOnce) {
  Story story;
  story.done(0, Code::kPut, 7).pending(1, Code::kGet).refused(0, Code::kGet);
  EXPECT_TRUE(story.fits<Queue<4>>());
  EXPECT_FALSE(Story(story).done(2, Code::kGet, kAbsent, 7).fits<Queue<4>>());
  story.pending(1, Code::kReturn);
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 7).fits<Queue<4>>());
}

Operation put_many(int client, std::initializer_list<std::int64_t> items,
                   Outcome outcome = Outcome::kDone) {
  return {
      .client = client, .code = Code::kPutMany, .outcome = outcome, .given = Numbers::of(items)};
}
Operation get_many(int client, std::int64_t most, std::initializer_list<std::int64_t> items) {
  return {.client = client,
          .code = Code::kGetMany,
          .outcome = Outcome::kDone,
          .argument = most,
          .value = *items.begin(),
          .got = Numbers::of(items)};
}

TEST(BulkQueueModel, TakesAllOrNone) {
  EXPECT_TRUE(Story().add(put_many(0, {1, 2})).add(get_many(1, 3, {1, 2})).fits<Queue<4>>());
  EXPECT_FALSE(Story().add(put_many(0, {1, 2})).add(get_many(1, 3, {1})).fits<Queue<4>>());
  EXPECT_FALSE(Story().add(put_many(0, {1, 2})).add(get_many(1, 1, {1, 2})).fits<Queue<4>>());
  EXPECT_FALSE(Story().add(put_many(0, {1, 2}, Outcome::kRefused)).fits<Queue<4>>());
  const Operation half = put_many(0, {1, 2}, Outcome::kUnknown);
  EXPECT_TRUE(Story().add(half).done(1, Code::kSize, kAbsent, 2).fits<Queue<4>>());
  EXPECT_FALSE(Story().add(half).done(1, Code::kSize, kAbsent, 1).fits<Queue<4>>());
}

TEST(BulkQueueModel, RejectsAnItemBetweenThoseThatWerePutAtOnce) {
  const History both = {
      {.client = 0,
       .code = Code::kPutMany,
       .outcome = Outcome::kDone,
       .given = Numbers::of({1, 2}),
       .invoked = 0,
       .returned = 10},
      {.client = 1, .code = Code::kPut, .outcome = Outcome::kDone, .argument = 7, .returned = 10}};
  const auto accepts = [&](std::initializer_list<std::int64_t> items) {
    History history = both;
    history.push_back(get_many(2, 3, items));
    history.back().invoked = 20;
    history.back().returned = 30;
    return check<Queue<4>>(in_line(history)).linearizable();
  };
  EXPECT_TRUE(accepts({1, 2, 7}));
  EXPECT_TRUE(accepts({7, 1, 2}));
  EXPECT_FALSE(accepts({1, 7, 2}));
}

// A queue of one item with room for one more; whoever puts two waits, and then somebody puts one.
History with_two_that_wait(Outcome of_one) {
  return {
      {.client = 0, .code = Code::kPut, .outcome = Outcome::kDone, .argument = 1, .returned = 1},
      {.client = 1,
       .code = Code::kPutMany,
       .outcome = Outcome::kRefused,
       .given = Numbers::of({2, 3}),
       .invoked = 2,
       .returned = 9},
      {.client = 2,
       .code = Code::kPut,
       .outcome = of_one,
       .argument = 4,
       .invoked = 3,
       .returned = 8}};
}

TEST(BulkQueueModel, KeepsPuttersInTheOrderOfTheirArrival) {
  const auto accepts = [](const History& history) {
    return check<Queue<2>>(in_line(history)).linearizable();
  };
  EXPECT_TRUE(accepts(with_two_that_wait(Outcome::kRefused)));
  EXPECT_TRUE(accepts(with_two_that_wait(Outcome::kDone))) << "it may have come first";
  History alone = with_two_that_wait(Outcome::kRefused);
  alone.erase(alone.begin() + 1);
  EXPECT_FALSE(accepts(alone)) << "there is room";
  History late = with_two_that_wait(Outcome::kRefused);
  late.back().invoked = 10;
  late.back().returned = 11;
  EXPECT_FALSE(accepts(late)) << "nobody waits any more";
}

TEST(BulkQueueModel, LetsADeadPutterOutOfTheLine) {
  History history = with_two_that_wait(Outcome::kDone);
  history[1].outcome = Outcome::kUnknown;
  history[1].returned = kNever;
  history[2].invoked = 20;
  history[2].returned = 30;
  const Operation look = {.client = 2,
                          .code = Code::kPut,
                          .outcome = Outcome::kRefused,
                          .argument = 5,
                          .invoked = 10,
                          .returned = 11};
  history.insert(history.end() - 1, look);
  EXPECT_FALSE(check<Queue<2>>(in_line(history)).linearizable()) << "it waits, and keeps others";
  history.push_back({.client = 1, .code = Code::kEnd, .invoked = 12});
  EXPECT_TRUE(check<Queue<2>>(in_line(history)).linearizable());
}

TEST(BulkQueueModel, LetsAllThatADeadGetterHadGoBack) {
  Story story;
  story.add(put_many(0, {1, 2, 3})).add(get_many(1, 2, {1, 2})).unheard();
  EXPECT_FALSE(Story(story).add(get_many(2, 4, {1, 2, 3})).fits<Queue<4>>());
  story.pending(1, Code::kReturn, 1);
  EXPECT_TRUE(Story(story).add(get_many(2, 4, {1, 2, 3})).fits<Queue<4>>());
  EXPECT_FALSE(Story(story).add(get_many(2, 4, {1, 3})).fits<Queue<4>>());
}

using Stack = Queue<4, Given::kLastIn>;
using StackDeliveries = Deliveries<4, Given::kLastIn>;
using SmallestDeliveries = Deliveries<4, Given::kSmallest>;

// Somebody has put 8, 7 and 9 into a queue of a certain order, and then this is got.
template <Given kGiven>
bool gives(std::initializer_list<std::int64_t> items) {
  return Story()
      .add(put_many(0, {8, 7, 9}))
      .add(get_many(1, 3, items))
      .template fits<Queue<4, kGiven>>();
}

TEST(OrderedQueueModel, GivesTheLastInOrTheSmallestFirst) {
  EXPECT_TRUE(gives<Given::kFirstIn>({8, 7, 9}));
  EXPECT_TRUE(gives<Given::kLastIn>({9, 7, 8}));
  EXPECT_TRUE(gives<Given::kSmallest>({7, 8, 9}));
  EXPECT_FALSE(gives<Given::kLastIn>({8, 7, 9}));
  EXPECT_FALSE(gives<Given::kSmallest>({8, 7, 9}));
  EXPECT_FALSE(gives<Given::kSmallest>({9, 8, 7}));
}

TEST(OrderedQueueModel, LetsWhatComesBackStandWhereItWouldHaveStayed) {
  Story story;
  story.add(put_many(0, {8, 9})).done(1, Code::kGet, kAbsent, 9).unheard();
  story.done(0, Code::kPut, 7).pending(1, Code::kReturn, 9);
  EXPECT_TRUE(Story(story).add(get_many(2, 4, {7, 9, 8})).fits<Stack>());
  EXPECT_FALSE(Story(story).add(get_many(2, 4, {9, 7, 8})).fits<Stack>());
}

Operation confirm(int client, std::initializer_list<std::int64_t> items) {
  return {.client = client,
          .code = Code::kConfirm,
          .outcome = Outcome::kDone,
          .given = Numbers::of(items)};
}

// Somebody has put 7 and 8, and the client 1 has got 7.
Story delivered() {
  return Story().done(0, Code::kPut, 7).done(0, Code::kPut, 8).done(1, Code::kGet, kAbsent, 7, 1);
}

TEST(DeliveriesModel, DeliversAgainWhatADeadClientDidNotConfirm) {
  EXPECT_FALSE(delivered().done(2, Code::kGet, kAbsent, 7, 2).fits<Deliveries<4>>());
  const Story ended = delivered().pending(1, Code::kEnd);
  EXPECT_TRUE(Story(ended).done(2, Code::kGet, kAbsent, 7, 2).fits<Deliveries<4>>());
  EXPECT_FALSE(Story(ended).done(2, Code::kGet, kAbsent, 7, 1).fits<Deliveries<4>>())
      << "it is the second delivery";
}

TEST(DeliveriesModel, RejectsAnItemThatComesBackToAnotherPlace) {
  const Story ended = delivered().pending(1, Code::kEnd);
  EXPECT_FALSE(Story(ended)
                   .done(2, Code::kSize, kAbsent, 2)
                   .done(2, Code::kGet, kAbsent, 8, 1)
                   .fits<Deliveries<4>>());
}

TEST(DeliveriesModel, DeliversWhatComesBackInItsOrder) {
  Story story;
  story.done(0, Code::kPut, 8).done(0, Code::kPut, 7).done(1, Code::kGet, kAbsent, 7, 1);
  story.pending(1, Code::kEnd).done(0, Code::kPut, 9).done(2, Code::kSize, kAbsent, 3);
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 7, 2).fits<SmallestDeliveries>());
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 9, 1).fits<StackDeliveries>());
  EXPECT_FALSE(Story(story).done(2, Code::kGet, kAbsent, 7, 2).fits<StackDeliveries>());
}

TEST(DeliveriesModel, RejectsWhatComesAgainAfterItWasConfirmed) {
  const Story ended = delivered().add(confirm(1, {7})).pending(1, Code::kEnd);
  EXPECT_TRUE(Story(ended).done(2, Code::kGet, kAbsent, 8, 1).fits<Deliveries<4>>());
  EXPECT_FALSE(Story(ended).done(2, Code::kGet, kAbsent, 7, 2).fits<Deliveries<4>>());
}

TEST(DeliveriesModel, RejectsALostItem) {
  const Story ended = delivered().pending(1, Code::kEnd).done(2, Code::kUnconfirmed, kAbsent, 0);
  EXPECT_FALSE(
      Story(ended).done(2, Code::kGet, kAbsent, 8, 1).refused(2, Code::kGet).fits<Deliveries<4>>());
}

TEST(DeliveriesModel, RejectsTheConfirmationOfWhatTheClientHasNot) {
  EXPECT_FALSE(delivered().add(confirm(2, {7})).fits<Deliveries<4>>());
  EXPECT_FALSE(delivered().add(confirm(1, {7, 8})).fits<Deliveries<4>>());
}

TEST(DeliveriesModel, KnowsNothingOfWhatAClientDoesAfterItsEnd) {
  const Operation late = {.client = 1, .code = Code::kGet};
  const Story story = Story()
                          .done(0, Code::kPut, 7)
                          .pending(1, Code::kGet)
                          .pending(1, Code::kEnd)
                          .refused(2, Code::kGet);
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 7, 2).fits<Deliveries<4>>());
  EXPECT_FALSE(Story(story)
                   .done(2, Code::kGet, kAbsent, 7, 2)
                   .add(late)
                   .done(2, Code::kUnconfirmed, kAbsent, 2)
                   .fits<Deliveries<4>>());
}

}  // namespace
}  // namespace mp::linearizability
