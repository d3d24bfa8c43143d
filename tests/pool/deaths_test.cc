#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <random>
#include <ranges>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "mp/current_process.h"
#include "mp/local/connection.h"
#include "mp/local/lock.h"
#include "mp/local/queue.h"
#include "mp/local/value.h"
#include "mp/pool.h"
#include "mp/process.h"
#include "tests/fork/process_fixture.h"
#include "tests/pool/pool_contract.h"

// Where Python's pool hangs, and what else can die.

namespace mp::test {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

class Deaths : public ProcessTest {};

void die() { ::raise(SIGKILL); }

// The process ids of those whose parent this is.
std::vector<int> children_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  std::vector<int> children;
  for (int child = 0; file >> child;) children.push_back(child);
  return children;
}

// The zygote of this process's only pool.
int zygote_pid() {
  const auto children = children_of(::getpid());
  EXPECT_THAT(children, testing::SizeIs(1));
  return children.at(0);
}

bool lives(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t end = text.rfind(')');
  return end != std::string::npos && text.at(end + 2) != 'Z' && text.at(end + 2) != 'X';
}

// False if they are still there after a minute.
bool have_gone(const std::vector<int>& pids) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (std::ranges::any_of(pids, lives)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

[[gnu::noinline]] int fall(int depth) {
  if (depth == 0) throw std::length_error("too deep");
  return fall(depth - 1) + 1;
}

TEST_F(Deaths, AnExceptionTellsWhereItWasThrown) {
  Pool pool(1);
  try {
    pool.apply([](int depth) { return fall(depth) * 2; }, 3);
    FAIL() << "nothing was thrown";
  } catch (const std::length_error& error) {
    const auto& remote = dynamic_cast<const RaisedInWorker&>(error);
    EXPECT_EQ(remote.type_name(), "std::length_error");
    EXPECT_EQ(remote.process_name(), "ForkPoolWorker-1");
    EXPECT_EQ(remote.pid(), pool.worker_pids().at(0));
    // The throw, what called it, and nothing of the pool's own.
    EXPECT_THAT(remote.stack_trace(), testing::StartsWith("  #0 "));
    EXPECT_THAT(remote.stack_trace(), HasSubstr("  #2 "));
    EXPECT_THAT(remote.stack_trace(), testing::Not(HasSubstr("worker_main")));
  }
}

class Unheard : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

TEST_F(Deaths, AnExceptionOfTheProgramsOwnComesAsItsNearestBase) {
  Pool pool(1);
  EXPECT_THAT([&] { pool.apply([] { throw Unheard("of"); }); },
              ThrowsMessage<std::runtime_error>("of"));
  EXPECT_THAT([&] { pool.apply([] { throw 7; }); }, ThrowsMessage<TaskError>(HasSubstr("int")));
}

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

TEST_F(Deaths, WorkersEndWithTheirProcessHoweverThatEnds) {
  for (const StartMethod method : get_all_start_methods()) {
    auto [mine, theirs] = mp::Pipe();
    Process owner([&, its = theirs] {
      const Pool pool({.processes = 3, .start_method = method});
      its.send(pool.worker_pids());
      its.recv<int>();
    });
    owner.start();
    const auto workers = mine.recv<std::vector<int>>();
    EXPECT_THAT(workers, Each(testing::Gt(0)));
    owner.kill();
    owner.join();
    EXPECT_TRUE(have_gone(workers)) << method;
  }
}

TEST_F(Deaths, TheDeathOfTheHelperFailsWhatIsOutstanding) {
  Pool pool(2);
  const Queue<int> never;
  const auto result = pool.apply_async([](const Queue<int>& in) { return in.get(); }, never);
  const auto workers = pool.worker_pids();
  ::kill(zygote_pid(), SIGKILL);
  EXPECT_THAT([&] { result.get(60s); }, ThrowsMessage<PoolBroken>(HasSubstr("helper")));
  EXPECT_TRUE(have_gone(workers));
  EXPECT_THROW(pool.apply(square, 1), PoolBroken);
}

TEST_F(Deaths, AHelperThatDiesUnnoticedIsFoundOutByTheNextCall) {
  Pool pool(2);
  EXPECT_EQ(pool.apply(square, 3), 9);
  const int zygote = zygote_pid();
  ::kill(zygote, SIGKILL);
  EXPECT_TRUE(have_gone({zygote}));
  EXPECT_THROW(pool.apply(square, 3), PoolBroken);
}

TEST_F(Deaths, TerminateAnswersThoseWhoWaitInGet) {
  Pool pool(1);
  const Queue<int> never;
  const auto result = pool.apply_async([](const Queue<int>& in) { return in.get(); }, never);
  std::thread waiter([&] { EXPECT_THROW(result.get(), PoolTerminated); });
  pool.terminate();
  waiter.join();
}

TEST_F(Deaths, ATaskThatRunsTooLongIsEndedWithItsWorker) {
  Pool pool(1);
  const int before = pool.apply(::getpid);
  const auto result = pool.apply_async(
      [] {
        for (;;) ::pause();
      },
      std::tuple(), {.task = {.time_limit = 30ms}});
  EXPECT_THROW(result.get(60s), TimeLimitExceeded);
  EXPECT_NE(pool.apply(::getpid), before);
}

TEST_F(Deaths, AMapMayHaveATimeLimitForEachTask) {
  Pool pool(2);
  const auto pause_at_three = [](int n) {
    if (n == 3) ::pause();
    return n;
  };
  const auto call = [&] {
    pool.map(pause_at_three, std::views::iota(0, 8),
             {.chunksize = 1, .task = {.time_limit = 200ms}});
  };
  EXPECT_THROW(call(), TimeLimitExceeded);
}

TEST_F(Deaths, ATaskThatRunsCanBeCancelled) {
  Pool pool(1);
  const Queue<int> begun;
  const auto result = pool.apply_async(
      [](const Queue<int>& out) {
        out.put(1);
        for (;;) ::pause();
      },
      begun);
  begun.get();
  const auto waiting = pool.apply_async(square, 5);
  EXPECT_TRUE(result.cancel());
  EXPECT_THROW(result.get(60s), Cancelled);
  EXPECT_EQ(waiting.get(60s), 25);
}

TEST_F(Deaths, WorkersThatEndBeforeTheyDoAnythingBreakThePool) {
  Pool pool({.processes = 2, .max_restarts = 5}, [] { ::_exit(9); });
  EXPECT_THAT([&] { pool.apply(square, 1); },
              ThrowsMessage<PoolBroken>(HasSubstr("without having done anything")));
}

TEST_F(Deaths, CtrlCEndsTheProgramAndItsWorkers) {
  auto [mine, theirs] = mp::Pipe();
  Process owner([its = theirs] {
    ::setpgid(0, 0);
    Pool pool(2);
    its.send(pool.worker_pids());
    pool.map([](int) { ::pause(); }, std::views::iota(0, 8));
  });
  owner.start();
  const auto workers = mine.recv<std::vector<int>>();
  ::kill(-*owner.pid(), SIGINT);
  owner.join();
  EXPECT_EQ(owner.exitcode(), -SIGINT);
  EXPECT_TRUE(have_gone(workers));
}

TEST_F(Deaths, APoolThatNobodyEndedEndsWithTheProgram) {
  const int code = exitcode_of([] {
    auto* const pool = new Pool(2);
    EXPECT_EQ(pool->apply(square, 3), 9);
  });
  EXPECT_EQ(code, 0);
}

TEST_F(Deaths, AChildHasNothingOfItsParentsPool) {
  Pool pool(1);
  EXPECT_EQ(in_child([&] {
              try {
                return std::to_string(pool.apply(square, 2));
              } catch (const ProcessError& error) {
                return std::string(error.what()).substr(0, 17);
              }
            }),
            "this pool belongs");
  EXPECT_EQ(pool.apply(square, 2), 4);
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
    std::mt19937 random(testing::UnitTest::GetInstance()->random_seed());
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
