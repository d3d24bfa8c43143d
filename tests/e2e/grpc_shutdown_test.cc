#include <csignal>

#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "tests/e2e/grpc_fixture.h"
#include "tests/e2e/streaming_call.h"

namespace mp::e2e {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

class ShutdownTest : public GrpcTest {
 protected:
  explicit ShutdownTest(std::vector<std::string> flags = {"--drain-timeout", "1h"})
      : GrpcTest(std::move(flags)) {}

  // A call whose request never comes, on the server's side too.
  std::unique_ptr<StreamingCall> start_endless_call() {
    auto call = std::make_unique<StreamingCall>(client.channel(), "/mp.v1.Dict/Set");
    client.call("Admin/Stats", v1::StatsRequest());  // comes after it on the same connection
    return call;
  }
};

TEST_F(ShutdownTest, AWatcherOfHealthIsToldAndDoesNotHoldItUp) {
  StreamingCall watch(client.channel(), "/grpc.health.v1.Health/Watch");
  HealthCheckResponse response;
  ASSERT_TRUE(watch.write(HealthCheckRequest()));
  ASSERT_TRUE(watch.read(response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  manager.signal(SIGTERM);
  ASSERT_TRUE(watch.read(response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch.read(response));
  EXPECT_EQ(watch.finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(manager.wait(), 0);
}

TEST_F(ShutdownTest, AnOpenReflectionStreamDoesNotHoldItUp) {
  StreamingCall reflection(client.channel(),
                           "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
  grpc::reflection::v1::ServerReflectionRequest request;
  request.set_list_services("*");
  grpc::reflection::v1::ServerReflectionResponse response;
  ASSERT_TRUE(reflection.write(request));
  ASSERT_TRUE(reflection.read(response));
  manager.signal(SIGTERM);
  EXPECT_EQ(manager.wait(), 0);
}

TEST_F(ShutdownTest, AThousandWaitersAreAnswered) {
  create_queue("jobs");
  std::vector<std::shared_ptr<PendingCall>> gets;
  for (int i = 0; i < 1000; ++i) gets.push_back(start_get("jobs"));
  await_waiters("jobs", 1000);
  manager.signal(SIGTERM);
  for (const auto& get : gets) EXPECT_EQ(get->wait().code(), v1::MANAGER_SHUT_DOWN);
  EXPECT_EQ(manager.wait(), 0);
}

TEST_F(ShutdownTest, ASecondSignalEndsItAtOnce) {
  const auto endless = start_endless_call();
  manager.signal(SIGTERM);
  eventually([&] { return manager.log().find("shutting down") != std::string::npos; });
  manager.signal(SIGTERM);
  EXPECT_EQ(manager.wait(), 128 + SIGTERM);
}

class ShortDrainTest : public ShutdownTest {
 protected:
  ShortDrainTest() : ShutdownTest({"--drain-timeout", "100ms"}) {}
};

TEST_F(ShortDrainTest, ACallThatNeverEndsIsCutOff) {
  const auto endless = start_endless_call();
  manager.signal(SIGTERM);
  EXPECT_EQ(manager.wait(), 0);
}

class ReflectionTest : public GrpcTest {
 protected:
  using Response = grpc::reflection::v1::ServerReflectionResponse;
  Response ask(const grpc::reflection::v1::ServerReflectionRequest& request) {
    Response response;
    EXPECT_TRUE(stream.write(request));
    EXPECT_TRUE(stream.read(response));
    return response;
  }
  StreamingCall stream{client.channel(),
                       "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"};
};

TEST_F(ReflectionTest, AFileComesWithAllThatItImports) {
  grpc::reflection::v1::ServerReflectionRequest request;
  request.set_file_containing_symbol("mp.v1.Dict");
  EXPECT_GE(ask(request).file_descriptor_response().file_descriptor_proto_size(), 3);
}

TEST_F(ReflectionTest, OneStreamAnswersManyQuestions) {
  grpc::reflection::v1::ServerReflectionRequest request;
  request.set_file_by_filename("mp/v1/queue.proto");
  EXPECT_TRUE(ask(request).has_file_descriptor_response());
  request.set_all_extension_numbers_of_type("mp.v1.Value");
  EXPECT_EQ(ask(request).all_extension_numbers_response().base_type_name(), "mp.v1.Value");
  request.mutable_file_containing_extension()->set_containing_type("mp.v1.Value");
  EXPECT_EQ(ask(request).error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_file_containing_symbol("mp.v1.Nothing");
  EXPECT_EQ(ask(request).error_response().error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace mp::e2e
