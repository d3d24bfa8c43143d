#include "tests/contract/local/local_contract.h"

#include <csignal>

namespace mp::contract {

void LocalContract::and_die(const std::function<void()>& function) {
  Process child([&] {
    function();
    ::raise(SIGKILL);
  });
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), -SIGKILL);
}

}  // namespace mp::contract
