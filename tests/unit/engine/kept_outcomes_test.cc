#include "server/engine/kept_outcomes.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <set>

#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

using Admission = KeptOutcomes::Admission;

class KeptOutcomesTest : public testing::Test {
 protected:
  void finish(std::uint64_t seq, const std::string& outcome = "outcome") {
    kept.finish(kept.begin(seq), outcome, {});
  }
  void acknowledge(std::uint64_t lowest, std::vector<std::uint64_t> unanswered = {}) {
    kept.acknowledge(lowest, unanswered);
  }
  KeptOutcomes kept;
};

TEST_F(KeptOutcomesTest, WhatIsBelowTheLowestUnansweredIsForgotten) {
  finish(1);
  finish(2);
  finish(3);
  acknowledge(3);
  EXPECT_EQ(kept.admit(1), Admission::kForgotten);
  EXPECT_EQ(kept.admit(2), Admission::kForgotten);
  EXPECT_EQ(kept.admit(3), Admission::kPending);
  EXPECT_EQ(kept.admit(4), Admission::kNew);
}

TEST_F(KeptOutcomesTest, WhatLiesBetweenUnansweredOnesIsForgotten) {
  for (std::uint64_t seq = 1; seq <= 9; ++seq) finish(seq);
  acknowledge(2, {4, 2, 8, 1});  // 2, 4, 5 and 8 are unanswered
  for (const std::uint64_t seq : {1, 3, 6, 7})
    EXPECT_EQ(kept.admit(seq), Admission::kForgotten) << seq;
  for (const std::uint64_t seq : {2, 4, 5, 8, 9})
    EXPECT_EQ(kept.admit(seq), Admission::kPending) << seq;
}

TEST_F(KeptOutcomesTest, WhatIsAboveTheLastUnansweredIsNotTouched) {
  finish(5);
  acknowledge(1, {3, 1});
  EXPECT_EQ(kept.admit(5), Admission::kPending);
}

TEST_F(KeptOutcomesTest, AnAcknowledgementThatComesLateChangesNothing) {
  for (std::uint64_t seq = 1; seq <= 6; ++seq) finish(seq);
  acknowledge(5);
  acknowledge(2, {4, 1});
  EXPECT_EQ(kept.admit(4), Admission::kForgotten);
  EXPECT_EQ(kept.admit(5), Admission::kPending);
}

TEST_F(KeptOutcomesTest, NumbersThatAreTooLargeForASumCauseNoOverflow) {
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
  finish(1);
  acknowledge(1, {kLast, kLast, 3, kLast});
  EXPECT_EQ(kept.admit(1), Admission::kPending);
  acknowledge(kLast, {kLast, 1});
  EXPECT_EQ(kept.admit(1), Admission::kForgotten);
}

TEST_F(KeptOutcomesTest, AFinishedCommandLetsGoOfItsConnection) {
  const auto port = std::make_shared<RecordingPort>();
  kept.begin(1).port = port;
  finish(1);
  EXPECT_EQ(port.use_count(), 1);
}

TEST_F(KeptOutcomesTest, SmallOutcomesCountWithTheirBookkeeping) {
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) finish(seq, "x");
  EXPECT_GT(kept.bytes(), 100'000U);
  acknowledge(1001);
  EXPECT_EQ(kept.bytes(), 0U);
}

// Against the plainest of all models: a map of what is kept and a set of what is forgotten.
TEST_F(KeptOutcomesTest, BehavesAsAMapAndASet) {
  for (const unsigned seed : random_seeds(30)) {
    SCOPED_TRACE(testing::Message() << "MP_TEST_SEED=" << seed);
    std::mt19937 random(seed);
    const auto below = [&](unsigned bound) {
      return std::uniform_int_distribution<unsigned>(0, bound - 1)(random);
    };
    kept = {};
    std::map<std::uint64_t, std::string> pending;
    std::set<std::uint64_t> forgotten;
    const auto forget = [&](std::uint64_t seq) {
      pending.erase(seq);
      forgotten.insert(seq);
    };
    for (int step = 0; step < 300; ++step) {
      const std::uint64_t seq = 1 + below(40);
      switch (below(4)) {
        case 0:
          if (kept.admit(seq) == Admission::kNew) {
            kept.begin(seq);
            pending[seq] = "";
          }
          break;
        case 1:
          if (Pending* at = kept.find(seq); at != nullptr && !at->done()) {
            pending[seq] = std::string(1 + below(9), 'x');
            kept.finish(*at, pending[seq], {});
          }
          break;
        case 2:
          kept.forget(seq);
          forget(seq);
          break;
        default: {
          const std::uint64_t first = seq + 1 + below(5);
          const std::uint64_t count = 1 + below(3);
          acknowledge(seq, {first, count});
          for (std::uint64_t i = 1; i < first; ++i) {
            if (i != seq) forget(i);
          }
        }
      }
      std::uint64_t bytes = 0;
      for (std::uint64_t i = 1; i < 60; ++i) {
        const auto expected = pending.contains(i)     ? Admission::kPending
                              : forgotten.contains(i) ? Admission::kForgotten
                                                      : Admission::kNew;
        ASSERT_EQ(kept.admit(i), expected) << i << " in step " << step;
        if (const Pending* at = kept.find(i); at != nullptr) {
          ASSERT_EQ(at->outcome, pending[i]);
        }
      }
      for (const auto& [i, outcome] : pending) bytes += outcome.size();
      ASSERT_EQ(kept.pending().size(), pending.size());
      ASSERT_GE(kept.bytes(), bytes);
    }
    acknowledge(1000);
    ASSERT_EQ(kept.bytes(), 0U) << "what was counted in was not counted out";
  }
}

}  // namespace
}  // namespace mp::server::engine_test
