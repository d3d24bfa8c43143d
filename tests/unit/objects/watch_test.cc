#include "server/objects/watch.h"

#include <gmock/gmock.h>

#include "server/objects/error.h"
#include "tests/unit/objects/watch_fixture.h"

namespace mp::server::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using WatchFixture = WatchTest;

TEST_F(WatchFixture, TellsWhatHappenedSinceItWasMade) {
  set("'a'", "1");
  const auto w = watch();
  set("'a'", "2");
  set("'b'", "3");
  erase("'a'");
  EXPECT_EQ(next(w), "2 Dict/Set 'a': 1 -> 2; 3 Dict/Set 'b': - -> 3; 4 Dict/Delete 'a': 2 -> -");
}

TEST_F(WatchFixture, TellsEachEventOnce) {
  const auto w = watch();
  set("'a'", "1");
  EXPECT_EQ(next(w), "1 Dict/Set 'a': - -> 1");
  EXPECT_EQ(next(w), "none");
}

TEST_F(WatchFixture, WaitsForTheNextEventAndHasItInTheSameStep) {
  const auto w = watch();
  EXPECT_THAT(wait(1, w), IsEmpty());
  EXPECT_THAT(set(2, "'a'", "1"), ElementsAre(Done(2), Tells(1, "1 Dict/Set 'a': - -> 1")));
}

TEST_F(WatchFixture, GivesNothingAfterTheTimeout) {
  const auto w = watch();
  EXPECT_THAT(wait_for(1, w, 5), IsEmpty());
  EXPECT_THAT(dict.advance(std::chrono::seconds(5)), ElementsAre(Tells(1, "none")));
}

TEST_F(WatchFixture, GivesTheFirstOfThoseWhoWaitAllThatThereIs) {
  const auto w = watch();
  wait(1, w);
  wait(2, w);
  EXPECT_THAT(set(3, "'a'", "1"), ElementsAre(Done(3), Tells(1, "1 Dict/Set 'a': - -> 1")));
  EXPECT_THAT(set(4, "'a'", "2"), ElementsAre(Done(4), Tells(2, "2 Dict/Set 'a': 1 -> 2")));
}

TEST_F(WatchFixture, CompletesEveryWatchOfAnObjectInTheStepThatChangedIt) {
  std::vector<std::uint64_t> watches;
  for (int i = 1; i <= 100; ++i) {
    watches.push_back(watch());
    EXPECT_THAT(wait(i, watches.back()), IsEmpty());
  }
  EXPECT_THAT(set(200, "'a'", "1"), SizeIs(101));
}

TEST_F(WatchFixture, FailedOperationsLeaveNoEvent) {
  const auto w = watch();
  EXPECT_THAT(erase("'absent'"), SizeIs(1));
  EXPECT_EQ(next(w), "none");
}

TEST_F(WatchFixture, ReadsLeaveNoEvent) {
  const auto w = watch();
  EXPECT_EQ(dict.ask(v1::DictLengthRequest()), "0");
  EXPECT_EQ(next(w), "none");
}

TEST_F(WatchFixture, TellsOnlyOfItsKeys) {
  v1::WatchCreateRequest request = all_changes();
  *request.add_keys() = literal("'a'");
  const auto w = watch(request);
  set("'b'", "1");
  set("'a'", "2");
  set("'c'", "3");
  EXPECT_EQ(next(w), "2 Dict/Set 'a': - -> 2");
  dict.run(5, v1::DictClearRequest());
  EXPECT_EQ(next(w), "4 Dict/Clear 'a': 2 -> -");
}

TEST_F(WatchFixture, TellsOldAndNewValuesOnlyWhereTheyAreAskedFor) {
  const auto w = watch(v1::WatchCreateRequest());
  set("'a'", "1");
  set("'a'", "2");
  EXPECT_EQ(next(w), "1 Dict/Set 'a': - -> -; 2 Dict/Set 'a': - -> -");
}

