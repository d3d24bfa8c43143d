#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <stdexcept>
#include <thread>

#include "client_lib/local/shared/memory.h"
#include "mp/errors.h"
#include "mp/local/barrier.h"
#include "mp/local/event.h"
#include "tests/contract/local/local_contract.h"
#include "tests/fork/asleep.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::MatchesRegex;

constexpr std::size_t kParties = 5;

class LocalBarrierContract : public LocalContract {
 protected:
  // What the parties count, in memory of all.
  struct Counts {
    std::atomic<std::size_t> before = 0;
    std::atomic<std::size_t> after = 0;
    std::atomic<std::size_t> passed = 0;
    std::atomic<std::size_t> broken = 0;
    std::atomic<std::size_t> again = 0;
    std::atomic<std::size_t> rounds[kParties] = {};
  };

  static void all(const std::function<void(int)>& party) {
    LocalContract::all(static_cast<int>(kParties), party);
  }
  // True if the wait ended with all parties there.
  static bool passes(const Barrier& b, TimeLimit timeout = kLong) {
    try {
      b.wait(timeout);
      return true;
    } catch (const BrokenBarrierError&) {
      return false;
    }
  }
  void pass_or_break() { ++(passes(barrier) ? counts.passed : counts.broken); }
  void pass_in_lockstep(std::size_t rounds) {
    all([&](int) {
      demand(barrier.parties() == kParties, "parties");
      for (std::size_t i = 0; i < rounds; ++i) {
        ++counts.before;
        demand(counts.after == i * kParties, "nobody is a round ahead");
        barrier.wait();
        ++counts.after;
        demand(counts.before == (i + 1) * kParties, "nobody is a round behind");
        barrier.wait();
      }
    });
    EXPECT_EQ(barrier.n_waiting(), 0U);
    EXPECT_FALSE(barrier.broken());
  }

  Barrier barrier = Barrier(kParties, {}, kLong);
  internal::Block block = internal::Block::make(sizeof(Counts));
  Counts& counts = internal::construct_in<Counts>(block);
};

TEST_F(LocalBarrierContract, IsPassedInLockstep) { pass_in_lockstep(1); }

TEST_F(LocalBarrierContract, IsPassedInLockstepTenTimes) { pass_in_lockstep(10); }

TEST_F(LocalBarrierContract, NumbersItsPartiesInEachRound) {
  all([&](int) {
    for (int round = 1; round <= 20; ++round) {
      counts.rounds[barrier.wait()] += 1;
      barrier.wait();
      for (const auto& numbered : counts.rounds)
        demand(numbered == static_cast<std::size_t>(round), "each number once a round");
      barrier.wait();
    }
  });
}

TEST_F(LocalBarrierContract, RunsItsActionOnceAndBeforeAnybodyGoesOn) {
  const Barrier acting(kParties, [&] { ++counts.before; });
  all([&](int) {
    acting.wait(kLong);
    demand(counts.before == 1, "the action ran once");
  });
  EXPECT_EQ(counts.before, 1U);
}

TEST_F(LocalBarrierContract, BreaksWhenItsActionFails) {
  const Barrier failing(2, [] { throw std::runtime_error("no start"); });
  test::WaitingThread other([&] { EXPECT_THROW(failing.wait(kLong), BrokenBarrierError); });
  EXPECT_THROW(failing.wait(kLong), std::runtime_error);
  other.join();
  EXPECT_TRUE(failing.broken());
  EXPECT_THROW(failing.wait(), BrokenBarrierError);
}

TEST_F(LocalBarrierContract, IsBrokenForAllByAnAbort) {
  all([&](int) {
    if (barrier.wait() == kParties / 2) {
      barrier.abort();
    } else {
      pass_or_break();
    }
  });
  EXPECT_EQ(counts.passed, 0U);
  EXPECT_EQ(counts.broken, kParties - 1);
  EXPECT_TRUE(barrier.broken());
  EXPECT_THROW(barrier.wait(), BrokenBarrierError);
  EXPECT_THROW(barrier.wait(0s), BrokenBarrierError);
}

TEST_F(LocalBarrierContract, IsWholeAndEmptyAfterAReset) {
  all([&](int) {
    if (barrier.wait() == kParties / 2) {
      while (barrier.n_waiting() < kParties - 1) std::this_thread::yield();
      barrier.reset();
    } else {
      pass_or_break();
    }
    barrier.wait();
    ++counts.again;
  });
  EXPECT_EQ(counts.passed, 0U);
  EXPECT_EQ(counts.broken, kParties - 1);
  EXPECT_EQ(counts.again, kParties);
  EXPECT_FALSE(barrier.broken());
}

