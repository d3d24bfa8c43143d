#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <ranges>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "mp/local/queue.h"
#include "mp/pool.h"
#include "tests/fork/process_fixture.h"
#include "tests/pool/pool_contract.h"

// What becomes of a task that runs: it throws, it takes too long, nobody wants it any more.

namespace mp::test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

class RunningTasks : public ProcessTest {};

[[gnu::noinline]] int fall(int depth) {
  if (depth == 0) throw std::length_error("too deep");
  return fall(depth - 1) + 1;
}

TEST_F(RunningTasks, AnExceptionTellsWhereItWasThrown) {
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

TEST_F(RunningTasks, AnExceptionOfTheProgramsOwnComesAsItsNearestBase) {
  Pool pool(1);
  EXPECT_THAT([&] { pool.apply([] { throw Unheard("of"); }); },
              ThrowsMessage<std::runtime_error>("of"));
  EXPECT_THAT([&] { pool.apply([] { throw 7; }); }, ThrowsMessage<TaskError>(HasSubstr("int")));
}

TEST_F(RunningTasks, TerminateAnswersThoseWhoWaitInGet) {
  Pool pool(1);
  const Queue<int> never;
  const auto result = pool.apply_async([](const Queue<int>& in) { return in.get(); }, never);
  std::thread waiter([&] { EXPECT_THROW(result.get(), PoolTerminated); });
  pool.terminate();
  waiter.join();
}

TEST_F(RunningTasks, ATaskThatRunsTooLongIsEndedWithItsWorker) {
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

TEST_F(RunningTasks, AMapMayHaveATimeLimitForEachTask) {
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

TEST_F(RunningTasks, ATaskThatRunsCanBeCancelled) {
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

}  // namespace
}  // namespace mp::test
