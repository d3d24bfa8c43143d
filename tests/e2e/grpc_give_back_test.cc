#include "server/lanes/grpc_lane.h"
#include "tests/e2e/grpc_fixture.h"

namespace mp::e2e {
namespace {

using server::Deliveries;

// A lane inside this process, so that a test can stand between the moment at which a waiter is
// served, inside the shard's section, and the moment at which its reply is written.
class GiveBackTest : public testing::Test {
 protected:
  // The outcome of a command that another lane brings.
  class Sink : public server::Port {
   public:
    void append(const v1::Outcome& outcome) override { outcome_ = outcome; }
    void append_bytes(std::string_view bytes) override {
      outcome_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    }
    void flush() override {}
    const v1::Outcome& outcome() const { return outcome_; }

   private:
    v1::Outcome outcome_;
  };

  GiveBackTest() : client((start(), lane.address())) {}

  void start() {
    EXPECT_TRUE(lane.listen().ok());
    lane.serve();
  }
  v1::Outcome run(const v1::Command& command, Deliveries& deliveries,
                  const std::shared_ptr<server::Session>& session = nullptr) {
    const auto sink = std::make_shared<Sink>();
    v1::Outcome scratch;
    dispatcher.dispatch(command, {.session = session, .port = sink, .seq = 0, .owner = 0}, scratch,
                        deliveries);
    return sink->outcome();
  }
  v1::Outcome run(const v1::Command& command) {
    Deliveries deliveries;
    return run(command, deliveries);
  }
  std::uint64_t queue_size() {
    v1::Command command;
    command.mutable_queue_size()->set_name("jobs");
    return run(command).queue_size().size();
  }
  std::size_t waiters() {
    std::size_t count = 0;
    for (const auto& shard : engine.shards()) {
      Deliveries deliveries;
      const server::Section section(*shard, deliveries);
      count += section.parked().size();
    }
    return count;
  }

  server::SteadyClock clock;
  server::Engine engine{{}, clock};
  server::Dispatcher dispatcher{engine};
  server::Administration administration{engine};
  server::GrpcLane lane{{engine, dispatcher, administration},
                        {.host = "127.0.0.1", .port = 0, .token = {}, .tls = {}}};
  UnaryClient client;
};

TEST_F(GiveBackTest, AnItemWhoseGetWasCancelledAsItWasServedGoesBack) {
  v1::Command create;
  create.mutable_queue_create()->set_name("jobs");
  run(create);
  const auto get = client.start("Queue/Get", named<v1::QueueGetRequest>("jobs"));
  eventually([&] { return waiters() == 1; });

  v1::Command put;
  put.mutable_queue_put()->set_name("jobs");
  *put.mutable_queue_put()->mutable_value() = number(7);
  Deliveries served;
  run(put, served);
  EXPECT_EQ(queue_size(), 0U);
  get->cancel();
  eventually([&] { return queue_size() == 1; });
  served.flush();
  EXPECT_EQ(queue_size(), 1U);
  EXPECT_FALSE(get->wait().ok());
}

TEST_F(GiveBackTest, ALockWhoseAcquireWasCancelledAsItWasGrantedGoesToTheNext) {
  v1::Command create;
  create.mutable_lock_create()->set_name("deploy");
  run(create);
  const auto holder = *engine.open_session({}, "test", std::nullopt);
  v1::Command acquire;
  acquire.mutable_lock_acquire()->set_name("deploy");
  Deliveries unused;
  run(acquire, unused, holder);
  const auto first =
      client.start("Lock/Acquire", named<v1::LockAcquireRequest>("deploy"), client.open_session());
  eventually([&] { return waiters() == 1; });
  const auto second =
      client.start("Lock/Acquire", named<v1::LockAcquireRequest>("deploy"), client.open_session());
  eventually([&] { return waiters() == 2; });

  v1::Command release;
  release.mutable_lock_release()->set_name("deploy");
  Deliveries granted;
  run(release, granted, holder);
  EXPECT_EQ(waiters(), 1U);
  first->cancel();
  const auto reply = second->wait().reply<v1::LockAcquireReply>();
  EXPECT_TRUE(reply.acquired());
  EXPECT_FALSE(reply.previous_owner_died());
  granted.flush();
}

}  // namespace
}  // namespace mp::e2e
