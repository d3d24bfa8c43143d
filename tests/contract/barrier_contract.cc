#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr std::size_t kParties = 5;

class BarrierContract : public Managers {
 protected:
  // All parties do this, in processes and threads.
  void all(const std::function<void()>& party) {
    Crowd(GetParam(), static_cast<int>(kParties), [&](int) { party(); }).join();
  }
  // True if the wait ended with all parties there.
  static bool passes(const BarrierProxy& b) {
    try {
      b.wait();
      return true;
    } catch (const BrokenBarrierError&) {
      return false;
    }
  }
  void pass_in_lockstep(int rounds) {
    auto before = manager().list<int>();
    auto after = manager().list<int>();
    all([&] {
      demand(barrier.parties() == kParties, "parties");
      for (std::size_t i = 0; i < static_cast<std::size_t>(rounds); ++i) {
        before.append(1);
        demand(after.size() == i * kParties, "nobody is a round ahead");
        barrier.wait();
        after.append(1);
        demand(before.size() == (i + 1) * kParties, "nobody is a round behind");
        barrier.wait();
      }
    });
    EXPECT_EQ(barrier.n_waiting(), 0U);
    EXPECT_FALSE(barrier.broken());
  }

  BarrierProxy barrier = manager().barrier(kParties, {}, {.timeout = kLong});
  ListProxy<int> passed = manager().list<int>();
  ListProxy<int> broken = manager().list<int>();
  ListProxy<int> again = manager().list<int>();
};
MP_CONTRACT(BarrierContract);

TEST_P(BarrierContract, IsPassedInLockstep) { pass_in_lockstep(1); }

TEST_P(BarrierContract, IsPassedInLockstepTenTimes) { pass_in_lockstep(10); }

TEST_P(BarrierContract, NumbersItsPartiesInEachRound) {
  auto indexes = manager().list<std::size_t>();
  all([&] { indexes.append(barrier.wait()); });
  EXPECT_THAT(indexes.copy(), UnorderedElementsAre(0U, 1U, 2U, 3U, 4U));
}

TEST_P(BarrierContract, RunsItsActionOnceAndBeforeAnybodyGoesOn) {
  auto runs = manager().list<int>();
  auto acting = manager().barrier(kParties, [runs] { runs.append(1); });
  all([&] {
    acting.wait(kLong);
    demand(runs.size() == 1, "the action ran once");
  });
  EXPECT_EQ(runs.size(), 1U);
}

TEST_P(BarrierContract, RunsItsActionInEachRoundThoughFewBringOne) {
  auto runs = manager().list<int>();
  auto plain = manager().barrier("lap", 2);
  auto acting = manager().barrier("lap", 2, [runs] { runs.append(1); });
  for (int round = 0; round < 3; ++round) {
    auto other = plain.async().wait();
    acting.wait(kLong);
    other.get(kLong);
  }
  EXPECT_EQ(runs.size(), 3U);
}

TEST_P(BarrierContract, BreaksWhenItsActionFails) {
  auto failing = manager().barrier("lap", 2, [] { throw std::runtime_error("no start"); });
  auto other = manager().barrier("lap", 2).async().wait();
  EXPECT_THROW(failing.wait(kLong), std::runtime_error);
  EXPECT_THROW(other.get(kLong), BrokenBarrierError);
  EXPECT_TRUE(failing.broken());
  EXPECT_THROW(failing.wait(), BrokenBarrierError);
}

TEST_P(BarrierContract, IsBrokenForAllByAnAbort) {
  all([&] {
    if (barrier.wait() == kParties / 2) {
      barrier.abort();
    } else {
      (passes(barrier) ? passed : broken).append(1);
    }
  });
  EXPECT_EQ(passed.size(), 0U);
  EXPECT_EQ(broken.size(), kParties - 1);
  EXPECT_TRUE(barrier.broken());
  EXPECT_THROW(barrier.wait(), BrokenBarrierError);
  EXPECT_THROW(barrier.wait(0s), BrokenBarrierError);
}

TEST_P(BarrierContract, IsWholeAndEmptyAfterAReset) {
  auto all_wait = manager().semaphore("", {.value = 0, .signal = true});
  all([&] {
    if (barrier.wait() == kParties / 2) {
      for (std::size_t i = 1; i < kParties; ++i) demand(all_wait.acquire(kLong), "others wait");
      demand(barrier.n_waiting() == kParties - 1, "all others wait");
      barrier.reset();
    } else {
      auto wait = barrier.async().wait();
      all_wait.release();  // the wait is before it in line
      try {
        wait.get();
        passed.append(1);
      } catch (const BrokenBarrierError&) {
        broken.append(1);
      }
    }
    barrier.wait();
    again.append(1);
  });
  EXPECT_EQ(passed.size(), 0U);
  EXPECT_EQ(broken.size(), kParties - 1);
  EXPECT_EQ(again.size(), kParties);
  EXPECT_FALSE(barrier.broken());
}