TEST_F(WatchFixture, GivesAtMostSoManyEvents) {
  const auto w = watch();
  for (const char* value : {"1", "2", "3"}) set("'a'", value);
  EXPECT_EQ(next(w, 2), "1 Dict/Set 'a': - -> 1; 2 Dict/Set 'a': 1 -> 2");
  EXPECT_EQ(next(w, 2), "3 Dict/Set 'a': 2 -> 3");
}

TEST_F(WatchFixture, ResumesAfterAVersion) {
  const auto first = watch();
  for (const char* value : {"1", "2", "3"}) set("'a'", value);
  EXPECT_EQ(next(watch_from(Shell::kFirst, 1)), "2 Dict/Set 'a': 1 -> 2; 3 Dict/Set 'a': 2 -> 3");
  EXPECT_EQ(next(watch_from(Shell::kFirst, 3)), "none");
  EXPECT_THAT(next(first), testing::StartsWith("1 "));
}

TEST_F(WatchFixture, ResynchronizesWhoResumesBeforeTheLogBegins) {
  set("'a'", "1");
  set("'a'", "2");
  const auto first = watch();  // the log begins with it
  const auto w = watch_from(Shell::kFirst, 1);
  EXPECT_EQ(next(w), "2 resync");
  set("'a'", "3");
  EXPECT_EQ(next(w), "3 Dict/Set 'a': 2 -> 3");
  EXPECT_EQ(next(first), "3 Dict/Set 'a': 2 -> 3");
}

TEST_F(WatchFixture, ResynchronizesWhoHasSeenAnotherObject) {
  const auto w = watch_from(77, 0);
  EXPECT_EQ(next(w), "0 resync");
}

TEST_F(WatchFixture, ResynchronizesWhoHasSeenAVersionThatIsYetToCome) {
  EXPECT_EQ(next(watch_from(Shell::kFirst, 5)), "0 resync");
}

TEST_F(WatchFixture, ResynchronizesWhoFallsOffTheLog) {
  dict.limits.max_watch_events = 3;
  const auto slow = watch();
  const auto fast = watch();
  for (int i = 1; i <= 5; ++i) {
    set("'a'", std::to_string(i));
    EXPECT_NE(next(fast), "none");
  }
  EXPECT_EQ(next(slow), "5 resync");
  set("'a'", "6");
  EXPECT_EQ(next(slow), "6 Dict/Set 'a': 5 -> 6");
}

TEST_F(WatchFixture, BoundsTheBytesOfTheLogToo) {
  dict.limits.max_watch_bytes = 4096;
  const auto slow = watch();
  const std::string large = "'" + std::string(1500, 'x') + "'";
  for (int i = 0; i < 4; ++i) set("'a'", large);
  EXPECT_EQ(next(slow), "4 resync");
}

TEST_F(WatchFixture, TellsOfAChangeThatIsTooLargeOnlyThatItWas) {
  dict.limits.max_watch_bytes = 4096;
  const auto w = watch();
  set("'a'", "'" + std::string(5000, 'x') + "'");
  EXPECT_EQ(next(w), "1 Dict/Set everything");
}

TEST_F(WatchFixture, SaysLastThatTheObjectIsGone) {
  const auto w = watch();
  set("'a'", "1");
  dict.object().log()->end(2);
  EXPECT_EQ(next(w), "1 Dict/Set 'a': - -> 1; 2 deleted");
  EXPECT_EQ(next(w), "NO_SUCH_OBJECT");
}

TEST_F(WatchFixture, SaysThatTheObjectIsGoneAfterALossToo) {
  dict.limits.max_watch_events = 1;
  const auto w = watch();
  set("'a'", "1");
  set("'a'", "2");
  dict.object().log()->end(3);
  EXPECT_EQ(next(w), "2 resync; 3 deleted");
}

