#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "mp/local/connection.h"
#include "tests/unit/local/connection_fixture.h"

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::ThrowsMessage;

class ConnectionBytes : public ConnectionTest {};

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz";

TEST_F(ConnectionBytes, AnyPartOfThemCanBeSent) {
  const auto [a, b] = Pipe();
  a.send_bytes(kAlphabet);
  EXPECT_EQ(b.recv_bytes(), Bytes(kAlphabet));
  a.send_bytes(kAlphabet, 5);
  EXPECT_EQ(b.recv_bytes(), Bytes(kAlphabet.substr(5)));
  a.send_bytes(kAlphabet, 7, 8);
  EXPECT_EQ(b.recv_bytes(), Bytes(kAlphabet.substr(7, 8)));
  a.send_bytes(kAlphabet, 26);
  EXPECT_EQ(b.recv_bytes(), Bytes());
  a.send_bytes(kAlphabet, 26, 0);
  EXPECT_EQ(b.recv_bytes(), Bytes());
}

TEST_F(ConnectionBytes, APartOutsideOfThemIsAnErrorAndNothingIsSent) {
  const auto [a, b] = Pipe();
  EXPECT_THROW(a.send_bytes(kAlphabet, 27), ValueError);
  EXPECT_THROW(a.send_bytes(kAlphabet, 22, 5), ValueError);
  EXPECT_THROW(a.send_bytes(kAlphabet, 26, 1), ValueError);
  EXPECT_THROW(a.send_bytes(kAlphabet, -1), ValueError);
  EXPECT_THROW(a.send_bytes(kAlphabet, 4, -1), ValueError);
  EXPECT_FALSE(b.poll());
}

TEST_F(ConnectionBytes, TheyComeFromWhateverHoldsThem) {
  const auto [a, b] = Pipe();
  a.send_bytes("literal");
  EXPECT_EQ(b.recv_bytes(), Bytes("literal"));
  a.send_bytes(std::string("string"));
  EXPECT_EQ(b.recv_bytes(), Bytes("string"));
  a.send_bytes(Bytes{0, 255});
  EXPECT_EQ(b.recv_bytes(), (Bytes{0, 255}));
  a.send_bytes(std::array<std::uint16_t, 2>{1, 2});
  EXPECT_EQ(b.recv_bytes(), (Bytes{1, 0, 2, 0}));
}

TEST_F(ConnectionBytes, OfAnySizeTheyComeBack) {
  const auto [a, b] = Pipe();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{65'535}, std::size_t{65'536},
        std::size_t{65'537}, std::size_t{1'000'000}, kLarge}) {
    std::string bytes(size, 'x');
    for (std::size_t i = 0; i < size; i += 1000) bytes[i] = static_cast<char>(i / 1000);
    std::jthread sender([&, &end = a] { end.send_bytes(bytes); });
    EXPECT_TRUE(b.recv_bytes() == Bytes(bytes)) << size;
  }
}

TEST_F(ConnectionBytes, AMessageUpToTheMaximumIsReceived) {
  const auto [a, b] = Pipe();
  a.send_bytes("hello");
  EXPECT_EQ(b.recv_bytes(5), Bytes("hello"));
  a.send_bytes("");
  EXPECT_EQ(b.recv_bytes(0), Bytes());
}

TEST_F(ConnectionBytes, AfterALongerMessageThanTheMaximumADuplexEndOnlySends) {
  const auto [a, b] = Pipe();
  a.send_bytes("hello");
  EXPECT_THAT([&end = b] { end.recv_bytes(4); },
              ThrowsMessage<ConnectionError>(HasSubstr("bad message length")));
  EXPECT_FALSE(b.readable());
  EXPECT_THROW(b.recv_bytes(), ConnectionError);
  b.send_bytes("still sends");
  EXPECT_EQ(a.recv_bytes(), Bytes("still sends"));
}

