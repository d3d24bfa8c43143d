#include "server/engine/seq_set.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();

TEST(SeqSetTest, AMillionInARowAreOneInterval) {
  SeqSet set;
  for (std::uint64_t seq = 1; seq <= 1'000'000; ++seq) set.add(seq);
  EXPECT_EQ(set.intervals(), 1U);
  EXPECT_TRUE(set.contains(1));
  EXPECT_TRUE(set.contains(1'000'000));
  EXPECT_FALSE(set.contains(1'000'001));
}

TEST(SeqSetTest, AnIntervalThatFillsAGapJoinsItsNeighbours) {
  SeqSet set;
  set.add(1, 3);
  set.add(7, 9);
  EXPECT_EQ(set.intervals(), 2U);
  set.add(4, 6);
  EXPECT_EQ(set.intervals(), 1U);
}

TEST(SeqSetTest, TheLastNumberOfAllCausesNoOverflow) {
  SeqSet set;
  set.add(5, kLast);
  set.add(7, 7);
  EXPECT_EQ(set.intervals(), 1U);
  EXPECT_TRUE(set.contains(8));
  EXPECT_TRUE(set.contains(kLast));
  EXPECT_FALSE(set.contains(4));
  set.add(0, 4);
  EXPECT_EQ(set.intervals(), 1U);
}

TEST(SeqSetTest, BehavesAsASetOfNumbers) {
  for (const unsigned seed : random_seeds(50)) {
    SCOPED_TRACE(testing::Message() << "MP_TEST_SEED=" << seed);
    std::mt19937 random(seed);
    const auto below = [&](unsigned bound) {
      return std::uniform_int_distribution<unsigned>(0, bound - 1)(random);
    };
    SeqSet set;
    std::set<std::uint64_t> model;
    for (int step = 0; step < 300; ++step) {
      const std::uint64_t first = below(100);
      if (below(10) == 0) {
        set.trim(first);
        model.erase(model.begin(), model.lower_bound(first));
      } else {
        const std::uint64_t last = first + below(5);
        set.add(first, last);
        for (std::uint64_t seq = first; seq <= last; ++seq) model.insert(seq);
      }
      std::size_t intervals = 0;
      for (std::uint64_t seq = 0; seq < 110; ++seq) {
        ASSERT_EQ(set.contains(seq), model.contains(seq)) << seq << " in step " << step;
        if (model.contains(seq) && (seq == 0 || !model.contains(seq - 1))) ++intervals;
      }
      ASSERT_EQ(set.intervals(), intervals);
    }
  }
}

}  // namespace
}  // namespace mp::server::engine_test
