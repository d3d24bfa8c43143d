#include <chrono>
#include <stdexcept>
#include <thread>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

constexpr int kParties = 5;
constexpr std::size_t kMiddle = kParties / 2;

// True if the wait ended with all parties there.
bool passes(const Barrier& barrier, TimeLimit timeout = kLong) {
  try {
    barrier.wait(timeout);
    return true;
  } catch (const BrokenBarrierError&) {
    return false;
  }
}

void await_parties(const Barrier& barrier, std::size_t count) {
  while (barrier.n_waiting() < count) std::this_thread::yield();
}

// What the parties count.
struct Counts {
  Value<int> before = Value<int>(0);
  Value<int> after = Value<int>(0);
  Value<int> passed = Value<int>(0);
  Value<int> broken = Value<int>(0);
  Value<int> again = Value<int>(0);
};

void pass_or_break(const Barrier& barrier, const Counts& counts) {
  (passes(barrier) ? counts.passed : counts.broken) += 1;
}

class LocalBarrierContract : public LocalFixture {
 protected:
  Barrier barrier = Barrier(kParties, {}, kLong);
};

class LocalBarrierInProcesses : public LocalContract {
 protected:
  Barrier barrier = Barrier(kParties, {}, kLong);
  Counts counts;
};
INSTANTIATE_TEST_SUITE_P(By, LocalBarrierInProcesses, testing::ValuesIn(all_ways()), name_of_param);

void pass_in_lockstep(int /*party*/, const Barrier& barrier, const Counts& counts, int rounds) {
  demand(barrier.parties() == kParties, "parties");
  for (int i = 0; i < rounds; ++i) {
    ++counts.before;
    demand(counts.after == i * kParties, "nobody is a round ahead");
    barrier.wait();
    ++counts.after;
    demand(counts.before == (i + 1) * kParties, "nobody is a round behind");
    barrier.wait();
  }
}

TEST_P(LocalBarrierInProcesses, IsPassedInLockstep) {
  all(kParties, pass_in_lockstep, barrier, counts, 1);
  EXPECT_EQ(barrier.n_waiting(), 0U);
  EXPECT_FALSE(barrier.broken());
}

TEST_P(LocalBarrierInProcesses, IsPassedInLockstepTenTimes) {
  all(kParties, pass_in_lockstep, barrier, counts, 10);
  EXPECT_EQ(barrier.n_waiting(), 0U);
  EXPECT_FALSE(barrier.broken());
}

void take_numbers(int /*party*/, const Barrier& barrier, const Array<int>& taken) {
  for (int round = 1; round <= 20; ++round) {
    taken[static_cast<std::int64_t>(barrier.wait())] += 1;
    barrier.wait();
    for (const int times : taken) demand(times == round, "each number once a round");
    barrier.wait();
  }
}

TEST_P(LocalBarrierInProcesses, NumbersItsPartiesInEachRound) {
  all(kParties, take_numbers, barrier, Array<int>(kParties));
}

TEST_P(LocalBarrierInProcesses, RunsItsActionOnceAndBeforeAnybodyGoesOn) {
  const auto pass_after_the_action = [](int, const Barrier& its, const Value<int>& runs) {
    its.wait(kLong);
    demand(runs == 1, "the action ran once");
  };
  const Value<int> count(0);
  const Barrier acting(kParties, [=] { ++count; });
  all(kParties, pass_after_the_action, acting, count);
  EXPECT_EQ(count.get(), 1);
}

TEST_F(LocalBarrierContract, BreaksWhenItsActionFails) {
  const Barrier failing(2, [] { throw std::runtime_error("no start"); });
  std::jthread other([&] { EXPECT_THROW(failing.wait(kLong), BrokenBarrierError); });
  await_parties(failing, 1);
  EXPECT_THROW(failing.wait(kLong), std::runtime_error);
  other.join();
  EXPECT_TRUE(failing.broken());
  EXPECT_THROW(failing.wait(), BrokenBarrierError);
}

void meet_and_abort(const Barrier& barrier, const Counts& counts) {
  if (barrier.wait() == kMiddle) {
    barrier.abort();
  } else {
    pass_or_break(barrier, counts);
  }
}

TEST_P(LocalBarrierInProcesses, IsBrokenForAllByAnAbort) {
  const auto abort_one = [](int, const Barrier& its, const Counts& all_of_them) {
    meet_and_abort(its, all_of_them);
  };
  all(kParties, abort_one, barrier, counts);
  EXPECT_EQ(counts.passed.get(), 0);
  EXPECT_EQ(counts.broken.get(), kParties - 1);
  EXPECT_TRUE(barrier.broken());
  EXPECT_THROW(barrier.wait(), BrokenBarrierError);
  EXPECT_THROW(barrier.wait(0s), BrokenBarrierError);
}

