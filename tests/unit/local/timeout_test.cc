#include "mp/internal/timeout.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <optional>

namespace mp::internal {
namespace {

using namespace std::chrono_literals;

TEST(Timeout, KeepsAnOrdinaryDuration) {
  EXPECT_EQ(to_timeout(1500ms), 1500000000ns);
  EXPECT_EQ(to_timeout(0.25s), 250000000ns);
  EXPECT_EQ(to_timeout(7ns), 7ns);
}

TEST(Timeout, ANegativeOneDoesNotWait) {
  EXPECT_EQ(to_timeout(-1s), 0ns);
  EXPECT_EQ(to_timeout(std::chrono::hours::min()), 0ns);
}

TEST(Timeout, AnEndlessOneHasNoDeadlineToOverflow) {
  EXPECT_EQ(to_timeout(std::chrono::hours::max()), std::nullopt);
  EXPECT_EQ(to_timeout(std::chrono::nanoseconds::max()), std::nullopt);
  EXPECT_EQ(to_timeout(std::chrono::duration<double>(std::numeric_limits<double>::infinity())),
            std::nullopt);
}

TEST(Timeout, NotANumberDoesNotWait) {
  EXPECT_EQ(to_timeout(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())),
            0ns);
}

}  // namespace
}  // namespace mp::internal
