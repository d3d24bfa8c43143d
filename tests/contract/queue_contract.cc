#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class QueueContract : public Managers {};
MP_CONTRACT(QueueContract);

TEST_P(QueueContract, IsFirstInFirstOutAndCountsExactly) {
  auto q = manager().queue<int>({.maxsize = 3});
  EXPECT_TRUE(q.empty());
  q.put(1);
  q.put(2, true);
  q.put_nowait(3);
  EXPECT_EQ(q.qsize(), 3U);
  EXPECT_TRUE(q.full());
  EXPECT_THROW(q.put_nowait(4), Full);
  EXPECT_THROW(q.put(4, 1ms), Full);
  EXPECT_THROW(q.put(4, -1s), Full) << "a negative timeout does not wait";
  EXPECT_FALSE(q.try_put(4));
  EXPECT_EQ(q.get(), 1);
  EXPECT_EQ(q.get(true, 1s), 2);
  EXPECT_EQ(q.get_nowait(), 3);
  EXPECT_THROW(q.get_nowait(), Empty);
  EXPECT_THROW(q.get(1ms), Empty);
  EXPECT_EQ(q.try_get(), std::nullopt);
}

TEST_P(QueueContract, TellsInItsErrorsWhichQueueItWas) {
  auto q = manager().queue<int>("jobs");
  try {
    q.get(1ms);
    FAIL() << "no error";
  } catch (const Empty& error) {
    EXPECT_THAT(error.what(), HasSubstr("queue 'jobs' get"));
    EXPECT_THAT(error.what(), HasSubstr("manager"));
  }
}

TEST_P(QueueContract, WakesAGetterInAnotherProcess) {
  MP_NEEDS_FORK();
  auto jobs = manager().queue<int>();
  auto results = manager().queue<int>();
  Process worker([&] {
    while (true) {
      const int job = jobs.get();
      if (job < 0) return;
      results.put(job * job);
    }
  });
  worker.start();
  for (int i = 0; i < 5; ++i) jobs.put(i);
  std::vector<int> squares;
  for (int i = 0; i < 5; ++i) squares.push_back(results.get(20s));
  jobs.put(-1);
  worker.join();
  EXPECT_THAT(squares, ElementsAre(0, 1, 4, 9, 16));
}

TEST_P(QueueContract, LetsAPutterGoOnWhenThereIsRoom) {
  auto q = manager().queue<int>({.maxsize = 1});
  q.put(1);
  auto waiting = q.async().put(2);
  EXPECT_FALSE(waiting.ready());
  EXPECT_EQ(q.get(), 1);
  waiting.get();
  EXPECT_EQ(q.get(20s), 2);
}

TEST_P(QueueContract, DrainsAfterAShutdownAndThenSaysSo) {
  auto q = manager().queue<int>();
  q.put(1);
  q.shutdown();
  EXPECT_TRUE(q.is_shut_down());
  EXPECT_THROW(q.put(2), ShutDown);
  EXPECT_EQ(q.get(), 1);
  EXPECT_THROW(q.get(), ShutDown);
  EXPECT_THROW(static_cast<void>(q.try_get()), ShutDown);
}

TEST_P(QueueContract, AnswersThoseWhoWaitWhenItIsShutDownAtOnce) {
  auto q = manager().queue<int>();
  auto waiting = q.async().get();
  EXPECT_FALSE(waiting.ready());
  q.shutdown({.immediate = true});
  EXPECT_THROW(waiting.get(), ShutDown);
}

TEST_P(QueueContract, GivesNoItemToAGetterThatHasGivenUp) {
  auto q = manager().queue<int>();
  { auto dropped = q.async().get(); }
  q.put(1);
  EXPECT_EQ(q.get(20s), 1);
}

TEST_P(QueueContract, CarriesValuesOfEverySort) {
  auto q = manager().queue();
  const Any nested = std::vector<Any>{1, "two", 3.5, None, std::vector<Any>{true}};
  q.put(nested);
  EXPECT_EQ(q.get(), nested);
  q.put(std::string(5 << 20, 'x'));
  EXPECT_EQ(q.get().as<std::string>().size(), std::size_t{5} << 20U);
}

TEST_P(QueueContract, IsFullToEverySortOfPutUntilAnotherHasGotTheItems) {
  auto q = manager().queue<int>({.maxsize = 6});
  EXPECT_TRUE(q.empty());
  EXPECT_FALSE(q.full());
  q.put(1);
  q.put(2, true);
  q.put(3, true, None);
  q.put(4, false);
  q.put(5, false, None);
  q.put_nowait(6);
  EXPECT_FALSE(q.empty());
  EXPECT_TRUE(q.full());
  EXPECT_THROW(q.put(7, false), Full);
  EXPECT_THROW(q.put(7, false, None), Full);
  EXPECT_THROW(q.put_nowait(7), Full);
  EXPECT_THROW(q.put(7, true, 1ms), Full);
  EXPECT_THROW(q.put(7, false, 1h), Full);
  EXPECT_THROW(q.put(7, 1ms), Full);
  elsewhere(GetParam(), [&] {
    for (int i = 1; i <= 6; ++i) demand(q.get(kLong) == i, "in order");
  });
  EXPECT_TRUE(q.empty());
  EXPECT_FALSE(q.full());
}