TEST_F(LocalBarrierContract, IsUsedAgainAfterAnAbortAndAReset) {
  const Barrier between(kParties);
  all([&](int) {
    if (barrier.wait() == kParties / 2) {
      barrier.abort();
    } else {
      pass_or_break();
    }
    if (between.wait(kLong) == kParties / 2) barrier.reset();
    between.wait(kLong);
    barrier.wait();
    ++counts.again;
  });
  EXPECT_EQ(counts.passed, 0U);
  EXPECT_EQ(counts.broken, kParties - 1);
  EXPECT_EQ(counts.again, kParties);
}

TEST_F(LocalBarrierContract, IsBrokenForAllByAPartyWhoseTimeRanOut) {
  const Event over;
  all([&](int) {
    const bool late = barrier.wait() == kParties / 2;
    if (late) demand(over.wait(kLong), "somebody's time ran out");
    if (passes(barrier, 50ms)) return;
    ++counts.broken;
    over.set();
  });
  EXPECT_EQ(counts.broken, kParties);
  EXPECT_TRUE(barrier.broken());
}

TEST_F(LocalBarrierContract, HasATimeOfItsOwnForWaitsThatHaveNone) {
  const Barrier quick(2, {}, 1ms);
  EXPECT_THROW(quick.wait(), BrokenBarrierError);
  quick.reset();
  test::WaitingThread patient([&] { EXPECT_EQ(quick.wait(None), 0U); });
  EXPECT_EQ(quick.wait(), 1U) << "the last one finds nobody missing";
  patient.join();
}

TEST_F(LocalBarrierContract, IsPassedAloneByASingleParty) {
  const Barrier single(1);
  EXPECT_EQ(single.wait(), 0U);
  EXPECT_EQ(single.wait(), 0U);
  EXPECT_EQ(single.wait(0s), 0U);
}

TEST_F(LocalBarrierContract, IsPassedAThousandTimes) {
  constexpr std::size_t kRounds = 1000;
  all([&](int party) {
    for (std::size_t i = 0; i < kRounds; ++i) {
      counts.rounds[party] = i;
      barrier.wait();
      for (const auto& others : counts.rounds)
        demand(others == i || others == i + 1, "a round apart");
    }
  });
  for (const auto& round : counts.rounds) EXPECT_EQ(round, kRounds - 1);
}

TEST_F(LocalBarrierContract, IsTakenInTurnsByMoreThanItsParties) {
  const Barrier pair(2);
  LocalContract::all(6, [&](int) {
    while (counts.before++ < 300) {  // an even number: nobody is left alone
      pair.wait(kLong);
      ++counts.passed;
    }
  });
  EXPECT_EQ(counts.passed, 300U);
  EXPECT_EQ(pair.n_waiting(), 0U);
}

TEST_F(LocalBarrierContract, IsResetByAChild) {
  barrier.abort();
  elsewhere([&] { barrier.reset(); });
  EXPECT_FALSE(barrier.broken());
}

TEST_F(LocalBarrierContract, IsRefusedForNobody) {
  EXPECT_THROW(Barrier(0), ValueError);
  EXPECT_THROW(Barrier(-1), ValueError);
  EXPECT_THROW(Barrier(std::numeric_limits<std::int64_t>::max()), ValueError);
}

TEST_F(LocalBarrierContract, IsBrokenByTheDeathOfAPartyThatWaits) {
  const Barrier three(3);
  Process doomed([&] { passes(three); });
  doomed.start();
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

TEST_F(LocalBarrierContract, IsNotPassedWithTheDead) {
  const Barrier pair(2);
  Process doomed([&] { passes(pair); });
  doomed.start();
  while (pair.n_waiting() < 1) std::this_thread::yield();
  doomed.kill();
  doomed.join();
  EXPECT_THROW(pair.wait(kLong), BrokenBarrierError);
  EXPECT_TRUE(pair.broken());
}

TEST_F(LocalBarrierContract, IsBrokenByTheDeathOfWhoRunsItsAction) {
  const Event begun;
  const Barrier acting(2, [&] {
    begun.set();
    Event().wait();
  });
  test::WaitingThread other([&] { EXPECT_THROW(acting.wait(kLong), BrokenBarrierError); });
  Process doomed([&] { passes(acting); });
  doomed.start();
  ASSERT_TRUE(begun.wait(kLong));
  EXPECT_FALSE(other.is_done()) << "nobody goes on before the action is done";
  doomed.kill();
  other.join();
  doomed.join();
}

TEST_F(LocalBarrierContract, PrintsAsInPython) {
  EXPECT_THAT(printed(barrier), MatchesRegex("<Barrier at 0x[0-9a-f]+: waiters=0/5>"));
  barrier.abort();
  EXPECT_THAT(printed(barrier), MatchesRegex("<Barrier at 0x[0-9a-f]+: broken>"));
}

}  // namespace
}  // namespace mp::contract
