#include <string>

#include "tests/contract/local/local_contract.h"

// What local objects print, as in Python; a manager's print nothing of their state, which would be
// a round trip.

namespace mp::contract {
namespace {

using testing::MatchesRegex;

class LocalPrinting : public LocalFixture {};

class LocalPrintingInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalPrintingInProcesses, testing::ValuesIn(all_ways()),
                         name_of_param);

TEST_F(LocalPrinting, ALockShowsItsOwner) {
  const Lock lock;
  EXPECT_EQ(printed(lock), "<Lock(owner=None)>");
  lock.acquire();
  EXPECT_EQ(printed(lock), "<Lock(owner=" + std::string(kMainName) + ")>");
}

TEST_F(LocalPrinting, AnRLockShowsItsOwnerAndHowOftenItIsHeld) {
  const RLock lock;
  EXPECT_EQ(printed(lock), "<RLock(None, 0)>");
  lock.acquire();
  lock.acquire();
  EXPECT_EQ(printed(lock), "<RLock(" + std::string(kMainName) + ", 2)>");
}

template <class L>
void hold(int /*party*/, const L& lock, const Event& held, const Event& enough) {
  lock.acquire();
  held.set();
  demand(enough.wait(kLong), "told to release");
  lock.release();
}

TEST_P(LocalPrintingInProcesses, TheOwnerMayBeAnother) {
  const Lock lock;
  const RLock rlock;
  const Event held;
  const Event rheld;
  const Event enough;
  Parties owner = parties(1, hold<Lock>, lock, held, enough);
  Parties rowner = parties(1, hold<RLock>, rlock, rheld, enough);
  ASSERT_TRUE(held.wait(kLong));
  ASSERT_TRUE(rheld.wait(kLong));
  EXPECT_THAT(printed(lock), MatchesRegex("<Lock\\(owner=" + std::string(kChildNames) + "\\)>"));
  EXPECT_THAT(printed(rlock), MatchesRegex("<RLock\\(" + std::string(kChildNames) + ", 1\\)>"));
  enough.set();
}

TEST_F(LocalPrinting, SemaphoresShowTheirPermits) {
  EXPECT_EQ(printed(Semaphore(3)), "<Semaphore(value=3)>");
  const BoundedSemaphore seats(2);
  seats.acquire();
  EXPECT_EQ(printed(seats), "<BoundedSemaphore(value=1, maxvalue=2)>");
}

TEST_F(LocalPrinting, AConditionShowsItsLockAndWhoWaits) {
  EXPECT_EQ(printed(Condition()), "<Condition(<RLock(None, 0)>, 0)>");
  EXPECT_EQ(printed(Condition(Lock())), "<Condition(<Lock(owner=None)>, 0)>");
}

TEST_F(LocalPrinting, AnEventShowsWhetherItIsSet) {
  const Event event;
  EXPECT_THAT(printed(event), MatchesRegex("<Event at 0x[0-9a-f]+ unset>"));
  event.set();
  EXPECT_THAT(printed(event), MatchesRegex("<Event at 0x[0-9a-f]+ set>"));
}

TEST_F(LocalPrinting, ABarrierShowsItsWaiters) {
  const Barrier barrier(5);
  EXPECT_THAT(printed(barrier), MatchesRegex("<Barrier at 0x[0-9a-f]+: waiters=0/5>"));
  barrier.abort();
  EXPECT_THAT(printed(barrier), MatchesRegex("<Barrier at 0x[0-9a-f]+: broken>"));
}

}  // namespace
}  // namespace mp::contract
