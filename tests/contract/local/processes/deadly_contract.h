#pragma once

#include <csignal>

#include "tests/contract/local/local_contract.h"

namespace mp::contract {

// Children that are killed: processes alone can be.
class DeadlyContract : public LocalContract {
 protected:
  // In a child that is killed once the function has returned.
  template <class Function, class... Objects>
  static void and_die(Function function, const Objects&... objects) {
    const auto run_and_die = [](Function run, const Objects&... its) {
      run(its...);
      ::raise(SIGKILL);
    };
    EXPECT_EQ(exitcode_of_call(run_and_die, function, objects...), -SIGKILL);
  }
  static void kill(Process& child) {
    child.kill();
    child.join();
  }
};

}  // namespace mp::contract
