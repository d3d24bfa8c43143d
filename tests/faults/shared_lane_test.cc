#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "mp/mp.h"
#include "tests/e2e/manager_process.h"
#include "tests/faults/eventually.h"

// The local lane in shared memory: who gets it, what becomes of it when either side is killed,
// stopped or forked, and that nothing of it is left.

namespace mp {
namespace {

using namespace std::chrono_literals;
using e2e::ManagerProcess;
using test::eventually;
using testing::HasSubstr;

constexpr auto kLong = 20s;  // far more than anything here takes

// How many lanes a process has mapped.
int rings_of(pid_t pid) {
  const std::string maps = e2e::contents_of("/proc/" + std::to_string(pid) + "/maps");
  int count = 0;
  for (auto at = maps.find("mp-lane"); at != std::string::npos; at = maps.find("mp-lane", at + 1))
    ++count;
  return count;
}

long descriptors_of(pid_t pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return std::distance(begin(all), end(all));
}

// A thread that was running does not stop at once.
bool is_stopped(pid_t pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/task");
  return std::all_of(begin(all), end(all), [](const auto& thread) {
    const std::string status = e2e::contents_of(thread.path() / "status");
    return status.find("State:\tT") != std::string::npos;
  });
}

class SharedLane : public testing::Test {
 protected:
  explicit SharedLane(std::vector<std::string> flags = {}) : server_(std::move(flags)) {}

  Manager connect(Lane lane) const {
    return Manager::connect("unix:" + server_.socket(), {.lane = lane});
  }
  static void use_often(Manager& manager) {
    auto numbers = manager.list<int>();
    for (int i = 0; i < 1000; ++i) numbers.append(i);
    EXPECT_EQ(numbers.size(), 1000U);
  }

