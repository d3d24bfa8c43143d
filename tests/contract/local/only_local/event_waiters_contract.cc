#include <memory>
#include <vector>

#include "tests/contract/local/local_contract.h"
#include "tests/fork/asleep.h"

// Of a thread that sleeps it is known that it waits for a local event; it may as well be on its way
// to a manager.

namespace mp::contract {
namespace {

class LocalEventWaiters : public LocalFixture {
 protected:
  Event event;
};

TEST_F(LocalEventWaiters, LetsWhoWaitedGoOnThoughItIsClearedAtOnce) {
  std::vector<std::unique_ptr<test::WaitingThread>> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(
        std::make_unique<test::WaitingThread>([&] { EXPECT_TRUE(event.wait(kLong)); }));
  }
  event.set();
  event.clear();
  for (const auto& thread : waiting) thread->join();
  EXPECT_FALSE(event.is_set());
}

}  // namespace
}  // namespace mp::contract
