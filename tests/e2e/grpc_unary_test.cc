#include "tests/e2e/grpc_fixture.h"

namespace mp::e2e {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

class GrpcUnaryTest : public GrpcTest {};

v1::DictSetRequest set_request(const std::string& name, const v1::Value& key,
                               const v1::Value& value) {
  auto request = named<v1::DictSetRequest>(name);
  *request.mutable_key() = key;
  *request.mutable_value() = value;
  return request;
}

v1::DictGetRequest get_request(const std::string& name, const v1::Value& key) {
  auto request = named<v1::DictGetRequest>(name);
  *request.mutable_key() = key;
  return request;
}

TEST_F(GrpcUnaryTest, WhatOneCallSetsAnotherGets) {
  client.call("Dict/Create", named<v1::DictCreateRequest>("scores"));
  EXPECT_TRUE(client.call("Dict/Set", set_request("scores", text("alice"), number(3))).ok());
  const auto reply =
      client.call("Dict/Get", get_request("scores", text("alice"))).reply<v1::DictGetReply>();
  EXPECT_EQ(reply.value().int_(), 3);
}

TEST_F(GrpcUnaryTest, AnErrorCarriesItsCodeAndASentence) {
  client.call("Dict/Create", named<v1::DictCreateRequest>("scores"));
  const Answer answer = client.call("Dict/Get", get_request("scores", text("bob")));
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(answer.code(), v1::KEY_ERROR);
  EXPECT_EQ(answer.error().message(), answer.status.error_message());
  EXPECT_THAT(answer.error().message(), HasSubstr("bob"));
}

TEST_F(GrpcUnaryTest, ALongNameDoesNotBreakTheTrailers) {
  const Answer answer = client.call("Dict/Get", get_request(std::string(100'000, 'n'), text("k")));
  EXPECT_EQ(answer.code(), v1::NO_SUCH_OBJECT);
}

TEST_F(GrpcUnaryTest, ALockCanNotBeOwnedWithoutASession) {
  create_lock("deploy");
  const Answer answer = acquire("deploy", {});
  EXPECT_EQ(answer.code(), v1::NO_SESSION);
  EXPECT_THAT(answer.error().message(), HasSubstr("mp.v1.Sessions/Open"));
}

TEST_F(GrpcUnaryTest, ASessionNeedsItsSecret) {
  create_lock("deploy");
  Metadata session = client.open_session();
  session["mp-secret"] = std::string(32, '0');
  EXPECT_EQ(acquire("deploy", session).code(), v1::BAD_SECRET);
}

TEST_F(GrpcUnaryTest, ASecretMayBeSentRaw) {
  create_lock("deploy");
  Metadata session = client.open_session();
  std::string raw;
  for (std::size_t i = 0; i < session["mp-secret"].size(); i += 2) {
    raw += static_cast<char>(std::stoi(session["mp-secret"].substr(i, 2), nullptr, 16));
  }
  session.erase("mp-secret");
  session["mp-secret-bin"] = raw;
  EXPECT_TRUE(acquire("deploy", session).ok());
}

TEST_F(GrpcUnaryTest, ALockShowsItsHolderAndItsWaiter) {
  create_lock("deploy");
  const Metadata first = client.open_session();
  const Metadata second = client.open_session();
  acquire("deploy", first);
  const auto waiting = start_acquire("deploy", second);
  await_waiters("deploy", 1);
  const v1::DescribeObjectReply lock = describe("deploy");
  ASSERT_EQ(lock.holders_size(), 1);
  EXPECT_EQ(std::to_string(lock.holders(0).party().session()), first.at("mp-session"));
  EXPECT_EQ(std::to_string(lock.waiters(0).party().session()), second.at("mp-session"));
  EXPECT_EQ(lock.waiters(0).operation(), "mp.v1.Lock/Acquire");
}

TEST_F(GrpcUnaryTest, AReleasedLockGoesToWhoWaits) {
  create_lock("deploy");
  const Metadata first = client.open_session();
  acquire("deploy", first);
  const auto waiting = start_acquire("deploy", client.open_session());
  await_waiters("deploy", 1);
  client.call("Lock/Release", named<v1::LockReleaseRequest>("deploy"), first);
  EXPECT_TRUE(waiting->wait().reply<v1::LockAcquireReply>().acquired());
}

TEST_F(GrpcUnaryTest, OneSessionHasSeveralOwners) {
  create_lock("deploy");
  Metadata session = client.open_session();
  acquire("deploy", session);
  session["mp-owner"] = "7";
  EXPECT_EQ(client.call("Lock/Release", named<v1::LockReleaseRequest>("deploy"), session).code(),
            v1::NOT_OWNER);
}

TEST_F(GrpcUnaryTest, AMutationMayDemandTheGrantOfALock) {
  create_lock("deploy");
  client.call("Dict/Create", named<v1::DictCreateRequest>("scores"));
  Metadata session = client.open_session();
  const auto grant = acquire("deploy", session).reply<v1::LockAcquireReply>();
  Metadata fenced = {{"mp-require-lock", "deploy"},
                     {"mp-require-token", std::to_string(grant.token())}};
  EXPECT_TRUE(client.call("Dict/Set", set_request("scores", text("k"), number(1)), fenced).ok());
  client.call("Lock/Release", named<v1::LockReleaseRequest>("deploy"), session);
  EXPECT_EQ(client.call("Dict/Set", set_request("scores", text("k"), number(2)), fenced).code(),
            v1::STALE_TOKEN);
}

TEST_F(GrpcUnaryTest, ABatchRunsAllOrNothing) {
  client.call("Dict/Create", named<v1::DictCreateRequest>("scores"));
  v1::BatchRequest batch;
  *batch.add_operations()->mutable_dict_set() = set_request("scores", text("k"), number(1));
  *batch.add_operations()->mutable_dict_get() = get_request("scores", text("missing"));
  const Answer answer = client.call("Batches/Run", batch);
  EXPECT_EQ(answer.code(), v1::KEY_ERROR);
  EXPECT_EQ(answer.error().operation_index(), 1);
  EXPECT_EQ(client.call("Dict/Get", get_request("scores", text("k"))).code(), v1::KEY_ERROR);
}

TEST_F(GrpcUnaryTest, AnUnknownMethodIsUnimplemented) {
  const Answer answer = client.call("Dict/Frobnicate", v1::DictCreateRequest());
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(answer.code(), v1::UNKNOWN_OPERATION);
}

TEST_F(GrpcUnaryTest, ARequestOfRandomBytesIsABadCommand) {
  grpc::Slice bytes("\xff\xff\xff\xff\xff\xff");
  const Answer answer =
      client.start_bytes("Dict/Set", grpc::ByteBuffer(&bytes, 1), {}, milliseconds(60'000))->wait();
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(answer.code(), v1::BAD_COMMAND);
}

TEST_F(GrpcUnaryTest, ATextThatIsNotUtf8NamesBytes) {
  std::string request = set_request("scores", text("k"), text("XX")).SerializeAsString();
  request.replace(request.find("XX"), 2, "\xff\xfe");
  grpc::Slice bytes(request);
  const Answer answer =
      client.start_bytes("Dict/Set", grpc::ByteBuffer(&bytes, 1), {}, milliseconds(60'000))->wait();
  EXPECT_EQ(answer.code(), v1::BAD_COMMAND);
  EXPECT_THAT(answer.error().message(), HasSubstr("mp::Bytes"));
}

TEST_F(GrpcUnaryTest, MetadataThatIsNoNumberIsABadCommand) {
  const Answer answer =
      client.call("Dict/Create", named<v1::DictCreateRequest>("d"), {{"mp-owner", "me"}});
  EXPECT_EQ(answer.code(), v1::BAD_COMMAND);
  EXPECT_THAT(answer.error().message(), HasSubstr("mp-owner"));
}

TEST_F(GrpcUnaryTest, AValueThatNestsTooDeepIsRefused) {
  client.call("Dict/Create", named<v1::DictCreateRequest>("scores"));
  v1::Value deep = number(1);
  for (int i = 0; i < 90; ++i) {
    v1::Value outer;
    *outer.mutable_list()->add_items() = std::move(deep);
    deep = std::move(outer);
  }
  const Answer answer = client.call("Dict/Set", set_request("scores", text("k"), deep));
  EXPECT_THAT(answer.error().message(), HasSubstr("--max-value-depth"));
}

class SmallMessageTest : public GrpcTest {
 protected:
  SmallMessageTest() : GrpcTest({"--max-message-bytes", "64KiB"}) {}
};

TEST_F(SmallMessageTest, ARequestPastTheLimitIsRefusedByName) {
  const Answer answer =
      client.call("Dict/Set", set_request("d", text("k"), text(std::string(100'000, 'x'))));
  EXPECT_EQ(answer.code(), v1::LIMIT_EXCEEDED);
  EXPECT_THAT(answer.error().message(), HasSubstr("--max-message-bytes"));
}

TEST_F(SmallMessageTest, AReplyPastTheLimitIsAnError) {
  client.call("Dict/Create", named<v1::DictCreateRequest>("d"));
  for (int i = 0; i < 3; ++i) {
    client.call("Dict/Set", set_request("d", number(i), text(std::string(30'000, 'x'))));
  }
  EXPECT_EQ(client.call("Dict/Items", named<v1::DictItemsRequest>("d")).code(), v1::LIMIT_EXCEEDED);
}

}  // namespace
}  // namespace mp::e2e
