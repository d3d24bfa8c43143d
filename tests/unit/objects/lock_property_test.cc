#include "server/objects/lock.h"
#include "tests/unit/objects/lock_history.h"
#include "tests/unit/objects/lock_wire.h"

namespace mp::server {
namespace {

using test::LockHistory;
using test::LockModel;
using test::LockWire;

TEST(LockPropertyTest, BehavesAsItsModelUnderRandomEvents) {
  test::for_each_seed(2000, [](unsigned seed) {
    LockHistory<LockWire>(seed, LockModel(Kind::kLock), v1::LockCreateRequest()).run(80);
  });
}

}  // namespace
}  // namespace mp::server
