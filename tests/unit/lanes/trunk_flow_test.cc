#include "server/lanes/trunk_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace mp::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::uint64_t kWindow = TrunkFlow::kWindow;

// One end of a trunk, and what reaches the other.
class TrunkFlowTest : public testing::Test {
 protected:
  // One message. The connections of which it has something, in the order of their parts.
  std::vector<TrunkFlow::Number> send_one() {
    const std::string message = flow.next();
    std::vector<ConnectionPart> parts;
    EXPECT_TRUE(parse_trunk_frame(message, parts));
    std::vector<TrunkFlow::Number> from;
    for (const ConnectionPart& part : parts) {
      from.push_back(part.connection);
      if (part.frame) bytes[part.connection] += *part.frame;
      if (part.frame && !part.more) ++frames[part.connection];
      taken[part.connection] += part.taken;
      if (part.end) ended.insert(part.connection);
    }
    return from;
  }
  void send_all() {
    while (!send_one().empty()) continue;
  }

  TrunkFlow flow;
  std::map<TrunkFlow::Number, std::string> bytes;
  std::map<TrunkFlow::Number, int> frames;
  std::map<TrunkFlow::Number, std::uint64_t> taken;
  std::set<TrunkFlow::Number> ended;
};

TEST_F(TrunkFlowTest, SmallFramesOfManyConnectionsLeaveInOneMessage) {
  for (TrunkFlow::Number number = 1; number <= 100; ++number) {
    flow.begin(number);
    flow.append_frame(number, "frame");
  }
  EXPECT_EQ(send_one().size(), 100);
  EXPECT_THAT(send_one(), IsEmpty());
  EXPECT_EQ(bytes[100], "frame");
}

TEST_F(TrunkFlowTest, FramesOfAConnectionLeaveInTheirOrder) {
  flow.begin(1);
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string frame(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    expected += frame;
    flow.append_frame(1, frame);
  }
  send_all();
  EXPECT_EQ(bytes[1], expected);
}

TEST_F(TrunkFlowTest, ALargeFrameDoesNotHoldBackASmallOne) {
  flow.begin(1);
  flow.begin(2);
  flow.append_frame(1, std::string(3 << 20U, 'x'));
  flow.append_frame(2, "small");
  send_one();
  EXPECT_EQ(bytes[2], "small");
  EXPECT_EQ(frames[1], 0);
}

