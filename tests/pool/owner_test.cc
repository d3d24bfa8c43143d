#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ranges>
#include <string>
#include <vector>

#include "mp/local/connection.h"
#include "mp/local/queue.h"
#include "mp/pool.h"
#include "mp/process.h"
#include "tests/fork/process_fixture.h"
#include "tests/pool/pool_contract.h"
#include "tests/pool/pool_processes.h"

// The end of the pool's process, and of its helper.

namespace mp::test {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

class Owner : public ProcessTest {};

TEST_F(Owner, WorkersEndWithTheirProcessHoweverThatEnds) {
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

TEST_F(Owner, TheDeathOfTheHelperFailsWhatIsOutstanding) {
  Pool pool(2);
  const Queue<int> never;
  const auto result = pool.apply_async([](const Queue<int>& in) { return in.get(); }, never);
  const auto workers = pool.worker_pids();
  ::kill(zygote_pid(), SIGKILL);
  EXPECT_THAT([&] { result.get(60s); }, ThrowsMessage<PoolBroken>(HasSubstr("helper")));
  EXPECT_TRUE(have_gone(workers));
  EXPECT_THROW(pool.apply(square, 1), PoolBroken);
}

TEST_F(Owner, AHelperThatDiesUnnoticedIsFoundOutByTheNextCall) {
  Pool pool(2);
  EXPECT_EQ(pool.apply(square, 3), 9);
  const int zygote = zygote_pid();
  ::kill(zygote, SIGKILL);
  EXPECT_TRUE(have_gone({zygote}));
  EXPECT_THROW(pool.apply(square, 3), PoolBroken);
}

TEST_F(Owner, CtrlCEndsTheProgramAndItsWorkers) {
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

TEST_F(Owner, APoolThatNobodyEndedEndsWithTheProgram) {
  const int code = exitcode_of([] {
    auto* const pool = new Pool(2);
    EXPECT_EQ(pool->apply(square, 3), 9);
  });
  EXPECT_EQ(code, 0);
}

TEST_F(Owner, AChildHasNothingOfItsParentsPool) {
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

}  // namespace
}  // namespace mp::test
