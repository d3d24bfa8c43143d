#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <tuple>

#include "mp/local/value.h"
#include "mp/pool.h"
#include "mp/task.h"
#include "mp/thread_pool.h"
#include "tests/fork/process_fixture.h"
#include "tests/pool/pool_contract.h"

// What the caller of apply() may say of its task.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

class Options : public ProcessTest {};

void pause_for_ever() {
  for (;;) ::pause();
}

TEST_F(Options, ApplyEndsWithTheTimeLimitOfItsTask) {
  Pool pool(1);
  const int before = pool.apply(::getpid);
  EXPECT_THROW(pool.apply(pause_for_ever, std::tuple(), {.time_limit = 30ms}), TimeLimitExceeded);
  EXPECT_NE(pool.apply(::getpid), before);
}

TEST_F(Options, ApplyTriesAgainAsOftenAsItMay) {
  Pool pool(1);
  const Value<int> tries(0);
  const auto die_twice = [](const Value<int>& count) {
    if (++count < 3) ::raise(SIGKILL);
    return count.get();
  };
  EXPECT_EQ(pool.apply(die_twice, std::tuple(tries), {.retries = 2}), 3);
}

TEST_F(Options, ATaskOfApplySeesItsSoftTimeLimit) {
  Pool pool(1);
  const auto wait = [] {
    while (!this_task::stop_requested()) std::this_thread::sleep_for(1ms);
    return 5;
  };
  EXPECT_EQ(pool.apply(wait, std::tuple(), {.soft_time_limit = 20ms}), 5);
}

TEST_F(Options, AThreadHasNoHardTimeLimit) {
  ThreadPool pool(1);
  EXPECT_THROW(pool.apply(square, std::tuple(3), {.time_limit = 60s}), ValueError);
  EXPECT_EQ(pool.apply(square, 3), 9);
}

}  // namespace
}  // namespace mp::test
