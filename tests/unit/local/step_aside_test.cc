#include "client_lib/local/lane/step_aside.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

#include "client_lib/local/shared/spin.h"

namespace mp::internal {
namespace {

cpu_set_t where_we_may_run() {
  cpu_set_t allowed;
  EXPECT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  return allowed;
}

// In a thread of its own: where it may run does not outlive the test.
template <class Body>
void in_a_thread(Body body) {
  std::thread(body).join();
}

TEST(StepAsideTest, GoesOnOnAnotherProcessor) {
  in_a_thread([] {
    const cpu_set_t allowed = where_we_may_run();
    if (CPU_COUNT(&allowed) < 2) GTEST_SKIP() << "there is no other processor";
    // The system may bring the thread back before we look: then once more.
    constexpr int kTries = 1000;
    bool elsewhere = false;
    for (int i = 0; i < kTries && !elsewhere; ++i) {
      const auto here = this_processor();
      StepAside().from(here);
      elsewhere = this_processor() != here;
    }
    EXPECT_TRUE(elsewhere);
  });
}

TEST(StepAsideTest, MayRunWhereItMightBefore) {
  in_a_thread([] {
    const cpu_set_t before = where_we_may_run();
    StepAside().from(this_processor());
    const cpu_set_t after = where_we_may_run();
    EXPECT_TRUE(CPU_EQUAL(&before, &after));
  });
}

TEST(StepAsideTest, IsNotLetOutOfWhereItWasConfined) {
  in_a_thread([] {
    cpu_set_t two = where_we_may_run();
    if (CPU_COUNT(&two) < 3) GTEST_SKIP() << "to be confined to two processors takes three";
    const std::size_t here = this_processor();
    for (std::size_t processor = 0; CPU_COUNT(&two) > 2; ++processor)
      if (processor != here) CPU_CLR(processor, &two);
    ASSERT_EQ(sched_setaffinity(0, sizeof two, &two), 0);
    StepAside().from(this_processor());
    const cpu_set_t after = where_we_may_run();
    EXPECT_TRUE(CPU_EQUAL(&two, &after));
  });
}

TEST(StepAsideTest, StaysWhereItMayRunNowhereElse) {
  in_a_thread([] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(this_processor(), &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    StepAside().from(this_processor());
    const cpu_set_t after = where_we_may_run();
    EXPECT_TRUE(CPU_EQUAL(&one, &after));
  });
}

}  // namespace
}  // namespace mp::internal