  ManagerProcess server_;
};

TEST_F(SharedLane, ComesWithUse) {
  Manager manager = connect(Lane::kLocal);
  use_often(manager);
  EXPECT_EQ(rings_of(server_.pid()), 1);
  EXPECT_EQ(rings_of(getpid()), 1);
}

TEST_F(SharedLane, IsNotForWhoSaysLittle) {
  Manager manager = connect(Lane::kLocal);
  auto numbers = manager.list<int>();
  for (int i = 0; i < 10; ++i) numbers.append(i);
  EXPECT_EQ(rings_of(server_.pid()), 0);
}

TEST_F(SharedLane, IsThereFromTheFirstCommandOnWhereItIsAskedFor) {
  Manager manager = connect(Lane::kShared);
  manager.list<int>().append(1);
  EXPECT_EQ(rings_of(server_.pid()), 1);
}

TEST_F(SharedLane, IsNotForWhoWantsTheSocket) {
  Manager manager = connect(Lane::kSocket);
  use_often(manager);
  EXPECT_EQ(rings_of(server_.pid()), 0);
}

TEST_F(SharedLane, LeavesNoMappingAndNoDescriptor) {
  const auto mine = descriptors_of(getpid());
  {
    Manager first = connect(Lane::kShared);  // it has started up then, too
    use_often(first);
  }
  ASSERT_TRUE(eventually([&] { return rings_of(server_.pid()) == 0; }));
  const auto before = descriptors_of(server_.pid());
  for (int i = 0; i < 20; ++i) {
    Manager manager = connect(Lane::kShared);
    use_often(manager);
  }
  EXPECT_EQ(rings_of(getpid()), 0);
  EXPECT_EQ(descriptors_of(getpid()), mine);
  EXPECT_TRUE(eventually([&] { return rings_of(server_.pid()) == 0; }));
  EXPECT_TRUE(eventually([&] { return descriptors_of(server_.pid()) <= before; }))
      << before << " before, and then " << descriptors_of(server_.pid());
}

TEST_F(SharedLane, TakesValuesFarLargerThanItself) {
  Manager manager = connect(Lane::kShared);
  auto texts = manager.dict<int, std::string>();
  const std::string large(12U << 20U, 'x');
  for (int i = 0; i < 3; ++i) texts[i] = large;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(texts.at(i), large);
}

TEST_F(SharedLane, DoesNotStallOnAnswersThatNobodyReadsYet) {
  Manager manager = connect(Lane::kShared);
  auto texts = manager.dict<int, std::string>();
  texts[0] = std::string(10'000, 'x');
  std::vector<Future<std::string>> answers;
  answers.reserve(3000);
  for (int i = 0; i < 3000; ++i) answers.push_back(texts.async().at(0));
  for (auto& answer : answers) EXPECT_EQ(answer.get().size(), 10'000U);
}

TEST_F(SharedLane, OfAForkedChildIsItsOwn) {
  Manager manager = connect(Lane::kShared);
  auto numbers = manager.list<int>();
  use_often(manager);
  Process child([&] {
    use_often(manager);
    numbers.append(rings_of(getpid()));
  });
  child.start();
  use_often(manager);
  ASSERT_TRUE(child.join(kLong));
  EXPECT_EQ(child.exitcode(), 0);
  EXPECT_EQ(numbers.at(-1), 1);
  use_often(manager);
}

TEST_F(SharedLane, OfAStoppedClientHoldsUpNobodyElse) {
  Manager manager = connect(Lane::kShared);
  auto counter = manager.value<int>(0);
  Process client([&] {
    for (;;) counter.fetch_add(1);
  });
  client.start();
  ASSERT_TRUE(eventually([&] { return counter.get() > 1000; }));
  ::kill(client.pid().value(), SIGSTOP);
  ASSERT_TRUE(eventually([&] { return is_stopped(client.pid().value()); }));
  use_often(manager);
  const int before = counter.get();
  ::kill(client.pid().value(), SIGCONT);
  EXPECT_TRUE(eventually([&] { return counter.get() > before + 1000; }));
  client.kill();
  client.join();
}

TEST_F(SharedLane, GoesOnWithAManagerThatWasStopped) {
  Manager manager = connect(Lane::kShared);
  auto counter = manager.value<int>(0);
  use_often(manager);
  server_.signal(SIGSTOP);
  ASSERT_TRUE(eventually([&] { return is_stopped(server_.pid()); }));
  auto answer = counter.async().fetch_add(1);
  EXPECT_FALSE(answer.wait(50ms));
  server_.signal(SIGCONT);
  answer.get();
  EXPECT_EQ(counter.get(), 1);
}

TEST_F(SharedLane, OfAKilledManagerEnds) {
  Manager manager = connect(Lane::kShared);
  auto queue = manager.queue<int>();
  use_often(manager);
  Process killer([&] {
    ::usleep(20'000);
    server_.signal(SIGKILL);
    ::_exit(0);
  });
  killer.start();
  EXPECT_THROW(queue.get(kLong), ManagerError);
  killer.join();
}

TEST_F(SharedLane, OfAKilledManagerEndsWhereItsRingIsFull) {
  Manager manager = connect(Lane::kShared);
  auto texts = manager.dict<int, std::string>();
  use_often(manager);
  server_.signal(SIGSTOP);
  Process killer([&] {
    ::usleep(100'000);  // time to fill the ring
    server_.signal(SIGKILL);
    ::_exit(0);
  });
  killer.start();
  EXPECT_THROW(texts.set(1, std::string(std::size_t{4} << 20U, 'x')), ManagerError);
  killer.join();
}

TEST_F(SharedLane, OfAClientKilledAtAnyMomentIsCleanedUp) {
  Manager manager = connect(Lane::kShared);
  auto lock = manager.lock();
  auto texts = manager.dict<int, std::string>();
  std::minstd_rand random(17);
  for (int i = 0; i < 1000; ++i) {
    Process client([&] {
      for (int k = 0;; ++k) {
        lock.acquire();
        texts[k % 7] = std::string(static_cast<std::size_t>(k * 997 % 40'000), 'y');
        lock.release();
      }
    });
    client.start();
    ::usleep(static_cast<useconds_t>(random() % 4000));
    client.kill();
    ASSERT_TRUE(client.join(kLong));
    ASSERT_TRUE(lock.acquire(kLong)) << i;
    lock.release();
  }
  EXPECT_TRUE(eventually([&] { return rings_of(server_.pid()) == 1; }));
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

}  // namespace
}  // namespace mp