TEST_P(QueueContract, IsEmptyToEverySortOfGetBeforeAndAfterAnothersItems) {
  auto q = manager().queue<int>();
  EXPECT_TRUE(q.empty());
  elsewhere(GetParam(), [&] {
    for (int i = 2; i <= 5; ++i) q.put(i);
  });
  EXPECT_FALSE(q.empty());
  EXPECT_EQ(q.get(true, None), 2);
  EXPECT_EQ(q.get(true), 3);
  EXPECT_EQ(q.get(1s), 4);
  EXPECT_EQ(q.get_nowait(), 5);
  EXPECT_TRUE(q.empty());
  EXPECT_THROW(q.get(false), Empty);
  EXPECT_THROW(q.get(false, None), Empty);
  EXPECT_THROW(q.get_nowait(), Empty);
  EXPECT_THROW(q.get(true, 1ms), Empty);
  EXPECT_THROW(q.get(false, 1h), Empty);
  EXPECT_THROW(q.get(1ms), Empty);
}

TEST_P(QueueContract, TakesItemsOfAForkedChildAfterItsParents) {
  MP_NEEDS_FORK();
  auto q = manager().queue<int>();
  for (int i = 0; i < 10; ++i) q.put(i);
  Process child([&] {
    for (int i = 10; i < 20; ++i) q.put(i);
  });
  child.start();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(q.get(kLong), i);
  EXPECT_THROW(q.get(false), Empty);
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
}

TEST_P(QueueContract, CountsItsItemsAtEachStep) {
  auto q = manager().queue<int>();
  EXPECT_EQ(q.qsize(), 0U);
  q.put(1);
  EXPECT_EQ(q.qsize(), 1U);
  q.put(5);
  EXPECT_EQ(q.qsize(), 2U);
  q.get();
  EXPECT_EQ(q.qsize(), 1U);
  q.get();
  EXPECT_EQ(q.qsize(), 0U);
  EXPECT_EQ(q.maxsize(), 0U);
}

TEST_P(QueueContract, IsAsItWasAfterAPutOfWhatCannotBeSent) {
  auto q = manager().queue<std::string>({.maxsize = 1});
  EXPECT_THROW(q.put("\xff is not UTF-8"), ValueError);
  EXPECT_TRUE(q.empty());
  q.put("true");
  EXPECT_EQ(q.qsize(), 1U);
  EXPECT_EQ(q.get(kLong), "true");
  EXPECT_TRUE(q.empty());
}

TEST_P(QueueContract, TellsWhetherItIsEmptyAfterAShutdownToo) {
  auto q = manager().queue<int>();
  q.put(1);
  q.shutdown();
  EXPECT_FALSE(q.empty());
  q.shutdown({.immediate = true});
  EXPECT_TRUE(q.empty());
  EXPECT_FALSE(q.full());
  EXPECT_THROW(q.get(), ShutDown);
}

TEST_P(QueueContract, IsDrainedByAChildOfWhoFilledIt) {
  auto q = manager().queue<int>({.maxsize = 2});
  q.put(5);
  q.put(6);
  elsewhere(GetParam(), [&] {
    demand(q.qsize() == 2 && q.full() && !q.empty(), "full");
    demand(q.get() == 5 && !q.empty(), "the first");
    demand(q.get() == 6 && q.empty(), "the second");
  });
  EXPECT_TRUE(q.empty());
  EXPECT_FALSE(q.full());
}

TEST_P(QueueContract, IsJoinableWithASizeToo) {
  auto q = manager().joinable_queue<int>({.maxsize = 2});
  q.put(5);
  q.put(6);
  elsewhere(GetParam(),
            [&] { demand(q.full() && q.get() == 5 && q.get() == 6 && q.empty(), "both"); });
  EXPECT_TRUE(q.empty());
  EXPECT_FALSE(q.full());
  EXPECT_EQ(q.unfinished(), 2U);
}

TEST_P(QueueContract, IsFoundByItsNameWhateverSizeIsAskedFor) {
  auto q = manager().queue<int>("jobs", {.maxsize = 2});
  Manager other = another();
  EXPECT_EQ(other.queue<int>("jobs", {.maxsize = 2}), q);
  EXPECT_THROW(other.lock("jobs"), WrongKind);
  EXPECT_THROW(other.queue<int>("jobs", {.create = Create::kMustNotExist}), AlreadyExists);
}

}  // namespace
}  // namespace mp::contract
