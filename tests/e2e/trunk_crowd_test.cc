#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/frame_client.h"
#include "tests/e2e/manager_process.h"
#include "tests/unit/engine/commands.h"

// Clients that share a relay's trunk, and are not in each other's way.

namespace mp::e2e {
namespace {

using namespace server::engine_test;

constexpr std::size_t kLarge = 48 << 20U;

class TrunkCrowd : public testing::Test {
 protected:
  // A client that has a session.
  std::unique_ptr<FrameClient> join() const {
    auto client = std::make_unique<SocketClient>(relay.socket());
    EXPECT_TRUE(client->greet().has_welcome());
    return client;
  }
  static v1::ClientFrame frame_of(v1::Command command, std::uint64_t seq) {
    command.set_seq(seq);
    v1::ClientFrame frame;
    frame.add_commands(command.SerializeAsString());
    return frame;
  }
  static v1::Outcome ask(FrameClient& client, v1::Command command, std::uint64_t seq) {
    command.set_seq(seq);
    return client.ask(command);
  }
  static v1::Command set_large(const std::string& bytes) {
    v1::Command command = set("large", "'k'", "0");
    command.mutable_dict_set()->mutable_value()->set_bytes(bytes);
    return command;
  }

  const ManagerProcess manager;
  const ManagerProcess relay{{"--relay", manager.address()}};
};

TEST_F(TrunkCrowd, ALargeValueGoesBothWaysWhileOthersAreServed) {
  const auto large = join();
  const auto small = join();
  ask(*large, create_dict("large"), 1);
  ask(*small, create_dict("small"), 1);
  const std::string bytes(kLarge, 'x');
  large->send(frame_of(set_large(bytes), 2).SerializeAsString());
  large->send(frame_of(get("large", "'k'"), 3).SerializeAsString());
  for (std::uint64_t seq = 2; seq < 1000; ++seq)
    ASSERT_EQ(ask(*small, set("small", "'k'", "1"), seq).seq(), seq);
  std::vector<v1::Outcome> outcomes;
  while (outcomes.size() < 2) {
    const auto frame = large->receive();
    ASSERT_TRUE(frame);
    for (const std::string& outcome : frame->outcomes())
      ASSERT_TRUE(outcomes.emplace_back().ParseFromString(outcome));
  }
  EXPECT_EQ(outcomes[0].seq(), 2);
  EXPECT_TRUE(outcomes[1].dict_get().value().bytes() == bytes);
}

TEST_F(TrunkCrowd, WhoeverDoesNotReadHoldsUpNobodyAndMissesNothing) {
  constexpr std::uint64_t kUnread = 100;  // answers of 1 MiB, more than any buffer on the way holds
  const auto idle = join();
  const auto busy = join();
  ask(*idle, create_dict("large"), 1);
  ask(*idle, set_large(std::string(1 << 20U, 'x')), 2);
  for (std::uint64_t i = 0; i < kUnread; ++i)
    idle->send(frame_of(get("large", "'k'"), 3 + i).SerializeAsString());
  for (std::uint64_t seq = 1; seq < 1000; ++seq)
    ASSERT_EQ(ask(*busy, create_dict("d"), seq).seq(), seq);
  std::uint64_t read = 0;
  while (read < kUnread) {
    const auto frame = idle->receive();
    ASSERT_TRUE(frame);
    read += static_cast<std::uint64_t>(frame->outcomes_size());
  }
}

TEST_F(TrunkCrowd, AThousandConnectionsAreServedOnOneTrunk) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  std::vector<std::unique_ptr<FrameClient>> clients;
  clients.reserve(1000);
  for (int i = 0; i < 1000; ++i) clients.push_back(join());
  for (const auto& client : clients)
    client->send(frame_of(create_dict("d"), 1).SerializeAsString());
  for (const auto& client : clients) {
    const auto frame = client->receive();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->outcomes_size(), 1);
  }
}

}  // namespace
}  // namespace mp::e2e
