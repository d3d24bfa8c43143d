#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "mp/manager_server.h"
#include "mp/mp.h"
#include "tests/faults/eventually.h"
#include "tests/faults/lane_fixture.h"

// What the manager's flags and the client's options say about shared memory, and where there is
// none to be had.

namespace mp {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::rings_of;
using test::SharedLane;
using testing::HasSubstr;

TEST_F(SharedLane, IsNotForWhoWantsTheSocket) {
  Manager manager = connect(Lane::kSocket);
  use_often(manager);
  EXPECT_EQ(rings_of(server_.pid()), 0);
}

TEST_F(SharedLane, IsDoneWithoutWhereTheManagerHasNoDescriptorLeft) {
  Manager manager = connect(Lane::kLocal);
  manager.list<int>().append(1);
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};  // those that it has stay open
  ASSERT_EQ(prlimit(server_.pid(), RLIMIT_NOFILE, &none, nullptr), 0);
  use_often(manager);
  EXPECT_EQ(rings_of(server_.pid()), 0);
  EXPECT_THAT(server_.log(), HasSubstr("stays on its socket"));
}

class LaneBySocket : public SharedLane {
 protected:
  LaneBySocket() : SharedLane({"--lane", "socket"}) {}
};

TEST_F(LaneBySocket, IsWhatTheManagerWasAskedFor) {
  Manager manager = connect(Lane::kShared);
  use_often(manager);
  EXPECT_EQ(rings_of(server_.pid()), 0);
}

class LaneAlwaysShared : public SharedLane {
 protected:
  LaneAlwaysShared() : SharedLane({"--lane", "shared"}) {}
};

TEST_F(LaneAlwaysShared, IsGivenUnasked) {
  Manager manager = connect(Lane::kLocal);
  auto numbers = manager.list<int>();
  for (int i = 0; i < 10; ++i) numbers.append(i);
  EXPECT_EQ(rings_of(server_.pid()), 1);
  EXPECT_EQ(rings_of(getpid()), 1);
}

class LaneOfNobody : public SharedLane {
 protected:
  LaneOfNobody() : SharedLane({"--max-rings", "0"}) {}
};

TEST_F(LaneOfNobody, LeavesAllOnTheirSockets) {
  Manager manager = connect(Lane::kShared);
  use_often(manager);
  EXPECT_EQ(rings_of(server_.pid()), 0);
}

class LaneOfOne : public SharedLane {
 protected:
  LaneOfOne() : SharedLane({"--max-rings", "1"}) {}
};

TEST_F(LaneOfOne, IsForTheFirst) {
  Manager first = connect(Lane::kShared);
  use_often(first);
  Manager second = connect(Lane::kShared);
  use_often(second);
  EXPECT_EQ(rings_of(server_.pid()), 1);
  EXPECT_THAT(server_.log(), HasSubstr("as many connections have some as may"));
}

TEST_F(LaneOfOne, IsForTheNextOneOnceTheFirstHasGone) {
  {
    Manager first = connect(Lane::kShared);
    use_often(first);
  }
  ASSERT_TRUE(eventually([&] { return rings_of(server_.pid()) == 0; }));
  Manager second = connect(Lane::kShared);
  use_often(second);
  EXPECT_EQ(rings_of(server_.pid()), 1);
}

// How often the threads of a process have gone to sleep.
long sleeps_of(pid_t pid) {
  constexpr std::string_view kLine = "\nvoluntary_ctxt_switches:";
  long sleeps = 0;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    const std::string status = e2e::contents_of(thread.path() / "status");
    const auto at = status.find(kLine);
    if (at != std::string::npos) sleeps += std::stol(status.substr(at + kLine.size()));
  }
  return sleeps;
}

class LaneWithoutSpin : public SharedLane {
 protected:
  LaneWithoutSpin() : SharedLane({"--lane-spin", "0"}) {}
};

TEST_F(LaneWithoutSpin, Sleeps) {
  Manager manager = Manager::connect("unix:" + server_.socket(),
                                     {.lane = Lane::kShared, .spin = {.budget = 0ns}});
  use_often(manager);
  const long before = sleeps_of(getpid()) + sleeps_of(server_.pid());
  use_often(manager);
  // Either side may find the other one to have been quicker, now and then.
  EXPECT_GT(sleeps_of(getpid()) + sleeps_of(server_.pid()), before + 100);
}

TEST_F(SharedLane, ServesWhoOnlySpinsAndWhoOnlyYields) {
  for (const SpinPolicy policy : {SpinPolicy::kSpin, SpinPolicy::kYield}) {
    Manager manager = Manager::connect("unix:" + server_.socket(),
                                       {.lane = Lane::kShared, .spin = {.policy = policy}});
    use_often(manager);
  }
}

TEST_F(LaneWithoutSpin, IsWhatAnEmbeddedManagerMayHaveToo) {
  Manager manager({.lane = Lane::kShared, .spin = {.budget = 0ns, .policy = SpinPolicy::kYield}});
  use_often(manager);
  EXPECT_EQ(rings_of(getpid()), 1);
}

TEST(LaneSpinOption, IsRefusedWhereItIsNegativeOrTooLong) {
  for (const auto budget : {std::chrono::nanoseconds(-1), std::chrono::nanoseconds(10ms) + 1ns}) {
    EXPECT_THROW(Manager::connect("unix:/no/such/socket", {.spin = {.budget = budget}}),
                 ValueError);
    EXPECT_THROW(Manager({.spin = {.budget = budget}}), ValueError);
    EXPECT_THROW(ManagerServer({.spin = {.budget = budget}}), ValueError);
  }
}

}  // namespace
}  // namespace mp
