#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <new>
#include <numeric>
#include <ranges>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "mp/context.h"
#include "mp/current_process.h"
#include "mp/local/connection.h"
#include "mp/local/lock.h"
#include "mp/local/queue.h"
#include "mp/local/value.h"
#include "mp/pool.h"
#include "mp/process.h"
#include "tests/fork/process_fixture.h"
#include "tests/fork/sanitized.h"
#include "tests/pool/pool_contract.h"
#include "tests/pool/pool_processes.h"

// What workers are, and how many.

namespace mp::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;
using namespace std::chrono_literals;

class Workers : public ProcessTest {};

TEST_F(Workers, HaveNamesAndTheProcessOfThePoolForAParent) {
  Pool pool(1);
  EXPECT_EQ(pool.apply([] { return current_process().name(); }), "ForkPoolWorker-1");
  EXPECT_EQ(pool.apply([] { return parent_process()->pid(); }), ::getpid());
  EXPECT_EQ(pool.apply([] { return parent_process()->name(); }), current_process().name());
  Pool spawned({.processes = 1, .start_method = StartMethod::kSpawn});
  EXPECT_EQ(spawned.apply([] { return current_process().name(); }), "SpawnPoolWorker-1");
  EXPECT_EQ(spawned.apply([] { return parent_process()->pid(); }), ::getpid());
}

TEST_F(Workers, AreAsManyAsProcessorsUnlessSaid) {
  const Pool pool;
  EXPECT_EQ(pool.processes(), static_cast<std::size_t>(cpu_count()));
  EXPECT_THAT(pool.worker_pids(), SizeIs(pool.processes()));
}

TEST_F(Workers, AreReplacedAfterSoManyTasks) {
  Pool pool({.processes = 2, .maxtasksperchild = 10});
  std::set<int> pids;
  const auto pid_of = [](int) { return ::getpid(); };
  for (const int pid : pool.map(pid_of, std::views::iota(0, 100), {.chunksize = 1}))
    pids.insert(pid);
  EXPECT_GE(pids.size(), 10U);
  const auto chunks = pool.map(pid_of, std::views::iota(0, 100), {.chunksize = 50});
  EXPECT_THAT(chunks, SizeIs(100));
}

TEST_F(Workers, AreReplacedAlsoWhileThePoolIsClosing) {
  Pool pool({.processes = 3, .maxtasksperchild = 1});
  std::vector<AsyncResult<int>> results;
  for (int i = 0; i < 6; ++i) results.push_back(pool.apply_async(square, i));
  pool.close();
  EXPECT_TRUE(pool.join(60s));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), i * i);
}

TEST_F(Workers, DoAtLeastOneTask) {
  EXPECT_THROW(Pool({.processes = 1, .maxtasksperchild = 0}), ValueError);
  EXPECT_THROW(Pool({.processes = 1, .maxtasksperchild = -1}), ValueError);
}

TEST_F(Workers, AreReplacedWhenTheyHaveGrown) {
  Pool pool({.processes = 1, .max_memory_growth = std::size_t{16} << 20U});
  const int first = pool.apply(::getpid);
  EXPECT_EQ(pool.apply(::getpid), first);
  const auto leak = [] {
    static std::vector<std::vector<char>> leaked;
    leaked.emplace_back(std::size_t{64} << 20U, 'x');
    return ::getpid();
  };
  EXPECT_EQ(pool.apply(leak), first);
  EXPECT_NE(pool.apply(::getpid), first);
}

TEST_F(Workers, CanBecomeMoreAndFewer) {
  Pool pool(1);
  pool.resize(4);
  EXPECT_EQ(pool.processes(), 4U);
  const Queue<int> arrivals;
  const Queue<int> gate;
  const auto meet = [](const std::pair<Queue<int>, Queue<int>>& queues) {
    queues.first.put(1);
    return queues.second.get();
  };
  const auto met =
      pool.map_async(meet, std::vector(4, std::pair(arrivals, gate)), {.chunksize = 1});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(arrivals.get(60s), 1);
  gate.put_many({1, 2, 3, 4});
  met.get(60s);
  pool.resize(2);
  EXPECT_THAT(pool.map(square, std::views::iota(0, 100), {.chunksize = 1}), SizeIs(100));
  EXPECT_THROW(pool.resize(0), ValueError);
  pool.close();
  EXPECT_THROW(pool.resize(3), ValueError);
}