TEST_P(BarrierContract, IsUsedAgainAfterAnAbortAndAReset) {
  auto between = manager().barrier(kParties);
  all([&] {
    if (barrier.wait() == kParties / 2) {
      barrier.abort();
    } else {
      (passes(barrier) ? passed : broken).append(1);
    }
    if (between.wait(kLong) == kParties / 2) barrier.reset();
    between.wait(kLong);
    barrier.wait();
    again.append(1);
  });
  EXPECT_EQ(passed.size(), 0U);
  EXPECT_EQ(broken.size(), kParties - 1);
  EXPECT_EQ(again.size(), kParties);
}

TEST_P(BarrierContract, IsBrokenForAllByAPartyWhoseTimeRanOut) {
  auto over = manager().event();
  all([&] {
    const bool late = barrier.wait() == kParties / 2;
    if (late) demand(over.wait(kLong), "somebody's time ran out");
    try {
      barrier.wait(50ms);
    } catch (const BrokenBarrierError&) {
      broken.append(1);
      over.set();
    }
  });
  EXPECT_EQ(broken.size(), kParties);
  EXPECT_TRUE(barrier.broken());
}

TEST_P(BarrierContract, HasATimeOfItsOwnForWaitsThatHaveNone) {
  auto quick = manager().barrier(kParties, {}, {.timeout = 50ms});
  auto over = manager().event();
  all([&] {
    const bool late = quick.wait(kLong) == kParties / 2;
    if (late) demand(over.wait(kLong), "somebody's time ran out");
    if (!passes(quick)) broken.append(1);
    over.set();
  });
  EXPECT_EQ(broken.size(), kParties);
}

TEST_P(BarrierContract, WaitsForEverIfItIsToldSo) {
  auto quick = manager().barrier(2, {}, {.timeout = 1ms});
  auto patient = quick.async().wait(None);
  EXPECT_FALSE(patient.wait(20ms));
  EXPECT_EQ(quick.wait(), 1U) << "the last one finds nobody missing";
  EXPECT_EQ(patient.get(kLong), 0U);
}

TEST_P(BarrierContract, IsPassedAloneByASingleParty) {
  auto single = manager().barrier(1);
  EXPECT_EQ(single.wait(), 0U);
  EXPECT_EQ(single.wait(), 0U);
  EXPECT_EQ(single.wait(0s), 0U);
}

TEST_P(BarrierContract, IsPassedAThousandTimes) {
  constexpr int kRounds = 1000;
  auto rounds = manager().array<int>(kParties);
  Crowd(GetParam(), static_cast<int>(kParties), [&](int party) {
    for (int i = 0; i < kRounds; ++i) {
      rounds[party] = i;
      barrier.wait();
      for (const int others : rounds.copy())
        demand(others == i || others == i + 1, "a round apart");
    }
  }).join();
  EXPECT_THAT(rounds.copy(), testing::Each(kRounds - 1));
}

TEST_P(BarrierContract, TakesBackAWaitThatIsGivenUp) {
  auto pair = manager().barrier(2);
  {
    auto dropped = pair.async().wait();
    EXPECT_EQ(pair.n_waiting(), 1U);
  }
  EXPECT_EQ(pair.n_waiting(), 0U);
  EXPECT_FALSE(pair.broken());
  auto first = pair.async().wait();
  EXPECT_EQ(pair.wait(kLong), 1U);
  EXPECT_EQ(first.get(kLong), 0U);
}

TEST_P(BarrierContract, IsResetByAChild) {
  elsewhere(GetParam(), [&] {
    demand(barrier.parties() == kParties, "parties");
    barrier.reset();
  });
  EXPECT_FALSE(barrier.broken());
}

TEST_P(BarrierContract, IsRefusedForNobodyAndFoundForItsNumberOnly) {
  EXPECT_THROW(manager().barrier(0), ValueError);
  const auto lap = manager().barrier("lap", 4);
  Manager other = another();
  EXPECT_EQ(other.barrier("lap", 4), lap);
  EXPECT_THROW(other.barrier("lap", 5), WrongKind);
  EXPECT_THROW(other.event("lap"), WrongKind);
  EXPECT_EQ(lap.parties(), 4U);
}

}  // namespace
}  // namespace mp::contract
