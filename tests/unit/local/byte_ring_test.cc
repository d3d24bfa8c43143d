#include "client_lib/local/lane/byte_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <string>
#include <string_view>

namespace mp::internal {
namespace {

class ByteRingTest : public testing::Test {
 protected:
  static constexpr std::size_t kCapacity = 64;

  // What write() made of it: the number of bytes, or -1 where the ring is broken.
  int write(std::string_view bytes) {
    const auto written = writer_.write(bytes.data(), bytes.size());
    return written ? static_cast<int>(*written) : -1;
  }
  // What was read, or "broken".
  std::string read(std::size_t size = kCapacity) {
    std::string bytes(size, '\0');
    const auto count = reader_.read(bytes.data(), size);
    if (!count) return "broken";
    bytes.resize(*count);
    return bytes;
  }
  static std::string text(std::size_t size) {
    std::string bytes;
    while (bytes.size() < size) bytes += static_cast<char>('a' + bytes.size() % 26);
    return bytes;
  }

  RingControl control_{};
  std::array<std::byte, kCapacity> bytes_{};
  RingWriter writer_{control_, bytes_.data(), kCapacity};
  RingReader reader_{control_, bytes_.data(), kCapacity};
};

TEST_F(ByteRingTest, GivesWhatWasWritten) {
  EXPECT_EQ(write("hello"), 5);
  EXPECT_EQ(read(), "hello");
}

TEST_F(ByteRingTest, IsEmptyAtFirst) { EXPECT_EQ(read(), ""); }

TEST_F(ByteRingTest, GivesNothingTwice) {
  write("hello");
  read();
  EXPECT_EQ(read(), "");
}

TEST_F(ByteRingTest, TakesNoMoreThanThereIsRoomFor) {
  EXPECT_EQ(write(text(100)), 64);
  EXPECT_EQ(write("x"), 0);
  EXPECT_EQ(read(), text(64));
}

TEST_F(ByteRingTest, GivesNoMoreThanIsAskedFor) {
  write("hello");
  EXPECT_EQ(read(2), "he");
  EXPECT_EQ(read(2), "ll");
}

TEST_F(ByteRingTest, ContinuesAtItsBeginning) {
  write(text(60));
  read();
  EXPECT_EQ(write("0123456789"), 10);
  EXPECT_EQ(read(), "0123456789");
}

TEST_F(ByteRingTest, IsTheSameStreamInPiecesOfAnySize) {
  std::mt19937 random(20'240'607);
  std::deque<char> model;
  char next = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes;
    for (auto left = random() % 90; left > 0; --left) bytes += next++;
    const int taken = write(bytes);
    ASSERT_EQ(taken, static_cast<int>(std::min(bytes.size(), kCapacity - model.size())));
    next = static_cast<char>(next - static_cast<char>(bytes.size()) + static_cast<char>(taken));
    model.insert(model.end(), bytes.begin(), bytes.begin() + taken);
    const std::string got = read(random() % 90);
    ASSERT_TRUE(std::equal(got.begin(), got.end(), model.begin())) << i;
    model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(got.size()));
  }
}

TEST_F(ByteRingTest, ShowsTheOtherSideHowFarItHasCome) {
  write("hello");
  EXPECT_EQ(control_.written.load(), 5U);
  read(3);
  EXPECT_EQ(control_.read.load(), 3U);
}

// --- The sleep protocol at its two ends. ---

TEST_F(ByteRingTest, ARingerIsNeededOnlyForWhoSleeps) {
  write("x");
  EXPECT_FALSE(writer_.must_ring());
  read();
  ASSERT_TRUE(reader_.lie_down());
  write("x");
  EXPECT_TRUE(writer_.must_ring());
}

TEST_F(ByteRingTest, RingsOnce) {
  ASSERT_TRUE(reader_.lie_down());
  write("x");
  EXPECT_TRUE(writer_.must_ring());
  write("y");
  EXPECT_FALSE(writer_.must_ring());
}

TEST_F(ByteRingTest, AReaderDoesNotSleepOverBytes) {
  write("x");
  EXPECT_FALSE(reader_.lie_down());
  EXPECT_FALSE(writer_.must_ring());
}

TEST_F(ByteRingTest, AWriterSleepsOnlyWhereItIsFull) {
  write(text(63));
  EXPECT_FALSE(writer_.lie_down());
  write("x");
  EXPECT_TRUE(writer_.lie_down());
}

TEST_F(ByteRingTest, AWriterIsWokenWhenHalfIsFree) {
  write(text(64));
  ASSERT_TRUE(writer_.lie_down());
  read(16);
  EXPECT_FALSE(reader_.must_ring());
  read(16);
  EXPECT_TRUE(reader_.must_ring());
}

// --- A peer that lies. ---

TEST_F(ByteRingTest, RefusesMoreBytesThanItHolds) {
  control_.written = kCapacity + 1;
  EXPECT_EQ(read(), "broken");
}

TEST_F(ByteRingTest, RefusesAWriterThatGoesBack) {
  write("hello");
  read();
  control_.written = 4;
  EXPECT_EQ(read(), "broken");
}

TEST_F(ByteRingTest, RefusesAReaderThatWasBeforeItself) {
  write(text(64));
  read(32);
  EXPECT_EQ(write(text(32)), 32);
  control_.read = 31;
  EXPECT_EQ(write("x"), -1);
}

TEST_F(ByteRingTest, RefusesAReaderThatIsAheadOfTheWriter) {
  write(text(64));
  control_.read = 65;
  EXPECT_EQ(write("x"), -1);
}

TEST_F(ByteRingTest, DoesNotSleepOverAnImpossibleCounter) {
  write(text(64));
  control_.read = 65;
  EXPECT_FALSE(writer_.lie_down());
  read();
  control_.written = std::numeric_limits<std::uint64_t>::max();
  EXPECT_FALSE(reader_.lie_down());
}

// Whatever the counters say, nothing is read or written beyond the ring: its ends are poisoned for
// the address sanitizer by being the ends of an object.
TEST_F(ByteRingTest, KeepsWithinItsBytesWhateverTheOtherSays) {
  std::mt19937_64 random(7);
  int broken = 0;
  for (int i = 0; i < 100'000; ++i) {
    RingControl control{};
    std::array<std::byte, kCapacity> bytes{};
    RingWriter writer(control, bytes.data(), kCapacity);
    RingReader reader(control, bytes.data(), kCapacity);
    std::array<char, 2 * kCapacity> block{};
    for (int step = 0; step < 8; ++step) {
      const std::uint64_t wild = random() >> random() % 64;
      (step % 2 == 0 ? control.written : control.read) = wild;
      const std::size_t size = random() % block.size();
      const auto result =
          random() % 2 == 0 ? writer.write(block.data(), size) : reader.read(block.data(), size);
      if (!result && ++broken > 0) break;
      ASSERT_LE(*result, kCapacity);
    }
  }
  EXPECT_GT(broken, 1000);
}

}  // namespace
}  // namespace mp::internal