TEST_F(WatchFixture, GivesEventsAgainThatDidNotArrive) {
  const auto w = watch();
  set("'a'", "1");
  set("'a'", "2");
  const Results lost = dict.run(7, next_of(w, 0, 1));
  EXPECT_EQ(next(w), "2 Dict/Set 'a': 1 -> 2");
  dict.take_back(lost.back());
  EXPECT_EQ(next(w), "1 Dict/Set 'a': - -> 1; 2 Dict/Set 'a': 1 -> 2");
}

TEST_F(WatchFixture, GivesAResyncAgainThatDidNotArrive) {
  const auto w = watch_from(77, 0);
  const Results lost = dict.run(7, next_of(w, 0));
  dict.take_back(lost.back());
  EXPECT_EQ(next(w), "0 resync");
}

TEST_F(WatchFixture, ReadsOfAnUndoneBatchAreUnread) {
  const auto w = watch();
  set("'a'", "1");
  UndoLog log;
  dict.run_in_batch(9, next_of(w, {}), log);
  log.run();
  EXPECT_EQ(next(w), "1 Dict/Set 'a': - -> 1");
}

TEST_F(WatchFixture, DoesNotWaitInABatch) {
  const auto w = watch();
  UndoLog log;
  EXPECT_THAT(dict.run_in_batch(9, next_of(w, {}), log), Fails(9, v1::WOULD_BLOCK));
  EXPECT_THAT(dict.run_in_batch(9, next_of(w, 0), log), Tells(9, "none"));
}

TEST_F(WatchFixture, TellsOfABatchOnce) {
  const auto w = watch();
  UndoLog log;
  for (const char* value : {"1", "2"}) {
    v1::DictSetRequest request;
    *request.mutable_key() = literal("'a'");
    *request.mutable_value() = literal(value);
    dict.run_in_batch(9, request, log);
    dict.object().raise_version();
  }
  EXPECT_EQ(next(w), "none");
  dict.object().note_batch({.service = "mp.v1.Batches", .rpc = "Run"});
  EXPECT_EQ(next(w), "2 Batches/Run 'a': - -> 1 'a': 1 -> 2");
}

TEST_F(WatchFixture, LeavesNoWaiterOfASessionThatEnded) {
  const auto w = watch();
  wait(1, w);
  dict.owner_gone(1);
  EXPECT_THAT(set(2, "'a'", "1"), ElementsAre(Done(2)));
  EXPECT_EQ(next(w), "1 Dict/Set 'a': - -> 1");
}

TEST_F(WatchFixture, CountsTheEventsThatPassItsFilterForItsSession) {
  const auto counter = std::make_shared<std::atomic<std::uint64_t>>(0);
  v1::WatchCreateRequest request = all_changes();
  *request.add_keys() = literal("'a'");
  const auto w = watch(request);
  watch_at(w).count_for(counter);
  set("'a'", "1");
  set("'b'", "1");
  set("'a'", "2");
  EXPECT_EQ(counter->load(), 2U);
  const Results one = dict.run(7, next_of(w, 0, 1));
  EXPECT_EQ(one.back().outcome.watch_next().seen(), 1U);
  const Results all = dict.run(8, next_of(w, 0));
  EXPECT_EQ(all.back().outcome.watch_next().seen(), 2U);
}

TEST_F(WatchFixture, IsNotWatchedItself) {
  const auto w = watch();
  const auto refused = Watch::create(
      all_changes(), ObjectLimits(),
      {.object = std::shared_ptr<Object>(std::shared_ptr<void>(), &dict.object(w)), .id = w});
  EXPECT_EQ(code_of(refused.status()), v1::WRONG_KIND);
}

TEST_F(WatchFixture, NeedsAnObject) {
  EXPECT_EQ(code_of(Watch::create(all_changes(), ObjectLimits(), {}).status()), v1::BAD_COMMAND);
}

}  // namespace
}  // namespace mp::server::test
