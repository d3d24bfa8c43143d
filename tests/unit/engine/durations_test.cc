#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/engine/harness.h"

// What google.protobuf.Duration does not allow is refused, for that command alone.

namespace mp::server::engine_test {
namespace {

using google::protobuf::Duration;

Duration duration_of(std::int64_t seconds, std::int32_t nanos) {
  Duration duration;
  duration.set_seconds(seconds);
  duration.set_nanos(nanos);
  return duration;
}

constexpr std::int64_t kMostSeconds = 315'576'000'000;
constexpr std::int32_t kMostNanos = 999'999'999;

const std::vector<Duration> kMalformed = {
    duration_of(1, kMostNanos + 1),
    duration_of(0, std::numeric_limits<std::int32_t>::min()),
    duration_of(1, -1),
    duration_of(-1, 1),
    duration_of(kMostSeconds + 1, 0),
    duration_of(std::numeric_limits<std::int64_t>::min(), 0),
};

class DurationsTest : public testing::Test {
 protected:
  DurationsTest() { a.call(create_lock("L")); }
  Manager manager;
  Client a{manager};
};

TEST_F(DurationsTest, ATimeoutThatIsNoneIsAValueErrorAndNothingIsDone) {
  for (const Duration& malformed : kMalformed) {
    v1::Command command = acquire("L");
    *command.mutable_lock_acquire()->mutable_timeout() = malformed;
    const v1::Outcome outcome = a.ask(command);
    EXPECT_EQ(text(outcome), "VALUE_ERROR") << malformed.ShortDebugString();
    EXPECT_THAT(outcome.error().message(), testing::StartsWith("timeout is no duration"));
    EXPECT_EQ(a.call(locked("L")), "locked=False token=0");
  }
}

TEST_F(DurationsTest, ALeaseThatIsNoneIsAValueError) {
  v1::Command command = acquire("L");
  *command.mutable_lock_acquire()->mutable_lease() = kMalformed.front();
  EXPECT_EQ(a.call(command), "VALUE_ERROR");
}

TEST_F(DurationsTest, ALifeOfNoDurationIsAValueErrorAndNothingIsMade) {
  v1::Command command = create_dict("d");
  *command.mutable_dict_create()->mutable_life()->mutable_idle_time() = kMalformed.front();
  EXPECT_EQ(a.call(command), "VALUE_ERROR");
  EXPECT_EQ(a.call(find("d")), "NO_SUCH_OBJECT");
  v1::Command set_life;
  set_life.mutable_object_set_life()->set_name("L");
  *set_life.mutable_object_set_life()->mutable_life()->mutable_time_to_live() = kMalformed.front();
  EXPECT_EQ(a.call(set_life), "VALUE_ERROR");
}

TEST_F(DurationsTest, ABatchWithOneThatIsNoneFailsWhole) {
  a.call(create_dict("d"));
  v1::Command command = acquire("L");
  *command.mutable_lock_acquire()->mutable_timeout() = kMalformed.front();
  EXPECT_EQ(a.call(batch({set("d", "'k'", "1"), command})), "VALUE_ERROR");
  EXPECT_EQ(a.call(length("d")), "0");
}

TEST_F(DurationsTest, TheLongestAreTaken) {
  for (const Duration& sound :
       {duration_of(kMostSeconds, kMostNanos), duration_of(-kMostSeconds, -kMostNanos)}) {
    v1::Command command = acquire("L");
    *command.mutable_lock_acquire()->mutable_timeout() = sound;
    EXPECT_FALSE(a.ask(command).has_error()) << sound.ShortDebugString();
    a.call(release("L"));
  }
}

}  // namespace
}  // namespace mp::server::engine_test