TEST_F(Workers, MayHavePoolsOfTheirOwn) {
  Pool pool(2);
  const auto sum_of_squares = [](int n) {
    Pool inner(2);
    const auto squares = inner.map(square, std::views::iota(0, n));
    return std::accumulate(squares.begin(), squares.end(), 0);
  };
  EXPECT_THAT(pool.map(sum_of_squares, std::vector<int>{3, 4}), ElementsAre(5, 14));
}

TEST_F(Workers, OfAPoolInAWorkerEndWithIt) {
  Pool pool(1);
  const Queue<int> pids;
  const auto make_pool_and_die = [](const Queue<int>& out) {
    const Pool inner(2);
    for (const int pid : inner.worker_pids()) out.put(pid);
    ::raise(SIGKILL);
  };
  EXPECT_THROW(pool.apply(make_pool_and_die, pids), WorkerLost);
  EXPECT_TRUE(have_gone({pids.get(60s), pids.get(60s)}));
}

TEST_F(Workers, WithoutEnoughMemoryFailTheirTaskAlone) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer ends the process";
  Pool pool(1);
  const int worker = pool.apply(::getpid);
  const auto take_more_than_there_is = [] { return std::vector<char>(1ULL << 60U).size(); };
  EXPECT_THROW(pool.apply(take_more_than_there_is), std::bad_alloc);
  EXPECT_EQ(pool.apply(::getpid), worker);
}

TEST_F(Workers, OfAPoolInAChildWork) {
  EXPECT_EQ(in_child([] {
              Pool pool(2);
              return std::to_string(pool.apply(square, 6));
            }),
            "36");
}

TEST_F(Workers, OfADaemonWorkToo) {
  const Queue<int> answer;
  Process daemon({.daemon = true}, [&] {
    Pool pool(1);
    answer.put(pool.apply(square, 5));
  });
  daemon.start();
  EXPECT_EQ(answer.get(60s), 25);
  daemon.join();
}

TEST_F(Workers, TakeLocalObjectsForArgumentsAndResults) {
  Pool pool(2);
  const Value<int> total(0);
  const Lock lock;
  const auto add = [](const Lock& guard, const Value<int>& sum, int n) {
    const std::scoped_lock held(guard);
    sum.set(sum.get() + n);
  };
  pool.map(mp::bind(add, lock, total), std::views::iota(0, 100), {.chunksize = 1});
  EXPECT_EQ(total.get(), 4950);
  const auto made = pool.apply([] {
    const Queue<int> queue;
    queue.put(9);
    return queue;
  });
  EXPECT_EQ(made.get(60s), 9);
}

TEST_F(Workers, TakeAndGiveLargeData) {
  Pool pool(2);
  std::vector<double> numbers(1U << 20U);
  std::iota(numbers.begin(), numbers.end(), 0);
  const auto doubled = [](std::vector<double> given) {
    for (double& number : given) number *= 2;
    return given;
  };
  for (int round = 0; round < 4; ++round) {
    numbers = pool.apply(doubled, numbers);
    EXPECT_EQ(numbers[7], 7 * std::pow(2, round + 1));
    EXPECT_EQ(numbers.size(), 1U << 20U);
  }
  const std::vector<std::vector<double>> many(6, numbers);
  EXPECT_EQ(pool.map(doubled, many, {.chunksize = 1}).at(5)[1], 2 * numbers[1]);
}

TEST_F(Workers, AreLeftNoneOfIfNotAllCanBeStarted) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const auto open = open_descriptors().size();
  rlimit few = before;
  few.rlim_cur = static_cast<rlim_t>(open + 20);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  EXPECT_ANY_THROW(Pool(100));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST_F(Workers, CanBeMany) {
  Pool pool(100);
  EXPECT_THAT(pool.map(square, std::views::iota(0, 1000), {.chunksize = 1}), SizeIs(1000));
}

TEST_F(Workers, HelpWhereStandardInputIsClosed) {
  EXPECT_EQ(in_child([] {
              ::close(STDIN_FILENO);
              Pool pool(1);
              return std::to_string(pool.apply(square, 7));
            }),
            "49");
}

TEST_F(Workers, RunTheirHandlersAtTheirEnd) {
  const Queue<std::string> said;
  {
    Pool pool(1);
    pool.apply([](const Queue<std::string>& out) { at_exit([out] { out.put("good bye"); }); },
               said);
  }
  EXPECT_EQ(said.get_nowait(), "good bye");
}

TEST_F(Workers, ComeOutOfAContextToo) {
  Pool pool = get_context("forkserver").pool(2);
  EXPECT_EQ(pool.apply([] { return current_process().name(); }).substr(0, 21),
            "ForkServerPoolWorker-");
}

}  // namespace
}  // namespace mp::test
