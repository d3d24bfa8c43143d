#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"
#include "tests/faults/eventually.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::MatchesRegex;

class CountDownLatchContract : public Managers {
 protected:
  // A child that promises to count down, says so, and then does this.
  template <class Then>
  Process worker(const Then& then) {
    return Process([this, then] {
      latch.enlist();
      told_.set();
      then();
    });
  }
  void start(Process& child) {
    child.start();
    ASSERT_TRUE(told_.wait(kLong));
  }

  EventProxy told_ = manager().event();
  EventProxy never_ = manager().event();
  CountDownLatchProxy latch = manager().count_down_latch(3);
};
MP_CONTRACT(CountDownLatchContract);

TEST_P(CountDownLatchContract, CountsDownToZeroAndNoFurther) {
  EXPECT_EQ(latch.get_count(), 3U);
  EXPECT_EQ(latch.count_down(), 2U);
  EXPECT_FALSE(latch.wait(0s));
  EXPECT_FALSE(latch.wait(10ms));
  EXPECT_FALSE(latch.wait(-1s)) << "a negative timeout does not wait";
  EXPECT_EQ(latch.count_down(5), 0U);
  EXPECT_EQ(latch.count_down(), 0U);
  EXPECT_TRUE(latch.wait());
  EXPECT_EQ(latch.get_count(), 0U);
}

TEST_P(CountDownLatchContract, CountsByOneOrMore) {
  EXPECT_THROW(latch.count_down(0), ValueError);
  EXPECT_THROW(latch.count_down(-1), ValueError);
  EXPECT_THROW(latch.enlist(0), ValueError);
  EXPECT_THROW(latch.try_set_count(0), ValueError);
  EXPECT_EQ(latch.get_count(), 3U);
}

TEST_P(CountDownLatchContract, LetsAllGoWhoWaitInProcessesAndThreads) {
  auto waiting = manager().semaphore("waiting", {.value = 0, .signal = true});
  Crowd crowd(GetParam(), 4, [&](int) {
    auto reached = latch.async().wait(kLong);
    waiting.release();  // the wait is before it in line
    demand(reached.get(), "reached in time");
  });
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(waiting.acquire(kLong));
  latch.count_down(3);
  crowd.join();
}

TEST_P(CountDownLatchContract, IsCountedDownByManyAtOnce) {
  auto jobs = manager().count_down_latch("jobs", 60);
  Crowd crowd(GetParam(), 6, [&](int) {
    for (int i = 0; i < 10; ++i) jobs.count_down();
  });
  EXPECT_TRUE(jobs.wait(kLong));
  crowd.join();
  EXPECT_EQ(jobs.get_count(), 0U);
}

TEST_P(CountDownLatchContract, IsSetAnewOnceItIsAtZero) {
  EXPECT_FALSE(latch.try_set_count(2));
  latch.count_down(3);
  EXPECT_TRUE(latch.try_set_count(2));
  EXPECT_EQ(latch.generation(), 2U);
  EXPECT_EQ(latch.count_down(1, 1), 2U) << "late";
  EXPECT_EQ(latch.count_down(1, 2), 1U);
}

TEST_P(CountDownLatchContract, LetsWhoWaitedGoOnThoughItIsSetAnewAtOnce) {
  std::vector<Future<bool>> waits;
  for (int i = 0; i < 3; ++i) waits.push_back(latch.async().wait());
  Batch both = manager().batch();
  both.on(latch).count_down(3);
  Future<bool> set = both.on(latch).try_set_count(7);
  ASSERT_TRUE(both.commit() && set.get());
  for (Future<bool>& wait : waits) EXPECT_TRUE(wait.get(kLong));
  EXPECT_FALSE(latch.wait(0s));
}

TEST_P(CountDownLatchContract, IsFoundByItsNameWhateverItsCount) {
  auto done = manager().count_down_latch("done", 2);
  done.count_down();
  Manager other = another();
  auto same = other.count_down_latch("done", 2);
  EXPECT_EQ(done, same);
  EXPECT_EQ(same.get_count(), 1U) << "it is not made now";
  EXPECT_THROW(other.lock("done"), WrongKind);
}

