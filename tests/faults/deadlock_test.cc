#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "mp/mp.h"
#include "tests/e2e/manager_process.h"
#include "tests/faults/eventually.h"

// A manager that leaves deadlocks as they are, and processes in one that are killed.

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto kLong = 20s;  // far more than anything here takes

class ReportedDeadlock : public testing::Test {
 protected:
  // Takes the one, and when another process has done the same, the other.
  Process party(const std::string& name, const LockProxy& first, const LockProxy& second) {
    return Process({.name = name}, [this, name, first, second] {
      first.acquire();
      both_.wait();
      second.acquire();
      told_.put(name + (second.previous_owner_died() ? " goes on after a death" : " goes on"));
    });
  }

  e2e::ManagerProcess server_{{"--deadlocks", "report"}};
  Manager manager_ = Manager::connect("unix:" + server_.socket());
  LockProxy one_ = manager_.lock("one");
  LockProxy two_ = manager_.lock("two");
  BarrierProxy both_ = manager_.barrier(2);
  QueueProxy<std::string> told_ = manager_.queue<std::string>();
};

TEST_F(ReportedDeadlock, IsLoggedOnceAndEndsWithTheDeathOfAParty) {
  Process left = party("left", one_, two_);
  Process right = party("right", two_, one_);
  left.start();
  right.start();
  ASSERT_TRUE(
      test::eventually([&] { return server_.log().find("deadlock: ") != std::string::npos; }));
  const std::string log = server_.log();
  EXPECT_THAT(log, HasSubstr("waits for lock 'one', held since"));
  EXPECT_THAT(log, HasSubstr("'left' (pid " + std::to_string(*left.pid())));
  EXPECT_EQ(log.find("deadlock: "), log.rfind("deadlock: "));
  EXPECT_FALSE(told_.try_get()) << "nobody goes on by itself";

  left.kill();
  EXPECT_EQ(told_.get(kLong), "right goes on after a death");
  right.join();
  EXPECT_EQ(right.exitcode(), 0);
}

}  // namespace
}  // namespace mp
