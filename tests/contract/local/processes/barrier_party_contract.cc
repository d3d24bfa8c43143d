#include <thread>

#include "mp/errors.h"
#include "tests/contract/local/processes/deadly_contract.h"
#include "tests/fork/asleep.h"

// Parties that are killed.

namespace mp::contract {
namespace {

class LocalBarrierParties : public DeadlyContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalBarrierParties, testing::ValuesIn(all_ways()), name_of_param);

// The action of a barrier is its maker's, and goes to children that are forked.
using LocalBarrierForkedParties = LocalFixture;

void wait_for_others(const Barrier& barrier) { barrier.wait(kLong); }

TEST_P(LocalBarrierParties, IsBrokenByTheDeathOfAPartyThatWaits) {
  const Barrier three(3);
  Process doomed = started(wait_for_others, three);
  while (three.n_waiting() < 1) std::this_thread::yield();
  test::WaitingThread other([&] { EXPECT_THROW(three.wait(kLong), BrokenBarrierError); });
  doomed.kill();
  other.join();
  doomed.join();
  EXPECT_EQ(three.n_waiting(), 0U);
  EXPECT_TRUE(three.broken());
  three.reset();
  EXPECT_FALSE(three.broken());
}

TEST_P(LocalBarrierParties, IsNotPassedWithTheDead) {
  const Barrier pair(2);
  Process doomed = started(wait_for_others, pair);
  while (pair.n_waiting() < 1) std::this_thread::yield();
  kill(doomed);
  EXPECT_THROW(pair.wait(kLong), BrokenBarrierError);
  EXPECT_TRUE(pair.broken());
}

TEST_F(LocalBarrierForkedParties, IsBrokenByTheDeathOfWhoRunsItsAction) {
  const Event begun;
  const Barrier acting(2, [&] {
    begun.set();
    Event().wait();
  });
  test::WaitingThread other([&] { EXPECT_THROW(acting.wait(kLong), BrokenBarrierError); });
  Process doomed([&] { wait_for_others(acting); });
  doomed.start();
  ASSERT_TRUE(begun.wait(kLong));
  EXPECT_FALSE(other.is_done()) << "nobody goes on before the action is done";
  doomed.kill();
  other.join();
  doomed.join();
}

}  // namespace
}  // namespace mp::contract
