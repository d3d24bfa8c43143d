#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <numeric>
#include <random>
#include <ranges>
#include <thread>
#include <tuple>
#include <vector>

#include "mp/local/lock.h"
#include "mp/local/queue.h"
#include "mp/local/value.h"
#include "mp/pool.h"
#include "tests/fork/process_fixture.h"
#include "tests/pool/pool_contract.h"
#include "tests/pool/pool_processes.h"

// Workers that die: where Python's pool hangs.

namespace mp::test {
namespace {

using testing::HasSubstr;
using testing::Property;
using testing::Throws;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

class Deaths : public ProcessTest {};

void die() { ::raise(SIGKILL); }

TEST_F(Deaths, AWorkerThatIsKilledFailsItsTaskAlone) {
  Pool pool(2);
  EXPECT_THAT([&] { pool.apply(die); }, Throws<WorkerLost>(Property(&WorkerLost::signal, SIGKILL)));
  EXPECT_THAT([&] { pool.apply([] { std::abort(); }); },
              Throws<WorkerLost>(Property(&WorkerLost::signal, SIGABRT)));
  EXPECT_THAT(pool.map(square, std::views::iota(0, 10)), testing::SizeIs(10));
  pool.close();
  EXPECT_TRUE(pool.join(60s));
}

TEST_F(Deaths, OfTheItemsOfAMapOnlyThoseOfTheLostTaskFail) {
  Pool pool(2);
  const Queue<int> done;
  const auto result = pool.map_async(mp::bind(
                                         [](const Queue<int>& out, int n) {
                                           if (n == 50) die();
                                           out.put(n);
                                           return n;
                                         },
                                         done),
                                     std::views::iota(0, 100), {.chunksize = 1});
  EXPECT_THROW(result.get(60s), WorkerLost);
  EXPECT_EQ(done.qsize(), 99);
}

TEST_F(Deaths, ATaskIsTriedAgainAsOftenAsItIsAllowed) {
  Pool pool(1);
  const Value<int> tries(0);
  const auto die_twice = [](const Value<int>& count) {
    if (++count < 3) die();
    return count.get();
  };
  EXPECT_EQ(pool.apply_async(die_twice, std::tuple(tries), {.task = {.retries = 2}}).get(60s), 3);
  tries.set(0);
  EXPECT_THROW(pool.apply_async(die_twice, std::tuple(tries), {.task = {.retries = 1}}).get(60s),
               WorkerLost);
}

TEST_F(Deaths, IdleWorkersThatAreKilledAreReplaced) {
  Pool pool(3);
  for (int round = 0; round < 3; ++round) {
    const auto before = pool.worker_pids();
    for (const int pid : before) ::kill(pid, SIGKILL);
    EXPECT_TRUE(have_gone(before));
    EXPECT_THAT(pool.map(square, std::views::iota(0, 30), {.chunksize = 1}), testing::SizeIs(30));
  }
}

TEST_F(Deaths, WorkersThatEndBeforeTheyDoAnythingBreakThePool) {
  Pool pool({.processes = 2, .max_restarts = 5}, [] { ::_exit(9); });
  EXPECT_THAT([&] { pool.apply(square, 1); },
              ThrowsMessage<PoolBroken>(HasSubstr("without having done anything")));
}

TEST_F(Deaths, ALockOfADeadWorkerPassesOn) {
  Pool pool(2);
  const Lock lock;
  EXPECT_THROW(pool.apply(
                   [](const Lock& taken) {
                     taken.acquire();
                     die();
                   },
                   lock),
               WorkerLost);
  EXPECT_TRUE(pool.apply([](const Lock& taken) { return taken.acquire(60s); }, lock));
}

TEST_F(Deaths, ManyWorkersAreKilledDuringManyTasks) {
  constexpr int kTasks = 100'000;
  // It is no crash loop, though where workers start slowly it may look like one.
  Pool pool({.processes = 3, .max_restarts = kTasks});
  std::atomic<bool> is_done = false;
  int kills = 0;
  std::thread killer([&] {
    std::mt19937 random(static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
    while (!is_done) {
      const auto pids = pool.worker_pids();
      if (!pids.empty() && ::kill(pids[random() % pids.size()], SIGKILL) == 0) ++kills;
      std::this_thread::sleep_for(3ms);
    }
  });
  auto results = pool.imap([](int n) { return n + 1; }, std::views::iota(0, kTasks));
  int right = 0;
  int lost = 0;
  for (int n = 0; n < kTasks; ++n) {
    try {
      right += results.next(120s) == n + 1 ? 1 : 0;
    } catch (const WorkerLost&) {
      ++lost;
    }
  }
  is_done = true;
  killer.join();
  EXPECT_EQ(right + lost, kTasks);
  EXPECT_FALSE(results.next().has_value());
  RecordProperty("kills", kills);
  RecordProperty("lost", lost);
}

TEST_F(Deaths, EachRetriedTaskIsDoneThoughWorkersAreKilled) {
  Pool pool({.processes = 2, .max_restarts = 100'000});
  std::atomic<bool> is_done = false;
  std::thread killer([&] {
    while (!is_done) {
      for (const int pid : pool.worker_pids()) ::kill(pid, SIGKILL);
      std::this_thread::sleep_for(5ms);
    }
  });
  std::vector<int> expected(3000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(
      pool.map([](int n) { return n; }, expected, {.chunksize = 1, .task = {.retries = 1000}}),
      expected);
  is_done = true;
  killer.join();
}

}  // namespace
}  // namespace mp::test
