#include "tests/e2e/grpc_fixture.h"

namespace mp::e2e {
namespace {

class GrpcDeadlockTest : public GrpcTest {
 protected:
  GrpcDeadlockTest() {
    for (const char* name : {"left", "right"}) create_lock(name);
    acquire("left", first);
    acquire("right", second);
  }
  static Metadata blocking(Metadata session) {
    session["mp-caller-blocks"] = "true";
    return session;
  }
  v1::WaitForGraphReply graph() {
    return client.call("Admin/WaitForGraph", v1::WaitForGraphRequest())
        .reply<v1::WaitForGraphReply>();
  }

  Metadata first = client.open_session();
  Metadata second = client.open_session();
};

TEST_F(GrpcDeadlockTest, ACallThatWouldCloseACycleFailsAndTheOtherGoesOn) {
  const auto waits = start_acquire("right", blocking(first));
  await_waiters("right", 1);
  const Answer refused = acquire("left", blocking(second));
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(refused.code(), v1::DEADLOCK);
  ASSERT_EQ(refused.error().cycle_size(), 2);
  EXPECT_EQ(refused.error().cycle(0).name(), "left");
  client.call("Lock/Release", named<v1::LockReleaseRequest>("right"), second);
  EXPECT_TRUE(waits->wait().reply<v1::LockAcquireReply>().acquired());
}

TEST_F(GrpcDeadlockTest, WhoDoesNotSayThatItBlocksIsInNone) {
  const auto waits = start_acquire("right", first);
  await_waiters("right", 1);
  const auto other = start_acquire("left", blocking(second));
  await_waiters("left", 1);
  EXPECT_EQ(graph().deadlocks_found(), 0U);
}

TEST_F(GrpcDeadlockTest, TheGraphShowsWhoWaitsForWhomAndWhatWasFound) {
  const auto waits = start_acquire("right", blocking(first));
  await_waiters("right", 1);
  const auto async = start_acquire("right", second);
  await_waiters("right", 2);
  acquire("left", blocking(second));
  const v1::WaitForGraphReply shown = graph();
  ASSERT_EQ(shown.edges_size(), 2);
  EXPECT_EQ(shown.edges(0).name(), "right");
  EXPECT_FALSE(shown.edges(0).ends_by_itself());
  EXPECT_TRUE(shown.edges(1).ends_by_itself());
  EXPECT_EQ(shown.edges(0).holder().session(), shown.edges(1).waiter().session());
  ASSERT_EQ(shown.deadlocks_size(), 1);
  EXPECT_FALSE(shown.deadlocks(0).reported_only());
  EXPECT_EQ(shown.deadlocks(0).cycle_size(), 2);
}

TEST_F(GrpcDeadlockTest, TheGraphShowsAsManyEdgesAsAskedFor) {
  const auto waits = start_acquire("right", first);
  const auto other = start_acquire("left", second);
  await_waiters("right", 1);
  await_waiters("left", 1);
  v1::WaitForGraphRequest request;
  request.set_limit(1);
  const auto shown = client.call("Admin/WaitForGraph", request).reply<v1::WaitForGraphReply>();
  EXPECT_EQ(shown.edges_size(), 1);
  EXPECT_TRUE(shown.more());
}

TEST_F(GrpcDeadlockTest, MetadataThatIsNeitherTrueNorFalseIsABadCommand) {
  first["mp-caller-blocks"] = "perhaps";
  EXPECT_EQ(acquire("left", first).code(), v1::BAD_COMMAND);
}

}  // namespace
}  // namespace mp::e2e
