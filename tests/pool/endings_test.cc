#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <ranges>
#include <thread>
#include <vector>

#include "mp/local/queue.h"
#include "mp/pool.h"
#include "mp/process.h"
#include "mp/thread_pool.h"
#include "tests/fork/process_fixture.h"
#include "tests/pool/pool_contract.h"
#include "tests/pool/pool_processes.h"

// The end of a pool, and what it leaves to those who still wait.

namespace mp::test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

template <class Backend>
class Endings : public PoolContract<Backend> {};
using BothSorts = testing::Types<Processes<StartMethod::kFork>, Threads>;
TYPED_TEST_SUITE(Endings, BothSorts, NameOfBackend);

class EndingsOfProcesses : public ProcessTest {};

int get_from(const Queue<int>& in) { return in.get(); }

TYPED_TEST(Endings, AnImapGoesOnAfterCloseAlsoWhenNothingWasLeftToDo) {
  auto pool = this->make(2);
  auto results = pool.imap(square, std::views::iota(0, 20), {.buffersize = 1});
  EXPECT_EQ(results.next(), 0);
  pool.close();
  for (int i = 1; i < 20; ++i) EXPECT_EQ(results.next(60s), i * i);
  EXPECT_EQ(results.next(), std::nullopt);
}

TEST_F(EndingsOfProcesses, AWorkerThatEndsWhileTheClosedPoolHasNothingToDoIsReplaced) {
  Pool pool({.processes = 1, .maxtasksperchild = 1});
  auto results = pool.imap(square, std::views::iota(0, 5), {.buffersize = 1});
  pool.close();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(results.next(60s), i * i);
  EXPECT_TRUE(pool.join(60s));
}

TYPED_TEST(Endings, WhatAnImapHasNotReadWhenThePoolEndsIsAnError) {
  std::optional<Imap<int>> results;
  {
    auto pool = this->make(1);
    results = pool.imap(square, std::views::iota(0, 10), {.buffersize = 2});
  }
  EXPECT_EQ(results->next(), 0);
  EXPECT_EQ(results->next(60s), 1);
  EXPECT_THROW(results->next(60s), ValueError);
}

TYPED_TEST(Endings, AfterTerminateAnImapIsTerminated) {
  auto pool = this->make(1);
  auto results = pool.imap(square, std::views::iota(0, 10), {.buffersize = 1});
  EXPECT_EQ(results.next(), 0);
  pool.terminate();
  EXPECT_THROW(results.next(60s), PoolTerminated);
}

TEST_F(EndingsOfProcesses, WhatIsNotDoneInTimeIsTerminatedAtTheEndOfTheScope) {
  const Queue<int> never;
  std::optional<AsyncResult<int>> result;
  std::vector<int> workers;
  {
    Pool pool({.processes = 2, .drain_timeout = 1ms});
    workers = pool.worker_pids();
    result = pool.apply_async(get_from, never);
  }
  EXPECT_THROW(result->get(), PoolTerminated);
  EXPECT_TRUE(have_gone(workers));
}

TYPED_TEST(Endings, AResultOutlivesItsPool) {
  std::optional<AsyncResult<int>> result;
  {
    auto pool = this->make(1);
    result = pool.apply_async(square, 4);
  }
  EXPECT_EQ(result->get(), 16);
  EXPECT_FALSE(result->cancel());
}

TYPED_TEST(Endings, AJoinThatComesTooEarlyLeavesTheRestToTheOthers) {
  for (int round = 0; round < 20; ++round) {
    auto pool = this->make(1);
    const Queue<int> gate;
    const auto result = pool.apply_async(get_from, gate);
    pool.close();
    EXPECT_FALSE(pool.join(1ms));
    gate.put(round);
    EXPECT_EQ(result.get(60s), round);
  }
}

TYPED_TEST(Endings, SeveralThreadsMayEndAPoolAtOnce) {
  for (int round = 0; round < 10; ++round) {
    auto pool = this->make(2);
    const auto results = pool.map_async(square, std::views::iota(0, 200), {.chunksize = 1});
    pool.close();
    std::vector<std::thread> enders;
    enders.emplace_back([&] { EXPECT_TRUE(pool.join(60s)); });
    enders.emplace_back([&] { EXPECT_TRUE(pool.join(60s)); });
    enders.emplace_back([&] {
      if (round % 2 == 0) pool.terminate();
    });
    enders.emplace_back([&] { EXPECT_TRUE(results.wait(60s)); });
    for (std::thread& ender : enders) ender.join();
    EXPECT_TRUE(results.ready());
  }
}

