#include <cstdint>
#include <limits>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

// What a manager's objects are not asked in these words: their numbers have no sign, and its own
// limits.

namespace mp::contract {
namespace {

constexpr auto kTooMany = std::numeric_limits<std::int64_t>::max();

using LocalLimits = LocalFixture;

TEST_F(LocalLimits, ASemaphoreIsRefusedForPermitsThatAreNone) {
  EXPECT_THROW(Semaphore(-1), ValueError);
  EXPECT_THROW(BoundedSemaphore(-1), ValueError);
  EXPECT_THROW(Semaphore{kTooMany}, ValueError);
}

TEST_F(LocalLimits, ABarrierIsRefusedForPartiesThatAreNone) {
  EXPECT_THROW(Barrier(-1), ValueError);
  EXPECT_THROW(Barrier{kTooMany}, ValueError);
}

}  // namespace
}  // namespace mp::contract
