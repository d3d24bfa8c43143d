#include "server/lanes/trunk_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mp/v1/trunk.pb.h"

namespace mp::server {
namespace {

using testing::SizeIs;

std::vector<ConnectionPart> parsed(std::string_view message) {
  std::vector<ConnectionPart> parts;
  EXPECT_TRUE(parse_trunk_frame(message, parts));
  return parts;
}

bool is_refused(const std::string& message) {
  std::vector<ConnectionPart> parts;
  return !parse_trunk_frame(message, parts);
}

TEST(TrunkFrames, AreWrittenAsProtobufWouldWriteThem) {
  std::string message;
  append_part(message,
              {.connection = 300, .frame = "abc", .more = true, .taken = 70'000, .end = true});
  v1::TrunkFrame frame;
  ASSERT_TRUE(frame.ParseFromString(message));
  ASSERT_THAT(frame.parts(), SizeIs(1));
  EXPECT_EQ(frame.parts(0).connection(), 300);
  EXPECT_EQ(frame.parts(0).frame(), "abc");
  EXPECT_TRUE(frame.parts(0).more());
  EXPECT_EQ(frame.parts(0).taken(), 70'000);
  EXPECT_TRUE(frame.parts(0).end());
}

TEST(TrunkFrames, AreReadAsProtobufWritesThem) {
  v1::TrunkFrame frame;
  v1::ConnectionPart& part = *frame.add_parts();
  part.set_connection(300);
  part.set_frame("abc");
  part.set_more(true);
  part.set_taken(70'000);
  part.set_end(true);
  const std::string bytes = frame.SerializeAsString();
  const auto parts = parsed(bytes);
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_EQ(parts[0].connection, 300);
  EXPECT_EQ(parts[0].frame, "abc");
  EXPECT_TRUE(parts[0].more);
  EXPECT_EQ(parts[0].taken, 70'000);
  EXPECT_TRUE(parts[0].end);
}

TEST(TrunkFrames, TellAnEmptyFrameFromNone) {
  std::string message;
  append_part(message, {.connection = 1, .frame = "", .more = false, .taken = 0, .end = false});
  append_part(message,
              {.connection = 1, .frame = std::nullopt, .more = false, .taken = 0, .end = true});
  const auto parts = parsed(message);
  ASSERT_THAT(parts, SizeIs(2));
  EXPECT_TRUE(parts[0].frame.has_value());
  EXPECT_FALSE(parts[1].frame.has_value());
}

TEST(TrunkFrames, OfWhichAPartNamesNoConnectionAreRefused) {
  v1::TrunkFrame frame;
  frame.add_parts()->set_frame("abc");
  EXPECT_TRUE(is_refused(frame.SerializeAsString()));
}

TEST(TrunkFrames, ThatAreCutOffAreRefusedWhereverTheyAre) {
  std::string message;
  append_part(message, {.connection = 7, .frame = "abc", .more = false, .taken = 9, .end = true});
  for (std::size_t size = 1; size < message.size(); ++size)
    EXPECT_TRUE(is_refused(message.substr(0, size))) << size;
}

TEST(TrunkFrames, WithFieldsOfALaterVersionAreRead) {
  v1::TrunkFrame frame;
  frame.add_parts()->set_connection(1);
  frame.mutable_parts(0)
      ->GetReflection()
      ->MutableUnknownFields(frame.mutable_parts(0))
      ->AddVarint(100, 1);
  frame.GetReflection()->MutableUnknownFields(&frame)->AddLengthDelimited(101, "new");
  EXPECT_THAT(parsed(frame.SerializeAsString()), SizeIs(1));
}

TEST(FramePieces, MakeAFrameOnceTheLastHasCome) {
  FramePieces pieces;
  EXPECT_EQ(pieces.add("ab", true), std::nullopt);
  EXPECT_EQ(pieces.add("cd", true), std::nullopt);
  EXPECT_EQ(pieces.size(), 4);
  EXPECT_EQ(pieces.add("e", false), "abcde");
  pieces.drop();
  EXPECT_EQ(pieces.add("whole", false), "whole");
}

}  // namespace
}  // namespace mp::server
