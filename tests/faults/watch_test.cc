#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include "mp/mp.h"
#include "tests/e2e/manager_process.h"
#include "tests/faults/fault_proxy.h"

// Watches and near caches over connections that are cut, and processes that are killed.

namespace mp {
namespace {

using namespace std::chrono_literals;
using e2e::ManagerProcess;

constexpr auto kLong = 20s;  // far more than anything here takes

class Killed : public testing::Test {
 protected:
  std::unique_ptr<ManagerProcess> start() {
    return std::make_unique<ManagerProcess>(
        std::vector<std::string>{"--socket", folder_.file("manager.sock")});
  }
  void kill_and_restart() {
    server_->signal(SIGKILL);
    server_->wait();
    server_ = start();
  }

  e2e::TemporaryFolder folder_;
  std::unique_ptr<ManagerProcess> server_ = start();
  Manager manager_ = Manager::connect("unix:" + folder_.file("manager.sock"));
};

TEST_F(Killed, AManagerThatComesBackKnowsNothingOfAWatchAndSaysSo) {
  auto old = manager_.dict<std::string, int>("counts");
  auto watch = manager_.watch(old, {.new_values = true});
  old["a"] = 1;
  ASSERT_EQ(watch.next(kLong)->version, 1U);
  kill_and_restart();
  EXPECT_THROW(watch.next(0s), NoSuchObject);
  auto counts = manager_.dict<std::string, int>("counts");
  auto resumed = manager_.watch(counts, {.new_values = true, .resume = watch.position()});
  EXPECT_TRUE(resumed.next(kLong)->resync);
  counts["a"] = 2;
  EXPECT_EQ(resumed.next(kLong)->changes.at(0).new_value, 2);
}

TEST_F(Killed, AManagerThatComesBackMakesANearCacheForgetEverything) {
  auto old = manager_.dict<std::string, int>("counts", {.near_cache = true});
  old["a"] = 1;
  EXPECT_EQ(old.get("a"), 1);
  kill_and_restart();
  auto counts = manager_.dict<std::string, int>("counts", {.near_cache = true});
  EXPECT_THROW(static_cast<void>(old.get("a")), NoSuchObject);
  EXPECT_EQ(counts.get("a"), std::nullopt);
  counts["a"] = 2;
  EXPECT_EQ(counts.get("a"), 2);
}

TEST(SlowSubscriber, IsToldThatItHasLostEvents) {
  const ManagerProcess server({"--max-watch-events", "8"});
  auto manager = Manager::connect("unix:" + server.socket());
  auto counts = manager.dict<std::string, int>("counts");
  auto watch = manager.watch(counts, {.new_values = true});
  for (int i = 1; i <= 20; ++i) counts["a"] = i;
  const auto lost = watch.next(0s);
  EXPECT_TRUE(lost->resync);
  EXPECT_EQ(lost->version, 20U);
  counts["a"] = 21;
  EXPECT_EQ(watch.next(0s)->changes.at(0).new_value, 21);
}

// Everything that was written, in order, once.
void expect_each_once(const Watch<std::string, int>& watch, int last) {
  for (int i = 1; i <= last; ++i) {
    const auto event = watch.next(kLong);
    ASSERT_TRUE(event.has_value());
    ASSERT_FALSE(event->resync) << "before " << i;
    ASSERT_EQ(event->changes.at(0).new_value, i);
  }
  EXPECT_FALSE(watch.next(0s).has_value());
}

TEST(CutConnection, LosesAndDoublesNoEvent) {
  constexpr int kEvents = 2000;
  const ManagerProcess server;
  test::FaultProxy network(server.address());
  const ManagerProcess relay({"--relay", network.address()});
  auto reader = Manager::connect("unix:" + relay.socket());
  auto writer = Manager::connect("unix:" + server.socket());
  const auto watch = reader.watch(reader.dict<std::string, int>("counts"), {.new_values = true});
  std::jthread writing([&] {
    auto counts = writer.dict<std::string, int>("counts");
    for (int i = 1; i <= kEvents; ++i) {
      counts["a"] = i;
      if (i % 100 == 0) network.cut();
    }
  });
  expect_each_once(watch, kEvents);
}

TEST(KilledRelay, LosesAndDoublesNoEvent) {
  constexpr int kEvents = 500;
  const ManagerProcess server;
  const e2e::TemporaryFolder folder;
  const auto start = [&] {
    return std::make_unique<ManagerProcess>(std::vector<std::string>{
        "--relay", server.address(), "--socket", folder.file("relay.sock")});
  };
  auto relay = start();
  auto reader = Manager::connect("unix:" + folder.file("relay.sock"));
  auto writer = Manager::connect("unix:" + server.socket());
  const auto watch = reader.watch(reader.dict<std::string, int>("counts"), {.new_values = true});
  auto counts = writer.dict<std::string, int>("counts");
  std::jthread writing([&] {
    for (int i = 1; i <= kEvents; ++i) counts["a"] = i;
  });
  ASSERT_EQ(watch.next(kLong)->version, 1U);
  relay->signal(SIGKILL);
  relay->wait();
  relay = start();
  for (int i = 2; i <= kEvents; ++i) {
    const auto event = watch.next(kLong);
    ASSERT_TRUE(event.has_value());
    ASSERT_EQ(event->version, static_cast<std::uint64_t>(i));
  }
}

}  // namespace
}  // namespace mp
