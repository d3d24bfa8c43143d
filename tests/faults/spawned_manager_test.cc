#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "mp/mp.h"
#include "tests/faults/eventually.h"

// An embedded manager of a process that has several threads, and so can't be forked: a program of
// its own.

namespace mp {
namespace {

class SpawnedManager : public testing::Test {
 protected:
  SpawnedManager() { setenv("MP_MANAGER_PROGRAM", MP_MANAGER_PATH, 1); }
  ~SpawnedManager() override {
    stop_ = true;
    thread_.join();
  }

  std::atomic<bool> stop_ = false;
  std::thread thread_{[this] {
    while (!stop_) std::this_thread::yield();
  }};
};

TEST_F(SpawnedManager, ServesThisProcessAndItsChildren) {
  Manager manager;
  auto counts = manager.dict<std::string, int>();
  Process child([&] { counts["n"] += 1; });
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
  counts["n"] += 1;
  EXPECT_EQ(counts.at("n"), 2);
}

TEST_F(SpawnedManager, EndsWithTheProcessThatHasMadeItHoweverThatEnds) {
  Manager messages;
  auto addresses = messages.queue<std::string>();
  Process owner([&] {
    std::thread([] {}).join();
    std::thread other([] { pause(); });
    Manager manager;
    addresses.put(manager.address());
    other.join();
  });
  owner.start();
  const std::string address = addresses.get(std::chrono::seconds(20));
  Manager::connect(address).dict<std::string, int>("d")["k"] = 1;
  owner.kill();
  owner.join();
  EXPECT_TRUE(test::eventually([&] {
    try {
      Manager::connect(address, {.timeout = std::chrono::milliseconds(1)});
      return false;
    } catch (const ManagerUnavailable&) {
      return true;
    } catch (const ManagerShutDown&) {
      return true;
    }
  }));
}

TEST_F(SpawnedManager, IsATypedErrorWhereThereIsNoProgram) {
  setenv("MP_MANAGER_PROGRAM", "/no/such/program", 1);
  try {
    Manager manager;
    FAIL() << "it was started";
  } catch (const ProcessError& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/program"), std::string::npos);
  }
}

}  // namespace
}  // namespace mp
