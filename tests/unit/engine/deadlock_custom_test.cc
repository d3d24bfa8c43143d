#include <string>
#include <thread>

#include "tests/unit/engine/deadlock_fixture.h"
#include "tests/unit/engine/guests.h"

// Deadlocks through locks and calls of methods of the users' types.

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DeadlockCustomTest : public DeadlockTest {
 protected:
  DeadlockCustomTest() : DeadlockCustomTest(std::make_shared<Guests>()) {}
  explicit DeadlockCustomTest(std::shared_ptr<Guests> guests)
      : DeadlockTest(DeadlockPolicy::kFail, {guests}), guests_(std::move(guests)) {
    manager.engine.watch(methods.session->id());
    for (const char* name : {"H1", "H2"}) {
      a.send(create_guests(name));
      await(a);
    }
  }
  ~DeadlockCustomTest() override { guests_->let_go_all(); }

  // The next outcome of a command of this client, which a thread of the executor brings.
  static v1::Outcome await(Client& client) {
    for (;;) {
      const auto outcomes = client.outcomes();
      if (!outcomes.empty()) return outcomes.front();
      std::this_thread::yield();
    }
  }
  // A call that has begun.
  CallId begins(Client& client, const v1::Command& command) {
    waits(client, command);
    return guests_->await().call;
  }
  v1::Outcome ends(CallId call, Client& client) {
    guests_->let_go(call);
    return await(client);
  }
  // Another thread of methods than handle 0.
  static v1::Command of_thread(std::uint64_t handle, v1::Command command) {
    command.set_owner(handle);
    return command;
  }

  const std::shared_ptr<Guests> guests_;
  Client methods{manager};
};

TEST_F(DeadlockCustomTest, AMethodThatWaitsForWhatItsCallerHoldsIsRefused) {
  a.lock("L1");
  const CallId call = begins(a, call_guests("H1", "alone"));
  const v1::Error error = methods.ask(blocking(inside(call, acquire("L1")))).error();
  EXPECT_EQ(error.code(), v1::DEADLOCK);
  ASSERT_EQ(error.cycle_size(), 2);
  EXPECT_EQ(error.cycle(0).kind(), "lock");
  EXPECT_EQ(error.cycle(1).kind(), "custom");
  EXPECT_EQ(error.cycle(1).holder().session(), methods.session->id());
  EXPECT_TRUE(ends(call, a).has_custom_call());
}

TEST_F(DeadlockCustomTest, WhoCallsAnObjectThatWaitsForWhatHeHoldsIsRefused) {
  a.lock("L1");
  const CallId call = begins(b, call_guests("H1", "alone"));
  const auto acquires = waits(methods, inside(call, acquire("L1")));
  EXPECT_EQ(refused(a, call_guests("H1", "alone")), "DEADLOCK");
  a.call(release("L1"));
  EXPECT_THAT(methods.outcomes(), ElementsAre(Grants(acquires)));
  EXPECT_TRUE(ends(call, b).has_custom_call());
}

TEST_F(DeadlockCustomTest, AMethodInsideAnotherThatWaitsForWhatThatHoldsIsRefused) {
  const CallId outer = begins(a, call_guests("H1", "alone"));
  methods.lock("L1");
  const CallId inner = begins(methods, inside(outer, call_guests("H2", "alone")));
  EXPECT_EQ(refused(methods, of_thread(7, inside(inner, acquire("L1")))), "DEADLOCK");
  EXPECT_TRUE(ends(inner, methods).has_custom_call());
  EXPECT_TRUE(ends(outer, a).has_custom_call());
}

TEST_F(DeadlockCustomTest, WhoDoesNotWaitForItsCallMayReleaseWhatTheMethodWants) {
  a.lock("L1");
  a.send(call_guests("H1", "alone"));
  const CallId call = guests_->await().call;
  const auto acquires = waits(methods, inside(call, acquire("L1")));
  a.call(release("L1"));
  EXPECT_THAT(methods.outcomes(), ElementsAre(Grants(acquires)));
  EXPECT_TRUE(ends(call, a).has_custom_call());
}

TEST_F(DeadlockCustomTest, ADeadlineEndsNoWaitForAMethodThatRuns) {
  a.lock("L1");
  v1::Command timed = call_guests("H1", "alone");
  timed.mutable_custom_call()->mutable_timeout()->set_seconds(1);
  const CallId call = begins(a, timed);
  EXPECT_EQ(refused(methods, inside(call, acquire("L1"))), "DEADLOCK");
  EXPECT_TRUE(ends(call, a).has_custom_call());
}

TEST_F(DeadlockCustomTest, ADeadlineEndsTheWaitInLine) {
  a.lock("L1");
  const CallId call = begins(b, call_guests("H1", "alone"));
  waits(methods, inside(call, acquire("L1")));
  v1::Command timed = call_guests("H1", "alone");
  timed.mutable_custom_call()->mutable_timeout()->set_seconds(1);
  const auto in_line = waits(a, timed);
  manager.advance(seconds(1));
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(in_line, v1::TIMEOUT)));
  EXPECT_THAT(manager.found_deadlocks, IsEmpty());
  a.call(release("L1"));
  EXPECT_TRUE(ends(call, b).has_custom_call());
}

TEST_F(DeadlockCustomTest, AReaderThatPassesByIsNotWaitedFor) {
  a.lock("L1");
  const CallId reads = begins(b, call_guests("H1", "beside"));
  waits(methods, inside(reads, acquire("L1")));
  const CallId reads_too = begins(a, call_guests("H1", "beside"));
  EXPECT_TRUE(ends(reads_too, a).has_custom_call());
  a.call(release("L1"));
  EXPECT_TRUE(ends(reads, b).has_custom_call());
}

}  // namespace
}  // namespace mp::server::engine_test
