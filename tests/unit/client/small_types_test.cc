#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <span>
#include <string>
#include <type_traits>
#include <unordered_set>

#include "mp/bytes.h"
#include "mp/none.h"
#include "mp/slice.h"
#include "mp/time_limit.h"

namespace mp {
namespace {

using namespace std::chrono_literals;

TEST(BytesTest, IsMadeFromWhateverHoldsBytes) {
  const std::byte raw[] = {std::byte{1}, std::byte{2}};
  EXPECT_EQ(Bytes(std::span<const std::byte>(raw)), (Bytes{1, 2}));
  EXPECT_EQ(Bytes("ab"), (Bytes{'a', 'b'}));
  EXPECT_EQ(Bytes(std::string("a\0b", 3)).size(), 3U);
  EXPECT_EQ((Bytes{1, 2}) + (Bytes{3}), (Bytes{1, 2, 3}));
}

TEST(BytesTest, IsNeverMadeFromTextByAccident) {
  static_assert(!std::is_convertible_v<std::string, Bytes>);
  static_assert(!std::is_convertible_v<const char*, Bytes>);
  static_assert(!std::is_convertible_v<Bytes, std::string>);
}

TEST(BytesTest, OrdersByUnsignedBytes) {
  EXPECT_LT(Bytes{1}, Bytes{255});
  EXPECT_LT(Bytes{1}, (Bytes{1, 0}));
  EXPECT_EQ((std::unordered_set<Bytes>{Bytes{1}, Bytes{1}}).size(), 1U);
}

TEST(NoneTest, IsOnlyMadeOnPurpose) {
  static_assert(!std::is_convertible_v<int, NoneType>);
  static_assert(!std::is_aggregate_v<NoneType>);
  EXPECT_EQ(None, NoneType());
}

TEST(TimeLimitTest, NegativeIsZeroAndNoneIsForEver) {
  EXPECT_EQ(TimeLimit(None).nanoseconds(), std::nullopt);
  EXPECT_EQ(TimeLimit(None).nanoseconds(), std::nullopt);
  EXPECT_EQ(TimeLimit(-1s).nanoseconds(), 0ns);
  EXPECT_EQ(TimeLimit(1.5s).nanoseconds(), 1500ms);
  EXPECT_EQ(TimeLimit(std::chrono::hours::max()).nanoseconds(), std::nullopt);
}

TEST(SliceTest, MissingBoundsAreAbsent) {
  static_assert(slice(3).stop == 3);
  static_assert(!slice(3).start.has_value());
  static_assert(slice(1, None, -1).start == 1);
  static_assert(!slice(1, None, -1).stop.has_value());
  static_assert(slice(1, None, -1).step == -1);
}

}  // namespace
}  // namespace mp