TYPED_TEST(Endings, ACallbackMayEndThePool) {
  auto pool = this->make(1);
  const Queue<int> never;
  std::latch given(1);
  const auto first = pool.apply_async(square, std::tuple(2), {.callback = [&](int) {
                                        given.wait();
                                        pool.terminate();
                                      }});
  const auto second = pool.apply_async(square, 3);
  const auto third = pool.apply_async(square, 4);
  given.count_down();
  EXPECT_EQ(first.get(60s), 4);
  EXPECT_TRUE(second.wait(60s));
  EXPECT_TRUE(third.wait(60s));
  EXPECT_TRUE(pool.join(60s));
}

TYPED_TEST(Endings, ACallbackMayHaveTheLastHandleOfThePool) {
  using PoolType = typename TypeParam::Type;
  auto pool = std::make_shared<PoolType>(this->make(1));
  const Queue<int> gate;
  const auto result = pool->apply_async(get_from, std::tuple(gate),
                                        {.callback = [pool](int) { EXPECT_TRUE(pool); }});
  pool.reset();
  gate.put(7);
  EXPECT_EQ(result.get(60s), 7);
}

TEST_F(EndingsOfProcesses, APoolEndsBeforeThoseThatWereForkedAfterIt) {
  auto pool = std::make_unique<Pool>(1);
  Pool younger(1);
  const Queue<int> gate;
  Process child([&] { gate.get(); });
  child.start();
  pool.reset();
  EXPECT_EQ(younger.apply(square, 3), 9);
  gate.put(0);
  child.join();
}

// While a callback runs, the pool does not look at what its workers say.
TEST_F(EndingsOfProcesses, CancellingWhatIsDoneLeavesAloneWhatTheWorkerIsAt) {
  Pool pool(1);
  pool.map(square, std::views::iota(0, 500), {.chunksize = 1});  // they are short: many at once
  const Queue<int> begun;
  const Queue<int> gate;
  std::latch in_callback(1);
  std::latch may_go_on(1);
  const auto holder = pool.apply_async(square, std::tuple(1), {.callback = [&](int) {
                                         in_callback.count_down();
                                         may_go_on.wait();
                                       }});
  in_callback.wait();
  const auto done = pool.apply_async(square, 5);
  const auto running = pool.apply_async(
      [](const Queue<int>& out, const Queue<int>& in) {
        out.put(1);
        return in.get();
      },
      begun, gate);
  static_cast<void>(running);
  const auto short_one = pool.apply_async(square, 6);
  EXPECT_TRUE(done.cancel());
  EXPECT_THROW(done.get(60s), Cancelled);
  may_go_on.count_down();
  gate.put(8);
  EXPECT_EQ(running.get(60s), 8);
  EXPECT_EQ(short_one.get(60s), 36);
}

TEST_F(EndingsOfProcesses, APoolMayGrowAndShrinkBeforeItsWorkersHaveBegun) {
  Pool pool(1);
  for (int round = 0; round < 5; ++round) {
    pool.resize(6);
    const auto results = pool.map_async(square, std::views::iota(0, 50), {.chunksize = 1});
    pool.resize(1);
    pool.apply_async(square, 3).cancel();
    EXPECT_THAT(results.get(60s), testing::SizeIs(50));
  }
  pool.close();
  EXPECT_TRUE(pool.join(60s));
}

TEST_F(EndingsOfProcesses, InitializersThatDieSlowlyBreakThePoolToo) {
  Pool pool({.processes = 1, .max_restarts = 1}, [] {
    std::this_thread::sleep_for(1100ms);
    ::_exit(9);
  });
  EXPECT_THAT([&] { pool.apply(square, 1); },
              ThrowsMessage<PoolBroken>(HasSubstr("before their initializer had returned")));
}

}  // namespace
}  // namespace mp::test
