#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "mp/local.h"
#include "mp/mp.h"
#include "tests/faults/eventually.h"
#include "tests/faults/fault_proxy.h"
#include "tests/faults/lane_fixture.h"

// A relay whose clients have shared memory with it, with its trunk cut, and the relay killed.

namespace mp {
namespace {

using namespace std::chrono_literals;
using e2e::ManagerProcess;
using test::eventually;
using test::kLong;
using test::rings_of;

constexpr int kClients = 4;

class RelayedLane : public testing::Test {
 protected:
  std::unique_ptr<ManagerProcess> start_relay() const {
    return std::make_unique<ManagerProcess>(std::vector<std::string>{
        "--relay", network_.address(), "--socket", folder_.file("relay.sock")});
  }
  Manager connect() const {
    return Manager::connect("unix:" + folder_.file("relay.sock"), {.lane = Lane::kShared});
  }
  // A client of numbers [first, first + kOperations): each is counted and put, some with so much
  // beside it that it goes through the ring in pieces.
  void work(int first) {
    Manager manager = connect();
    auto counts = manager.dict<std::string, int>("counts");
    auto items = manager.queue<int>("items");
    auto texts = manager.dict<int, std::string>("texts");
    for (int i = 0; i < kOperations; ++i) {
      counts["n"] += 1;
      items.put(first + i);
      if (i % 32 == 0) texts[first] = std::string(300'000, 'x');
      done_.release();
    }
    seen_.wait();
  }
  void start_clients() {
    for (int client = 0; client < kClients; ++client) {
      clients_.emplace_back([this, client] { work(client * kOperations); });
      clients_.back().start();
    }
  }
  // Until so many more operations are done.
  void let_pass(int operations) {
    for (int i = 0; i < operations; ++i) ASSERT_TRUE(done_.acquire(kLong));
  }
  void expect_all_done_once(const ManagerProcess& relay) {
    EXPECT_TRUE(eventually([&] { return rings_of(relay.pid()) == kClients; }));
    seen_.set();
    for (Process& client : clients_) {
      ASSERT_TRUE(client.join(kLong));
      EXPECT_EQ(client.exitcode(), 0);
    }
    auto direct = Manager::connect("unix:" + server_.socket());
    EXPECT_EQ((direct.dict<std::string, int>("counts").at("n")), kClients * kOperations);
    auto items = direct.queue<int>("items");
    std::vector<int> numbers;
    while (const auto item = items.try_get()) numbers.push_back(*item);
    std::ranges::sort(numbers);
    std::vector<int> expected(static_cast<std::size_t>(kClients * kOperations));
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<int>(i);
    EXPECT_EQ(numbers, expected);
  }

  static constexpr int kOperations = 400;

  const e2e::TemporaryFolder folder_;
  const ManagerProcess server_;
  test::FaultProxy network_{server_.address()};
  Semaphore done_{0};
  Event seen_;  // that all have rings
  std::vector<Process> clients_;
};

TEST_F(RelayedLane, ComesWithUse) {
  const auto relay = start_relay();
  auto manager = Manager::connect("unix:" + relay->socket());
  auto numbers = manager.list<int>();
  EXPECT_TRUE(eventually([&] {
    numbers.append(1);
    return rings_of(relay->pid()) == 1;
  }));
}

TEST_F(RelayedLane, LosesAndDoublesNothingWhenItsTrunkIsCutUnderLoad) {
  const auto relay = start_relay();
  start_clients();
  constexpr int kCuts = 10;
  for (int cuts = 0; cuts < kCuts;) {
    let_pass(kClients * kOperations / kCuts / 2);
    if (HasFatalFailure()) return;
    cuts += network_.cut();  // none, if it has not come back yet
  }
  expect_all_done_once(*relay);
  EXPECT_TRUE(eventually([&] { return rings_of(relay->pid()) == 0; }));
}

TEST_F(RelayedLane, LosesAndDoublesNothingWhenTheRelayIsKilledUnderLoad) {
  auto relay = start_relay();
  start_clients();
  constexpr int kKills = 5;
  for (int i = 0; i < kKills; ++i) {
    let_pass(kClients * kOperations / kKills / 2);
    if (HasFatalFailure()) return;
    relay->signal(SIGKILL);
    relay->wait();
    relay = start_relay();
  }
  expect_all_done_once(*relay);
}

}  // namespace
}  // namespace mp
