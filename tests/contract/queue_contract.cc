#include <chrono>
#include <thread>
#include <vector>

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

}  // namespace
}  // namespace mp::contract
