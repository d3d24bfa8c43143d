#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mp/v1/trunk.pb.h"
#include "tests/e2e/manager_process.h"
#include "tests/e2e/streaming_call.h"
#include "tests/unit/engine/commands.h"

// A manager and its trunk: of a relay that behaves, and of one that does not.

namespace mp::e2e {
namespace {

using namespace server::engine_test;
using testing::HasSubstr;

// What has come on one connection.
struct Received {
  std::string piece;  // of the frame that has begun
  std::string bytes;  // its frames, merged to one
  bool ended = false;
  v1::ServerFrame frame() const {
    v1::ServerFrame merged;
    EXPECT_TRUE(merged.ParseFromString(bytes));
    return merged;
  }
};

// A relay by hand.
class Trunk {
 public:
  explicit Trunk(const ManagerProcess& manager)
      : call_(grpc::CreateChannel(manager.address(), grpc::InsecureChannelCredentials()),
              "/mp.v1.Relays/Trunk") {}

  v1::ConnectionPart& add(std::uint64_t connection, const v1::ClientFrame& frame) {
    return add_bytes(connection, frame.SerializeAsString());
  }
  v1::ConnectionPart& add_bytes(std::uint64_t connection, const std::string& frame) {
    v1::ConnectionPart& part = *out_.add_parts();
    part.set_connection(connection);
    part.set_frame(frame);
    return part;
  }
  v1::ConnectionPart& add_hello(std::uint64_t connection) {
    v1::ClientFrame frame;
    frame.mutable_hello()->set_version(1);
    return add(connection, frame);
  }
  void send() {
    call_.write(out_);
    out_.Clear();
  }
  void send_bytes(const std::string& bytes) { call_.write_bytes(bytes); }

  // The next message. False: there is none any more.
  bool receive_one() {
    v1::TrunkFrame message;
    if (!call_.read(message)) return false;
    for (const v1::ConnectionPart& part : message.parts()) {
      Received& from = received[part.connection()];
      from.piece += part.frame();
      if (!part.more()) from.bytes += std::exchange(from.piece, {});
      from.ended |= part.end();
    }
    return true;
  }
  template <class Condition>
  void receive_until(Condition&& condition) {
    while (!condition() && receive_one()) continue;
    EXPECT_TRUE(condition());
  }
  void greet(std::uint64_t connection) {
    add_hello(connection);
    send();
    receive_until([&] { return received[connection].frame().has_welcome(); });
  }
  // Why this connection was refused.
  v1::Error refusal(std::uint64_t connection) {
    receive_until([&] { return received[connection].ended; });
    return received[connection].frame().refusal();
  }
  std::size_t outcomes(std::uint64_t connection) {
    return static_cast<std::size_t>(received[connection].frame().outcomes_size());
  }
  grpc::Status finish() { return call_.finish(); }

  std::map<std::uint64_t, Received> received;

 private:
  StreamingCall call_;
  v1::TrunkFrame out_;
};

v1::ClientFrame frame_of(v1::Command command, std::uint64_t seq) {
  command.set_seq(seq);
  v1::ClientFrame frame;
  frame.add_commands(command.SerializeAsString());
  return frame;
}

class TrunkTest : public testing::Test {
 protected:
  explicit TrunkTest(std::vector<std::string> flags = {}) : manager(std::move(flags)) {
    trunk.greet(kGood);
  }
  // Whatever came in: the trunk's other connection is served.
  ~TrunkTest() override {
    if (!alive) return;
    trunk.add(kGood, frame_of(create_dict("d"), 1));
    trunk.send();
    trunk.receive_until([&] { return trunk.outcomes(kGood) == 1; });
  }

