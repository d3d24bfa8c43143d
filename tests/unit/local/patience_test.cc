#include "client_lib/local/shared/patience.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "client_lib/local/shared/spin.h"

namespace mp::internal {
namespace {

class PatienceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (processors_are_rationed()) GTEST_SKIP() << "less than two processors: nobody looks";
    constexpr std::uint32_t kOnNoneOfOurs = 65'535;
    patience_.heard_from(kOnNoneOfOurs);
  }

  // How often, in so many waits, one looks for what does not come.
  int looks_in_vain(int waits) {
    int looks = 0;
    for (int i = 0; i < waits; ++i) {
      bool looked = false;
      patience_.look([&looked] {
        looked = true;
        return false;
      });
      looks += looked ? 1 : 0;
    }
    return looks;
  }

  Patience patience_;
};

TEST_F(PatienceTest, SeesWhatComes) {
  int looks = 0;
  EXPECT_TRUE(patience_.look([&looks] { return ++looks == 3; }));
}

TEST_F(PatienceTest, GoesOnLookingAsLongAsItPays) {
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(patience_.look([] { return true; })) << i;
}

TEST_F(PatienceTest, GivesUpWhatDoesNotCome) {
  EXPECT_FALSE(patience_.look([] { return false; }));
}

TEST_F(PatienceTest, LooksEverMoreSeldomInVain) {
  const int first = looks_in_vain(100);
  EXPECT_GE(first, 2);
  EXPECT_LE(first, 7);  // after 0, 1, 2, 4 … waits
  EXPECT_LE(looks_in_vain(10'000), 15);
}

TEST_F(PatienceTest, NeverGivesUpForGood) {
  looks_in_vain(10'000);
  EXPECT_GE(looks_in_vain(1025), 1);
}

TEST_F(PatienceTest, BeginsAnewWhereItPaid) {
  looks_in_vain(10'000);
  bool came = false;
  for (int i = 0; i < 1025 && !came; ++i) came = patience_.look([] { return true; });
  ASSERT_TRUE(came);
  EXPECT_EQ(looks_in_vain(2), 1);
}

}  // namespace
}  // namespace mp::internal