TEST_F(ConnectionBytes, AfterALongerMessageThanTheMaximumAReaderIsClosed) {
  const auto [reader, writer] = Pipe(false);
  std::jthread sender(
      [&end = writer] { EXPECT_THROW(end.send_bytes(std::string(kLarge, 'x')), ConnectionError); });
  EXPECT_THROW(reader.recv_bytes(1000), ConnectionError);
  EXPECT_TRUE(reader.closed());
}

TEST_F(ConnectionBytes, ANegativeMaximumIsAnError) {
  const auto [a, b] = Pipe();
  EXPECT_THROW(b.recv_bytes(-1), ValueError);
}

TEST_F(ConnectionBytes, TheyAreReceivedIntoABuffer) {
  const auto [a, b] = Pipe();
  std::array<int, 10> buffer{};
  a.send_bytes(std::array<int, 4>{0, 1, 2, 3});
  EXPECT_EQ(b.recv_bytes_into(buffer), 16U);
  EXPECT_THAT(buffer, testing::ElementsAre(0, 1, 2, 3, 0, 0, 0, 0, 0, 0));
}

TEST_F(ConnectionBytes, TheyAreReceivedIntoABufferFromAnOffsetOn) {
  const auto [a, b] = Pipe();
  std::vector<int> buffer(10);
  a.send_bytes(std::array<int, 4>{0, 1, 2, 3});
  EXPECT_EQ(b.recv_bytes_into(buffer, 3 * sizeof(int)), 16U);
  EXPECT_THAT(buffer, testing::ElementsAre(0, 0, 0, 0, 1, 2, 3, 0, 0, 0));
}

TEST_F(ConnectionBytes, AMessageThatDoesNotFitIsInTheError) {
  const auto [a, b] = Pipe();
  std::array<char, 40> buffer{};
  a.send_bytes(std::string(110, 'x'));
  try {
    b.recv_bytes_into(buffer);
    FAIL() << "it does not fit";
  } catch (const BufferTooShort& error) {
    EXPECT_EQ(error.message(), Bytes(std::string(110, 'x')));
    EXPECT_THAT(buffer, testing::Each('\0'));
  }
  a.send_bytes("next");
  EXPECT_EQ(b.recv_bytes(), Bytes("next"));
}

TEST_F(ConnectionBytes, AnOffsetOutsideOfTheBufferIsAnErrorAndNothingIsReceived) {
  const auto [a, b] = Pipe();
  std::array<char, 4> buffer{};
  a.send_bytes("");
  EXPECT_THROW(b.recv_bytes_into(buffer, -1), ValueError);
  EXPECT_THROW(b.recv_bytes_into(buffer, 5), ValueError);
  EXPECT_EQ(b.recv_bytes_into(buffer, 4), 0U);
}

TEST_F(ConnectionBytes, PollIsFalseWhileNothingComes) {
  const auto [a, b] = Pipe();
  EXPECT_FALSE(a.poll());
  EXPECT_FALSE(a.poll(-1s));
  EXPECT_FALSE(a.poll(1ms));
}

TEST_F(ConnectionBytes, PollConsumesNothing) {
  const auto [a, b] = Pipe();
  b.send_bytes("");
  EXPECT_TRUE(a.poll());
  EXPECT_TRUE(a.poll());
  EXPECT_TRUE(a.poll(None));
  EXPECT_EQ(a.recv_bytes(), Bytes());
  EXPECT_FALSE(a.poll());
}

TEST_F(ConnectionBytes, PollIsTrueAtTheEndOfFile) {
  const auto [a, b] = Pipe();
  b.close();
  EXPECT_TRUE(a.poll());
  EXPECT_TRUE(a.poll(None));
}

TEST_F(ConnectionBytes, MessagesStaySeparate) {
  const auto [a, b] = Pipe();
  for (const char* text : {"a", "", "b", "cd", ""}) b.send_bytes(text);
  for (const char* text : {"a", "", "b", "cd", ""}) {
    EXPECT_TRUE(a.poll());
    EXPECT_EQ(a.recv_bytes(), Bytes(text));
  }
  EXPECT_FALSE(a.poll());
}

}  // namespace
}  // namespace mp::test