  static constexpr std::uint64_t kGood = 10;
  static constexpr std::uint64_t kOther = 20;
  ManagerProcess manager;
  Trunk trunk{manager};
  bool alive = true;
};

TEST_F(TrunkTest, AConnectionThatBeginsWithoutHelloIsRefusedAlone) {
  trunk.add(kOther, frame_of(create_dict("d"), 1));
  trunk.send();
  EXPECT_EQ(trunk.refusal(kOther).code(), v1::BAD_COMMAND);
}

TEST_F(TrunkTest, AConnectionThatSaysHelloTwiceIsRefusedAlone) {
  trunk.greet(kOther);
  trunk.add_hello(kOther);
  trunk.send();
  EXPECT_EQ(trunk.refusal(kOther).code(), v1::BAD_COMMAND);
}

TEST_F(TrunkTest, BytesThatAreNoFrameRefuseTheirConnectionAlone) {
  trunk.add_bytes(kOther, "\xff\xff\xff");
  trunk.send();
  EXPECT_EQ(trunk.refusal(kOther).code(), v1::BAD_COMMAND);
}

TEST_F(TrunkTest, PartsOfAConnectionThatHasEndedArePassedOver) {
  trunk.add_bytes(kOther, "\xff");
  trunk.add_hello(kOther);
  trunk.add_hello(kOther - 1);  // which can't begin after it
  trunk.send();
  EXPECT_EQ(trunk.refusal(kOther).code(), v1::BAD_COMMAND);
  EXPECT_FALSE(trunk.received.contains(kOther - 1));
}

TEST_F(TrunkTest, WhoeverHangsUpIsAnsweredSo) {
  trunk.add_hello(kOther).set_end(true);
  trunk.send();
  trunk.receive_until([&] { return trunk.received[kOther].ended; });
}

TEST_F(TrunkTest, AFrameInPiecesIsTakenAsOne) {
  trunk.greet(kOther);
  const std::string bytes = frame_of(create_dict("pieces"), 1).SerializeAsString();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    trunk.add_bytes(kOther, bytes.substr(i, 1)).set_more(i + 1 < bytes.size());
    trunk.send();
  }
  trunk.receive_until([&] { return trunk.outcomes(kOther) == 1; });
}

TEST_F(TrunkTest, BytesThatAreNoTrunkFrameEndTheTrunkWithTheReason) {
  alive = false;
  trunk.send_bytes("\xff\xff\xff");
  while (trunk.receive_one()) continue;
  const grpc::Status status = trunk.finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("TrunkFrame"));
}

TEST_F(TrunkTest, APartWithoutAConnectionEndsTheTrunkWithTheReason) {
  alive = false;
  trunk.add_hello(0);
  trunk.send();
  while (trunk.receive_one()) continue;
  EXPECT_EQ(trunk.finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(TrunkTest, OneThatHasSentTenThousandCommandsIsNotAnsweredInFullBeforeTheNext) {
  trunk.greet(kOther);
  v1::ClientFrame crowd;
  for (std::uint64_t seq = 1; seq <= 10'000; ++seq) {
    v1::Command command = create_dict("crowd");
    command.set_seq(seq);
    crowd.add_commands(command.SerializeAsString());
  }
  trunk.add(kOther, crowd);
  trunk.add(kGood, frame_of(create_dict("next"), 2));
  trunk.send();
  trunk.receive_until([&] { return trunk.outcomes(kGood) == 1; });
  EXPECT_LT(trunk.outcomes(kOther), 10'000);
  trunk.received[kGood].bytes.clear();
}

class SmallTrunkTest : public TrunkTest {
 protected:
  SmallTrunkTest() : TrunkTest({"--max-message-bytes", "64KiB", "--hello-timeout", "200ms"}) {}
};

TEST_F(SmallTrunkTest, AFrameThatIsTooLongRefusesItsConnectionAlone) {
  trunk.greet(kOther);
  for (int piece = 0; piece < 3; ++piece) {
    trunk.add_bytes(kOther, std::string(60'000, 'x')).set_more(true);
    trunk.send();
  }
  EXPECT_EQ(trunk.refusal(kOther).code(), v1::LIMIT_EXCEEDED);
}

TEST_F(SmallTrunkTest, AHelloThatIsNeverFinishedIsRefusedInTime) {
  trunk.add_hello(kOther).set_more(true);
  trunk.send();
  EXPECT_EQ(trunk.refusal(kOther).code(), v1::TIMEOUT);
}

TEST_F(SmallTrunkTest, ATrunkOnWhichNobodySaysHelloIsEndedInTime) {
  Trunk mute(manager);
  EXPECT_FALSE(mute.receive_one());
  EXPECT_THAT(mute.finish().error_message(), HasSubstr("--hello-timeout"));
}

}  // namespace
}  // namespace mp::e2e