TEST_F(TrunkFlowTest, ACrowdOfFramesDoesNotHoldBackOneThatComesLater) {
  flow.begin(1);
  flow.begin(2);
  for (int i = 0; i < 10'000; ++i) flow.append_frame(1, std::string(50, 'x'));
  send_one();
  flow.append_frame(2, "later");
  send_one();
  EXPECT_EQ(bytes[2], "later");
  EXPECT_LT(bytes[1].size(), 10'000 * 50 / 2);
}

TEST_F(TrunkFlowTest, NoMoreLeavesThanTheOtherEndHasRoomFor) {
  flow.begin(1);
  flow.append_frame(1, std::string(kWindow + 1000, 'x'));
  send_all();
  EXPECT_EQ(bytes[1].size(), kWindow);
  flow.widen(1, 600);
  send_all();
  EXPECT_EQ(bytes[1].size(), kWindow + 600);
  flow.widen(1, 600);
  send_all();
  EXPECT_EQ(frames[1], 1);
}

TEST_F(TrunkFlowTest, AConnectionThatIsNotReadHoldsBackNoOther) {
  flow.begin(1);
  flow.begin(2);
  flow.append_frame(1, std::string(2 * kWindow, 'x'));
  send_all();
  flow.append_frame(2, "free");
  send_all();
  EXPECT_EQ(bytes[2], "free");
}

TEST_F(TrunkFlowTest, AnotherEndThatHasTakenMoreThanThereWasWidensNothing) {
  flow.begin(1);
  flow.widen(1, ~0ULL);
  flow.append_frame(1, std::string(2 * kWindow, 'x'));
  send_all();
  EXPECT_EQ(bytes[1].size(), kWindow);
}

TEST_F(TrunkFlowTest, WhatHasComeIsToldAsTakenAQuarterOfTheWindowAtATime) {
  flow.begin(1);
  EXPECT_TRUE(flow.receive(1, kWindow / 4 - 1));
  EXPECT_THAT(send_one(), IsEmpty());
  EXPECT_TRUE(flow.receive(1, 1));
  send_all();
  EXPECT_EQ(taken[1], kWindow / 4);
}

TEST_F(TrunkFlowTest, WhatIsHeldIsToldAsTakenOnceItIsHeldNoMore) {
  flow.begin(1);
  flow.hold(1, true);
  EXPECT_TRUE(flow.receive(1, kWindow));
  EXPECT_THAT(send_one(), IsEmpty());
  flow.hold(1, false);
  send_all();
  EXPECT_EQ(taken[1], kWindow);
}

TEST_F(TrunkFlowTest, MoreThanTheWindowIsTooMuch) {
  flow.begin(1);
  flow.hold(1, true);
  EXPECT_TRUE(flow.receive(1, kWindow));
  EXPECT_FALSE(flow.receive(1, 1));
}

TEST_F(TrunkFlowTest, AnEmptyFrameLeavesThoughTheWindowIsUsedUp) {
  flow.begin(1);
  flow.append_frame(1, std::string(kWindow, 'x'));
  send_all();
  flow.append_frame(1, "");
  send_all();
  EXPECT_EQ(frames[1], 2);
}

TEST_F(TrunkFlowTest, TheEndLeavesAfterWhatWaits) {
  flow.begin(1);
  flow.append_frame(1, std::string(kWindow + 1, 'x'));
  flow.end(1, TrunkFlow::Waiting::kLeaves);
  send_all();
  EXPECT_THAT(ended, IsEmpty());
  flow.widen(1, 1);
  send_all();
  EXPECT_THAT(ended, ElementsAre(1));
  EXPECT_THAT(flow.ended(), ElementsAre(1));
}

TEST_F(TrunkFlowTest, TheEndLeavesInsteadOfWhatNobodyWillRead) {
  flow.begin(1);
  flow.append_frame(1, std::string(2 * kWindow, 'x'));
  send_all();
  flow.end(1, TrunkFlow::Waiting::kIsDropped);
  send_all();
  EXPECT_THAT(ended, ElementsAre(1));
}

TEST_F(TrunkFlowTest, NothingIsSaidOnAConnectionThatHasEnded) {
  flow.begin(1);
  flow.end(1, TrunkFlow::Waiting::kLeaves);
  flow.append_frame(1, "late");
  send_all();
  flow.append_frame(1, "later");
  EXPECT_TRUE(flow.receive(1, 2 * kWindow));
  EXPECT_THAT(send_one(), IsEmpty());
  EXPECT_EQ(bytes[1], "");
}

TEST_F(TrunkFlowTest, WhoeverWasCongestedHearsThatItHasLeft) {
  flow.begin(1);
  flow.begin(2);
  flow.append_frame(1, std::string(TrunkFlow::kMaxUnsent + kWindow, 'x'));
  flow.append_frame(2, std::string(TrunkFlow::kMaxUnsent + kWindow, 'x'));
  EXPECT_TRUE(flow.congested(1));
  EXPECT_TRUE(flow.congested(2));
  send_one();
  EXPECT_THAT(flow.caught_up(), IsEmpty());
  send_all();
  flow.widen(1, 1);
  send_all();
  flow.widen(2, 1);
  send_all();
  EXPECT_THAT(flow.caught_up(), UnorderedElementsAre(1, 2));
  EXPECT_THAT(flow.caught_up(), IsEmpty());
}

}  // namespace
}  // namespace mp::server