TEST_P(CountDownLatchContract, IsBrokenByTheDeathOfOneThatPromisedToCount) {
  MP_NEEDS_FORK();
  Process child = worker([this] { never_.wait(); });
  start(child);
  auto waiting = latch.async().wait();
  EXPECT_FALSE(waiting.ready());
  EXPECT_EQ(latch.promised(), 1U);
  child.kill();
  EXPECT_THROW(waiting.get(kLong), BrokenBarrierError);
  EXPECT_THROW(latch.wait(), BrokenBarrierError) << "for who comes later, too";
  EXPECT_TRUE(latch.broken());
  EXPECT_EQ(latch.get_count(), 3U) << "nobody counted for the dead";
}

TEST_P(CountDownLatchContract, IsBrokenByOneThatEndsInOrderAndHasNotCounted) {
  MP_NEEDS_FORK();
  Process child = worker([] {});
  start(child);
  EXPECT_THROW(latch.wait(kLong), BrokenBarrierError);
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
}

TEST_P(CountDownLatchContract, IsNotBrokenByTheDeathOfOneThatHasCounted) {
  MP_NEEDS_FORK();
  Process child = worker([this] {
    latch.count_down();
    never_.wait();
  });
  start(child);
  ASSERT_TRUE(test::eventually([&] { return latch.get_count() == 2; }));
  child.kill();
  child.join();
  latch.count_down(2);
  EXPECT_TRUE(latch.wait(kLong));
  EXPECT_FALSE(latch.broken());
}

TEST_P(CountDownLatchContract, IsNotBrokenByTheDeathOfAStranger) {
  MP_NEEDS_FORK();
  Process child([&] {
    latch.count_down();
    told_.set();
    never_.wait();
  });
  start(child);
  auto waiting = latch.async().wait();
  EXPECT_FALSE(waiting.ready());
  child.kill();
  child.join();
  EXPECT_EQ(latch.count_down(2), 0U);
  EXPECT_TRUE(waiting.get(kLong));
}

TEST_P(CountDownLatchContract, IsCountedByOthersOrSetAnewAfterADeath) {
  MP_NEEDS_FORK();
  const auto break_it = [this] {
    told_.clear();
    Process child = worker([] {});
    start(child);
    EXPECT_THROW(latch.wait(kLong), BrokenBarrierError);
    child.join();
  };
  break_it();
  EXPECT_THROW(latch.enlist(), BrokenBarrierError);
  EXPECT_EQ(latch.count_down(3), 0U);
  EXPECT_TRUE(latch.wait());
  ASSERT_TRUE(latch.try_set_count(1));
  break_it();
  EXPECT_TRUE(latch.try_set_count(2));
  EXPECT_FALSE(latch.broken());
}

TEST_P(CountDownLatchContract, NoMoreIsPromisedThanIsLeft) {
  latch.enlist(2);
  EXPECT_THROW(latch.enlist(2), ValueError);
  EXPECT_EQ(latch.promised(), 2U);
  latch.count_down(2);
  EXPECT_EQ(latch.promised(), 0U);
  latch.count_down();
  EXPECT_THROW(latch.enlist(), ValueError);
}

TEST_P(CountDownLatchContract, ForgetsAWaitThatIsGivenUp) {
  { auto dropped = latch.async().wait(); }
  EXPECT_EQ(latch.count_down(3), 0U);
}

TEST_P(CountDownLatchContract, ShowsWhoOwesAndWhoWaits) {
  auto named = manager().count_down_latch("named", 2);
  named.enlist();
  auto waiting = named.async().wait();
  EXPECT_FALSE(waiting.ready());
  EXPECT_THAT(manager().debug_info(), ContainsRegex("latch 'named' .*: length 2,.*waiting 1"));
  EXPECT_THAT(str(named), MatchesRegex("<CountDownLatch at 0x[0-9a-f]+ count=2>"));
  EXPECT_THAT(repr(named), MatchesRegex("<LatchProxy object, typeid 'latch' at 0x[0-9a-f]+>"));
}

TEST_P(CountDownLatchContract, GoesInAContainer) {
  auto latches = manager().dict<std::string, CountDownLatchProxy>();
  latches["done"] = latch;
  latches.at("done").count_down();
  EXPECT_EQ(latch.get_count(), 2U);
}

}  // namespace
}  // namespace mp::contract
