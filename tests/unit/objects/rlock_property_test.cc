#include "server/objects/rlock.h"
#include "tests/unit/objects/lock_history.h"
#include "tests/unit/objects/lock_wire.h"

namespace mp::server {
namespace {

using test::LockHistory;
using test::LockModel;
using test::RLockWire;

TEST(RLockPropertyTest, BehavesAsItsModelUnderRandomEvents) {
  test::for_each_seed(2000, [](unsigned seed) {
    LockHistory<RLockWire>(seed, LockModel(Kind::kRLock), v1::RLockCreateRequest()).run(80);
  });
}

}  // namespace
}  // namespace mp::server
