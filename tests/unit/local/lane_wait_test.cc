#include "client_lib/local/lane/lane_wait.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>

namespace mp::internal {
namespace {

using namespace std::chrono_literals;

// How often a client looks for an answer that does not come, of a server on another processor.
int looks(const LaneSpin& spin) {
  constexpr std::uint32_t kOnNoneOfOurs = 65'535;
  const auto control = std::make_unique<LaneControl>();
  control->server_processor = kOnNoneOfOurs;
  LanePatience patience(spin_of(spin));
  int looks = 0;
  EXPECT_FALSE(patience.look(*control, [&looks] {
    ++looks;
    return false;
  }));
  return looks;
}

TEST(LanePatienceTest, LooksOnceWithoutABudget) { EXPECT_EQ(looks({.budget = 0ns}), 1); }

TEST(LanePatienceTest, LooksForAsLongAsItsBudget) {
  if (processors_are_rationed()) GTEST_SKIP() << "less than two processors: nobody looks";
  EXPECT_GT(looks({.budget = 1ms}), 1);
}

TEST(LanePatienceTest, SpinsOnlyWhereItIsTold) {
  const Spin spin = spin_of({.policy = SpinPolicy::kSpin});
  EXPECT_EQ(spin.most_yields, 0);
  EXPECT_GT(spin.most_pauses, 0);
}

TEST(LanePatienceTest, YieldsOnlyWhereItIsTold) {
  const Spin spin = spin_of({.policy = SpinPolicy::kYield});
  EXPECT_GT(spin.most_yields, 0);
  EXPECT_EQ(spin.most_pauses, 0);
}

TEST(LanePatienceTest, DoesEitherByDefault) {
  const Spin spin = spin_of({});
  EXPECT_GT(spin.most_yields, 0);
  EXPECT_GT(spin.most_pauses, 0);
  EXPECT_EQ(spin.budget, 50us);
}

}  // namespace
}  // namespace mp::internal
