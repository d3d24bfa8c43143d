#include <set>

#include "tests/e2e/grpc_fixture.h"

namespace mp::e2e {
namespace {

using std::chrono::milliseconds;

class GrpcWaitingTest : public GrpcTest {
 protected:
  explicit GrpcWaitingTest(std::vector<std::string> flags = {}) : GrpcTest(std::move(flags)) {
    create_queue("jobs");
    create_lock("deploy");
  }
};

TEST_F(GrpcWaitingTest, ACancelledCallLeavesNoWaiter) {
  const auto get = start_get("jobs");
  await_waiters("jobs", 1);
  get->cancel();
  EXPECT_EQ(get->wait().status.error_code(), grpc::StatusCode::CANCELLED);
  await_waiters("jobs", 0);
}

TEST_F(GrpcWaitingTest, ACallWhoseDeadlinePassesLeavesNoWaiter) {
  const auto get =
      client.start("Queue/Get", named<v1::QueueGetRequest>("jobs"), {}, milliseconds(100));
  EXPECT_EQ(get->wait().status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  await_waiters("jobs", 0);
}

TEST_F(GrpcWaitingTest, AClientThatGoesLeavesNoWaiter) {
  {
    UnaryClient other(manager.address());
    const auto get = other.start("Queue/Get", named<v1::QueueGetRequest>("jobs"));
    await_waiters("jobs", 1);
  }
  await_waiters("jobs", 0);
}

TEST_F(GrpcWaitingTest, AnItemGoesToTheNextWaiterAfterACancelledOne) {
  const auto first = start_get("jobs");
  await_waiters("jobs", 1);
  const auto second = start_get("jobs");
  await_waiters("jobs", 2);
  first->cancel();
  await_waiters("jobs", 1);
  put("jobs", 7);
  EXPECT_EQ(second->wait().reply<v1::QueueGetReply>().value().int_(), 7);
}

// Items that are put and gets that are cancelled meet in every order. An item whose get was
// cancelled is in the queue, or its reply was on its way; it is never both received and in the
// queue.
TEST_F(GrpcWaitingTest, NoItemIsDoubledWhenAGetIsCancelledAsItIsServed) {
  constexpr int kRounds = 100;
  std::vector<std::int64_t> received;
  const auto receive = [&](const Answer& answer) {
    if (answer.ok()) received.push_back(answer.reply<v1::QueueGetReply>().value().int_());
    return answer.ok();
  };
  for (int i = 0; i < kRounds; ++i) {
    const auto get = start_get("jobs");
    auto request = named<v1::QueuePutRequest>("jobs");
    *request.mutable_value() = number(i);
    const auto put = client.start("Queue/Put", request);
    for (int spin = 0; spin < 100 * (i % 20); ++spin) std::this_thread::yield();
    get->cancel();
    EXPECT_TRUE(put->wait().ok());
    receive(get->wait());
    await_waiters("jobs", 0);
  }
  auto drain = named<v1::QueueGetRequest>("jobs");
  drain.mutable_timeout();  // none
  while (receive(client.call("Queue/Get", drain))) {
  }
  EXPECT_EQ(std::set(received.begin(), received.end()).size(), received.size());
}

TEST_F(GrpcWaitingTest, WhoWaitsIsAnsweredWhenTheSessionIsClosed) {
  const Metadata session = client.open_session();
  const auto get = start_get("jobs", session);
  await_waiters("jobs", 1);
  v1::CloseSessionRequest close;
  close.set_session(std::stoull(session.at("mp-session")));
  client.call("Admin/CloseSession", close);
  EXPECT_EQ(get->wait().code(), v1::SESSION_EXPIRED);
}

TEST_F(GrpcWaitingTest, AThousandWaitersHoldNoThread) {
  const std::size_t before = manager.threads();
  std::vector<std::shared_ptr<PendingCall>> gets;
  for (int i = 0; i < 1000; ++i) gets.push_back(start_get("jobs"));
  await_waiters("jobs", 1000);
  EXPECT_LT(manager.threads(), before + 5);  // gRPC has timer threads, of which it may add one
  for (int i = 0; i < 1000; ++i) put("jobs", i);
  for (const auto& get : gets) EXPECT_TRUE(get->wait().ok());
}

class ShortSessionTest : public GrpcWaitingTest {
 protected:
  ShortSessionTest() : GrpcWaitingTest({"--session-time-to-live", "100ms"}) {}
};

TEST_F(ShortSessionTest, ASessionDoesNotExpireWhileACallOfItWaits) {
  const Metadata session = client.open_session();
  auto request = named<v1::QueueGetRequest>("jobs");
  request.mutable_timeout()->set_nanos(500'000'000);
  EXPECT_EQ(client.call("Queue/Get", request, session).code(), v1::EMPTY);
}

TEST_F(ShortSessionTest, ASessionExpiresAfterItsLastCall) {
  const Metadata session = client.open_session();
  acquire("deploy", session);
  EXPECT_TRUE(
      acquire("deploy", client.open_session()).reply<v1::LockAcquireReply>().previous_owner_died());
  EXPECT_EQ(acquire("deploy", session).code(), v1::SESSION_EXPIRED);
}

}  // namespace
}  // namespace mp::e2e