void meet_and_reset(int /*party*/, const Barrier& barrier, const Counts& counts) {
  if (barrier.wait() == kMiddle) {
    await_parties(barrier, kParties - 1);
    barrier.reset();
  } else {
    pass_or_break(barrier, counts);
  }
  barrier.wait();
  ++counts.again;
}

TEST_P(LocalBarrierInProcesses, IsWholeAndEmptyAfterAReset) {
  all(kParties, meet_and_reset, barrier, counts);
  EXPECT_EQ(counts.passed.get(), 0);
  EXPECT_EQ(counts.broken.get(), kParties - 1);
  EXPECT_EQ(counts.again.get(), kParties);
  EXPECT_FALSE(barrier.broken());
}

void abort_and_reset(int /*party*/, const Barrier& barrier, const Barrier& between,
                     const Counts& counts) {
  meet_and_abort(barrier, counts);
  if (between.wait(kLong) == kMiddle) barrier.reset();
  between.wait(kLong);
  barrier.wait();
  ++counts.again;
}

TEST_P(LocalBarrierInProcesses, IsUsedAgainAfterAnAbortAndAReset) {
  all(kParties, abort_and_reset, barrier, Barrier(kParties), counts);
  EXPECT_EQ(counts.passed.get(), 0);
  EXPECT_EQ(counts.broken.get(), kParties - 1);
  EXPECT_EQ(counts.again.get(), kParties);
}

void run_out_of_time(int /*party*/, const Barrier& barrier, const Event& over,
                     const Counts& counts) {
  const bool late = barrier.wait() == kMiddle;
  if (late) demand(over.wait(kLong), "somebody's time ran out");
  if (passes(barrier, 50ms)) return;
  ++counts.broken;
  over.set();
}

TEST_P(LocalBarrierInProcesses, IsBrokenForAllByAPartyWhoseTimeRanOut) {
  all(kParties, run_out_of_time, barrier, Event(), counts);
  EXPECT_EQ(counts.broken.get(), kParties);
  EXPECT_TRUE(barrier.broken());
}

void run_out_of_the_barriers_time(int /*party*/, const Barrier& barrier, const Event& over,
                                  const Counts& counts) {
  const bool late = barrier.wait(kLong) == kMiddle;
  if (late) demand(over.wait(kLong), "somebody's time ran out");
  try {
    barrier.wait();
  } catch (const BrokenBarrierError&) {
    ++counts.broken;
    over.set();
  }
}

TEST_P(LocalBarrierInProcesses, HasATimeOfItsOwnInEveryProcess) {
  const Barrier quick(kParties, {}, 50ms);
  all(kParties, run_out_of_the_barriers_time, quick, Event(), counts);
  EXPECT_EQ(counts.broken.get(), kParties);
}

TEST_F(LocalBarrierContract, HasATimeOfItsOwnForWaitsThatHaveNone) {
  const Barrier quick(2, {}, 1ms);
  EXPECT_THROW(quick.wait(), BrokenBarrierError);
  quick.reset();
  std::jthread patient([&] { EXPECT_EQ(quick.wait(None), 0U); });
  await_parties(quick, 1);
  EXPECT_EQ(quick.wait(), 1U) << "the last one finds nobody missing";
  patient.join();
}

TEST_F(LocalBarrierContract, IsPassedAloneByASingleParty) {
  const Barrier single(1);
  EXPECT_EQ(single.wait(), 0U);
  EXPECT_EQ(single.wait(), 0U);
  EXPECT_EQ(single.wait(0s), 0U);
}

constexpr int kRounds = 1000;

void pass_a_thousand_times(int party, const Barrier& barrier, const Array<int>& rounds) {
  for (int i = 0; i < kRounds; ++i) {
    rounds[party] = i;
    barrier.wait();
    for (const int others : rounds) demand(others == i || others == i + 1, "a round apart");
  }
}

TEST_P(LocalBarrierInProcesses, IsPassedAThousandTimes) {
  const Array<int> rounds(kParties);
  all(kParties, pass_a_thousand_times, barrier, rounds);
  EXPECT_THAT(rounds.copy(), testing::Each(kRounds - 1));
}

void pass_in_turns(int /*party*/, const Barrier& pair, const Counts& counts) {
  while (counts.before++ < 300) {  // an even number: nobody is left alone
    pair.wait(kLong);
    ++counts.passed;
  }
}

TEST_P(LocalBarrierInProcesses, IsTakenInTurnsByMoreThanItsParties) {
  const Barrier pair(2);
  all(6, pass_in_turns, pair, counts);
  EXPECT_EQ(counts.passed.get(), 300);
  EXPECT_EQ(pair.n_waiting(), 0U);
}

TEST_P(LocalBarrierInProcesses, IsResetByAChild) {
  barrier.abort();
  elsewhere([](const Barrier& its) { its.reset(); }, barrier);
  EXPECT_FALSE(barrier.broken());
}

TEST_F(LocalBarrierContract, IsRefusedForNobody) { EXPECT_THROW(Barrier(0), ValueError); }

}  // namespace
}  // namespace mp::contract
