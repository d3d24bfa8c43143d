#include <stop_token>
#include <thread>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

// Forks of a process whose other threads are at work with the manager.

namespace mp::contract {
namespace {

class ForkingContract : public Managers {};
MP_CONTRACT(ForkingContract);

TEST_P(ForkingContract, LeavesNothingLockedInTheChildWhatAnotherThreadHadLocked) {
  MP_NEEDS_FORK();
  constexpr int kLists = 5'000;
  const auto lists = manager().list<ListProxy<int>>();
  for (int i = 0; i < kLists; ++i) lists.append(manager().list<int>());
  const std::jthread other([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) lists.copy();  // takes and drops a reference to each
  });
  for (int i = 0; i < 60; ++i) {
    Process child([&] { demand(lists.size() == kLists, "the manager, to answer the child"); });
    child.start();
    const bool ended = child.join(kLong);
    if (!ended) child.kill();
    child.join();
    ASSERT_TRUE(ended) << "child " << i;
    ASSERT_EQ(child.exitcode(), 0);
  }
}

}  // namespace
}  // namespace mp::contract
