#include "server/engine/ticker.h"

#include <future>

#include "tests/unit/engine/harness.h"

// With a real clock and a real thread: nothing is slept for, everything is waited for.

namespace mp::server::engine_test {
namespace {

TEST(TickerTest, TicksWhenSomethingIsDue) {
  std::promise<void> ticked;
  Ticker ticker([&] {
    ticked.set_value();
    return Time::max();
  });
  ticker.wake_at(std::chrono::steady_clock::now() + milliseconds(1));
  ticked.get_future().wait();
}

TEST(TickerTest, TicksAgainWhenTheTickAsksForIt) {
  std::promise<void> thrice;
  int ticks = 0;
  Ticker ticker([&] {
    if (++ticks == 3) thrice.set_value();
    return ticks < 3 ? std::chrono::steady_clock::now() + milliseconds(1) : Time::max();
  });
  ticker.wake_at(Time::min());
  thrice.get_future().wait();
}

TEST(TickerTest, AnEarlierMomentComesFirst) {
  std::promise<void> ticked;
  Ticker ticker([&] {
    ticked.set_value();
    return Time::max();
  });
  ticker.wake_at(std::chrono::steady_clock::now() + hours(1));
  ticker.wake_at(std::chrono::steady_clock::now());
  ticked.get_future().wait();
}

TEST(TickerTest, EndsThoughNothingWillEverBeDue) {
  Ticker never([] { return Time::max(); });
  Ticker late([] { return Time::max(); });
  late.wake_at(std::chrono::steady_clock::now() + hours(1));
}

// A port that lets a test wait for an outcome.
class AwaitedPort final : public Port {
 public:
  void append(const v1::Outcome& outcome) override { outcome_.set_value(outcome); }
  void append_bytes(std::string_view bytes) override {
    v1::Outcome outcome;
    outcome.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    append(outcome);
  }
  void flush() override {}
  v1::Outcome get() { return outcome_.get_future().get(); }

 private:
  std::promise<v1::Outcome> outcome_;
};

class OwnTickerTest : public testing::Test {
 protected:
  v1::Outcome call(const v1::Command& command) {
    const auto port = std::make_shared<AwaitedPort>();
    {
      v1::Outcome outcome;
      Deliveries deliveries;
      dispatcher.dispatch(command, {.session = session, .port = port}, outcome, deliveries);
    }
    return port->get();
  }
  SteadyClock clock;
  Engine engine{{}, clock};
  Dispatcher dispatcher{engine};
  std::shared_ptr<Session> session = *engine.open_session({}, "local", {});
};

TEST_F(OwnTickerTest, AWaitEndsThoughNobodySendsAnything) {
  call(create_queue("q"));
  EXPECT_EQ(text(call(take("q", milliseconds(2)))), "EMPTY");
}

TEST_F(OwnTickerTest, ALeaseEndsThoughNobodySendsAnything) {
  call(create_lock("L"));
  EXPECT_TRUE(call(acquire("L", {}, milliseconds(2))).lock_acquire().acquired());
  EXPECT_TRUE(call(acquire("L")).lock_acquire().previous_owner_died());
}

TEST_F(OwnTickerTest, ASessionEndsThoughNobodySendsAnything) {
  call(create_lock("L"));
  call(acquire("L"));
  const auto dying = std::exchange(session, *engine.open_session({}, "local", hours(1)));
  engine.unwatch(dying->id(), milliseconds(2));
  EXPECT_TRUE(call(acquire("L")).lock_acquire().previous_owner_died());
}

TEST_F(OwnTickerTest, ShuttingDownAnswersWhoWaits) {
  call(create_queue("q"));
  auto waiting = std::async(std::launch::async, [&] { return text(call(take("q"))); });
  engine.shut_down();
  EXPECT_EQ(waiting.get(), "MANAGER_SHUT_DOWN");
}

}  // namespace
}  // namespace mp::server::engine_test
