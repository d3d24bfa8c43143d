#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>

#include "mp/mp.h"
#include "tests/contract/managers.h"
#include "tests/e2e/manager_process.h"
#include "tests/faults/eventually.h"

// Who makes an object of a user's own type, or calls it, and is killed in the middle.

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto kLong = 20s;  // far more than anything here takes

// A Foundry takes its time to be made: until go_on_ is set, or nobody waits for it any more.
class KilledMaker : public contract::Managers {
 protected:
  // A process that makes the one of this name, and exits with what that answers.
  Process maker(const char* patience) {
    return Process([this, patience] {
      exit(manager().create("Foundry", named("one"), patience, made_, go_on_).call<int>("answer"));
    });
  }
  // So many commands wait for an object to be made.
  bool waiting(int count) {
    return test::eventually([&] {
      const std::string objects = manager().debug_info();
      return objects.find("waiting " + std::to_string(count) + ", Foundry") != std::string::npos;
    });
  }

  const QueueProxy<int> made_ = manager().queue<int>();
  const EventProxy go_on_ = manager().event();
};
INSTANTIATE_TEST_SUITE_P(On, KilledMaker,
                         testing::Values(contract::Backend::kStanding, contract::Backend::kRelayed),
                         testing::PrintToStringParamName());

TEST_P(KilledMaker, LeavesTheObjectToWhoAskedForItMeanwhile) {
  Process first = maker("patient");
  first.start();
  ASSERT_EQ(made_.get(kLong), 1) << "its constructor runs";
  Process second = maker("patient");
  second.start();
  ASSERT_TRUE(waiting(2)) << manager().debug_info();
  first.kill();
  ASSERT_TRUE(waiting(1)) << manager().debug_info();
  go_on_.set();
  EXPECT_TRUE(second.join(kLong));
  EXPECT_EQ(second.exitcode(), 42);
  EXPECT_TRUE(made_.empty()) << "it was constructed once";
}

TEST_P(KilledMaker, WhoWaitedForAnotherOnesObjectIsNotMissed) {
  Process first = maker("patient");
  first.start();
  ASSERT_EQ(made_.get(kLong), 1);
  Process second = maker("patient");
  second.start();
  ASSERT_TRUE(waiting(2)) << manager().debug_info();
  second.kill();
  ASSERT_TRUE(waiting(1)) << manager().debug_info();
  go_on_.set();
  EXPECT_TRUE(first.join(kLong));
  EXPECT_EQ(first.exitcode(), 42);
}

TEST_P(KilledMaker, LeavesAnObjectThatWasConstructedAllTheSame) {
  Process only = maker("patient");
  only.start();
  ASSERT_EQ(made_.get(kLong), 1);
  only.kill();
  ASSERT_TRUE(waiting(0)) << manager().debug_info();
  go_on_.set();
  EXPECT_EQ(manager().create("Foundry", named("one"), "patient", made_, go_on_).call<int>("answer"),
            42);
  EXPECT_TRUE(made_.empty()) << "it has the name, and was constructed once";
}

TEST_P(KilledMaker, LeavesItsNameFreeIfTheConstructorGivesUp) {
  Process only = maker("impatient");
  only.start();
  ASSERT_EQ(made_.get(kLong), 1);
  only.kill();
  ASSERT_TRUE(test::eventually([&] {
    try {
      manager().custom("one");
      return false;
    } catch (const NoSuchObject&) {
      return true;
    }
  }));
  go_on_.set();
  EXPECT_EQ(manager().create("Foundry", named("one"), "patient", made_, go_on_).call<int>("answer"),
            42);
  EXPECT_EQ(made_.get(kLong), 1) << "another one";
}

TEST_P(KilledMaker, LeavesTheCallThatHasBegunAndTakesThatWhichHasNot) {
  go_on_.set();
  const auto foundry = manager().create("Foundry", named("one"), "patient", made_, go_on_);
  go_on_.clear();
  ASSERT_EQ(made_.get(kLong), 1);
  const auto casts = manager().list<int>();
  Process caller([&] {
    auto begun = foundry.async().call("cast", casts, 1, made_, go_on_);
    auto waits = foundry.async().call("cast", casts, 2, made_, go_on_);
    foundry.async().flush();
    begun.get();
  });
  caller.start();
  ASSERT_EQ(made_.get(kLong), 2) << "inside";
  ASSERT_TRUE(waiting(2)) << manager().debug_info();
  caller.kill();
  ASSERT_TRUE(waiting(0)) << manager().debug_info();
  go_on_.set();
  foundry.call("cast", casts, 3, made_, go_on_);
  EXPECT_THAT(casts.copy(), testing::ElementsAre(1, 3));
}

TEST(KilledManager, IsATypedErrorToWhoHasCalled) {
  e2e::ManagerProcess server;
  auto manager = Manager::connect("unix:" + server.socket());
  const auto made = manager.queue<int>();
  const auto go_on = manager.event({.set = true});
  const auto foundry = manager.create("Foundry", "patient", made, go_on);
  ASSERT_EQ(made.get(kLong), 1);
  go_on.clear();
  auto call = foundry.async().call("cast", manager.list<int>(), 1, made, go_on);
  ASSERT_EQ(made.get(kLong), 2);
  server.signal(SIGKILL);
  server.wait();
  EXPECT_THROW(call.get(kLong), ManagerError);
}

}  // namespace
}  // namespace mp
