#include "client_lib/local/lane/frequent_use.h"

#include <gtest/gtest.h>

#include <chrono>

namespace mp::internal {
namespace {

using namespace std::chrono_literals;

class FrequentUseTest : public testing::Test {
 protected:
  // Of so many frames, one after each pause, which is the first with which the use is frequent; 0:
  // none.
  int first_of(int frames, std::chrono::microseconds pause) {
    for (int i = 1; i <= frames; ++i) {
      now_ += pause;
      if (use_.on_frame(now_)) return i;
    }
    return 0;
  }

  FrequentUse use_;
  FrequentUse::Time now_{1h};
};

TEST_F(FrequentUseTest, IsNotThatOfWhoSaysLittle) { EXPECT_EQ(first_of(63, 0us), 0); }

TEST_F(FrequentUseTest, IsThatOfWhoSaysMuchAtOnce) { EXPECT_EQ(first_of(64, 10us), 64); }

TEST_F(FrequentUseTest, IsThatOfWhoWorksForAMillisecondAfterEachCall) {
  EXPECT_EQ(first_of(64, 1100us), 64);
}

TEST_F(FrequentUseTest, IsNotThatOfWhoSpeaksEveryFiveMilliseconds) {
  EXPECT_EQ(first_of(10'000, 5ms), 0);
}

TEST_F(FrequentUseTest, BeginsAnewAfterALongPause) {
  EXPECT_EQ(first_of(10, 10us), 0);
  now_ += 1s;
  EXPECT_EQ(first_of(54, 10us), 0);  // the 64 took a second
  EXPECT_EQ(first_of(64, 10us), 64);
}

TEST_F(FrequentUseTest, IsTheFirstFrameOnDemand) {
  use_ = FrequentUse::always();
  EXPECT_EQ(first_of(1, 1h), 1);
}

TEST_F(FrequentUseTest, TakesLongerAfterARefusal) {
  ASSERT_EQ(first_of(64, 10us), 64);
  use_.refused();
  EXPECT_EQ(first_of(64 * 64, 1100us), 64 * 64);
}

TEST_F(FrequentUseTest, IsNeverAgainWhereItCannotBe) {
  use_.give_up();
  EXPECT_EQ(first_of(10'000, 0us), 0);
}

}  // namespace
}  // namespace mp::internal
