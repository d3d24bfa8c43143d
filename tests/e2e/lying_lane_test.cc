#include "tests/e2e/lying_lane.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <string>
#include <string_view>

#include "client_lib/local/lane/lane_frames.h"
#include "client_lib/local/lane/lane_memory.h"

namespace mp::e2e {
namespace {

using namespace server::engine_test;
using internal::LaneFrame;
using internal::LaneMemory;

TEST_F(LyingLane, IsServedAsLongAsItTellsTheTruth) {
  const auto liar = with_rings();
  liar->write(a_command());
  EXPECT_NE(liar->read(), "");
}

TEST_F(LyingLane, GetsNothingBeforeItsHello) {
  SocketClient stranger(manager_.socket());
  const auto bytes = internal::lane_frame_bytes(LaneFrame::kAsk);
  stranger.send_raw({bytes.data(), bytes.size()});
  const auto answer = stranger.receive();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->has_refusal());
}

TEST_F(LyingLane, GetsNoMoreThanOneMemory) {
  Liar liar(manager_.socket());
  liar.say(LaneFrame::kAsk);
  ASSERT_EQ(liar.hear(), LaneFrame::kOffer);
  liar.say(LaneFrame::kAsk);
  liar.say(LaneFrame::kChange);
  EXPECT_EQ(liar.hear(), LaneFrame::kChange);
}

TEST_F(LyingLane, CannotChangeToWhatItWasNotOffered) {
  const Liar liar(manager_.socket());
  liar.say(LaneFrame::kChange);
  EXPECT_TRUE(liar.is_hung_up());
}

TEST_F(LyingLane, MayDecline) {
  Liar liar(manager_.socket());
  liar.say(LaneFrame::kAsk);
  ASSERT_EQ(liar.hear(), LaneFrame::kOffer);
  liar.say(LaneFrame::kDecline);
  liar.say(LaneFrame::kAsk);
  EXPECT_EQ(liar.hear(), LaneFrame::kOffer);
}

TEST_F(LyingLane, IsEndedByACounterBeyondTheRing) {
  const auto liar = with_rings();
  liar->to_server().written = LaneMemory::kRingBytes + 1;
  liar->ring();
  EXPECT_TRUE(liar->is_hung_up());
}

TEST_F(LyingLane, IsEndedByACounterThatGoesBack) {
  const auto liar = with_rings();
  liar->write(a_command());
  ASSERT_NE(liar->read(), "");
  liar->to_server().written = 0;
  liar->ring();
  EXPECT_TRUE(liar->is_hung_up());
}

TEST_F(LyingLane, IsEndedByHavingReadWhatWasNeverWritten) {
  const auto liar = with_rings();
  liar->to_client().read = ~std::uint64_t{0};
  // So many answers that the manager has to look how much was read.
  v1::Command command = get("d", "'k'");
  for (std::uint64_t seq = 1; seq < 100'000; ++seq) {
    command.set_seq(seq);
    const std::string frame = frame_of(command);
    if (liar->writer->write(frame.data(), frame.size()) != frame.size()) break;
    liar->ring();
  }
  EXPECT_TRUE(liar->is_hung_up());
}

TEST_F(LyingLane, IsToldThatItsFrameIsTooLarge) {
  const auto liar = with_rings();
  const std::uint32_t length = 0xffffffff;
  liar->write({reinterpret_cast<const char*>(&length), sizeof length});
  EXPECT_NE(liar->read(), "");
  EXPECT_TRUE(liar->is_hung_up());
}

TEST_F(LyingLane, MayEndInTheMiddleOfAFrame) {
  const auto liar = with_rings();
  liar->write(a_command().substr(0, 7));
}

TEST_F(LyingLane, MayPunchHoles) {
  const auto liar = with_rings();
  liar->write(a_command());
  EXPECT_NE(liar->read(), "");
  const auto all = static_cast<off_t>(LaneMemory::kControlBytes + 2 * LaneMemory::kRingBytes);
  ASSERT_EQ(fallocate(liar->descriptor.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, all),
            0);
  liar->ring();
  EXPECT_TRUE(liar->is_hung_up());  // zeros are a counter that goes back
}

TEST_F(LyingLane, IsNotHeardAnyMoreWhileItReadsNoAnswersAndThenIs) {
  v1::Command large = set("d", "'k'", "1");
  large.mutable_dict_set()->mutable_value()->set_str(std::string(6000, 'x'));
  large.set_seq(100);
  good_.ask(large);
  const auto liar = with_rings();
  std::string commands;
  v1::Command command = get("d", "'k'");
  constexpr std::uint64_t kCommands = 20'000;
  for (std::uint64_t seq = 1; seq <= kCommands; ++seq) {
    command.set_seq(seq);
    commands += frame_of(command);
  }
  std::size_t written = 0;
  const auto write_on = [&] {
    written += liar->writer->write(commands.data() + written, commands.size() - written).value();
    liar->ring();
  };
  for (int quiet = 0; quiet < 20;) {
    const std::size_t before = written;
    write_on();
    quiet = written == before ? quiet + 1 : 0;
    poll(nullptr, 0, 10);
  }
  EXPECT_LT(written, commands.size());

  std::size_t received = 0;
  while (received < kCommands * 6000) {
    const std::string answers = liar->read();
    ASSERT_NE(answers, "");
    received += answers.size();
    liar->ring();  // there is room
    write_on();
  }
}

}  // namespace
}  // namespace mp::e2e
