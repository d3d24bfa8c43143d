#include <csignal>
#include <optional>

#include "mp/v1/session.pb.h"
#include "tests/e2e/grpc_fixture.h"
#include "tests/e2e/streaming_call.h"

// Session streams that say hello late, or never.

namespace mp::e2e {
namespace {

constexpr char kStream[] = "/mp.v1.Sessions/Stream";

class HelloTest : public GrpcTest {
 protected:
  HelloTest() : GrpcTest({"--hello-timeout", "200ms"}) {}

  static void expect_ended(StreamingCall& stream) {
    v1::ServerFrame frame;
    ASSERT_TRUE(stream.read(frame));
    EXPECT_EQ(frame.refusal().code(), v1::TIMEOUT);
    EXPECT_THAT(frame.refusal().message(), testing::HasSubstr("--hello-timeout"));
    EXPECT_FALSE(stream.read(frame)) << "nothing comes after a refusal";
    EXPECT_TRUE(stream.finish().ok());
  }
  static v1::ClientFrame hello() {
    v1::ClientFrame frame;
    frame.mutable_hello()->set_version(1);
    return frame;
  }
};

TEST_F(HelloTest, AStreamThatNeverSaysHelloIsEndedInTime) {
  StreamingCall mute(client.channel(), kStream);
  expect_ended(mute);
}

TEST_F(HelloTest, AStreamThatHasSaidHelloGoesOnThoughItSaysNoMore) {
  std::optional<StreamingCall> greeted;
  v1::ServerFrame frame;
  while (!frame.has_welcome()) {  // a slow machine may be late itself
    greeted.emplace(client.channel(), kStream);
    greeted->write(hello());
    ASSERT_TRUE(greeted->read(frame));
  }
  StreamingCall mute(client.channel(), kStream);
  expect_ended(mute);  // which began later
  v1::Command command;
  command.set_seq(1);
  command.mutable_lock_create()->set_name("l");
  v1::ClientFrame commands;
  commands.add_commands(command.SerializeAsString());
  ASSERT_TRUE(greeted->write(commands));
  ASSERT_TRUE(greeted->read(frame));
  EXPECT_EQ(frame.outcomes_size(), 1);
}

TEST_F(HelloTest, TheManagerStopsAtOnceThoughAStreamHasTimeToSayHello) {
  ManagerProcess patient({"--hello-timeout", "1h"});
  UnaryClient its_client(patient.address());
  StreamingCall mute(its_client.channel(), kStream);
  its_client.call("Admin/Stats", v1::StatsRequest());  // comes after it on the same connection
  patient.signal(SIGTERM);
  EXPECT_EQ(patient.wait(), 0);
}

}  // namespace
}  // namespace mp::e2e
