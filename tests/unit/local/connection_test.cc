#include "mp/local/connection.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/local/connection_fixture.h"

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

class Connections : public ConnectionTest {};

struct Point {
  double x = 0;
  double y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
MP_RECORD(Point, x, y)

TEST_F(Connections, AValueGoesFromOneEndToTheOther) {
  const auto [a, b] = Pipe();
  a.send(Any{1, 2.25, None});
  EXPECT_EQ(b.recv(), (Any{1, 2.25, None}));
}

TEST_F(Connections, ADuplexOneGoesBothWays) {
  const auto [a, b] = Pipe();
  a.send("to b");
  b.send("to a");
  EXPECT_EQ(a.recv<std::string>(), "to a");
  EXPECT_EQ(b.recv<std::string>(), "to b");
}

TEST_F(Connections, ValuesOfAnyCodecGo) {
  const auto [a, b] = Pipe();
  a.send(Point{1, 2});
  a.send(std::map<std::string, std::vector<double>>{{"k", {0.5}}});
  a.send(std::vector<int>{1, 2, 3});
  EXPECT_EQ(b.recv<Point>(), (Point{1, 2}));
  EXPECT_EQ((b.recv<std::map<std::string, std::vector<double>>>().at("k")),
            std::vector<double>{0.5});
  EXPECT_EQ(b.recv<std::vector<int>>(), (std::vector<int>{1, 2, 3}));
}

TEST_F(Connections, TheReceiverMayAskForAnotherTypeThanWasSent) {
  const auto [a, b] = Pipe();
  a.send(7);
  a.send(std::vector<int>{1, 2});
  EXPECT_EQ(b.recv<std::uint64_t>(), 7U);
  EXPECT_EQ(b.recv(), (Any{1, 2}));
}

TEST_F(Connections, AMessageOfTheWrongTypeIsLostAndTheNextIsNot) {
  const auto [a, b] = Pipe();
  a.send("text");
  a.send(5);
  EXPECT_THROW(b.recv<int>(), TypeError);
  EXPECT_EQ(b.recv<int>(), 5);
}

TEST_F(Connections, AOneWayPipeHasAReaderAndAWriter) {
  const auto [reader, writer] = Pipe(false);
  writer.send(1);
  EXPECT_EQ(reader.recv<int>(), 1);
  EXPECT_TRUE(reader.readable());
  EXPECT_FALSE(reader.writable());
  EXPECT_FALSE(writer.readable());
  EXPECT_TRUE(writer.writable());
}

TEST_F(Connections, TheWrongDirectionIsAnError) {
  const auto [reader, writer] = Pipe(false);
  EXPECT_THAT([&r = reader] { r.send(2); }, ThrowsMessage<ConnectionError>(HasSubstr("read-only")));
  EXPECT_THAT([&w = writer] { w.recv(); }, ThrowsMessage<ConnectionError>(HasSubstr("write-only")));
  EXPECT_THROW(writer.poll(), ConnectionError);
  EXPECT_THROW(reader.send_bytes("x"), ConnectionError);
  EXPECT_THROW(writer.recv_bytes(), ConnectionError);
}

TEST_F(Connections, AClosedEndRefusesAll) {
  const auto [a, b] = Pipe();
  EXPECT_FALSE(a.closed());
  a.close();
  a.close();
  EXPECT_TRUE(a.closed());
  EXPECT_THAT([&end = a] { end.recv(); }, ThrowsMessage<ConnectionError>(HasSubstr("is closed")));
  EXPECT_THROW(a.send(1), ConnectionError);
  EXPECT_THROW(a.poll(), ConnectionError);
  EXPECT_THROW(a.fileno(), ConnectionError);
}

TEST_F(Connections, AMovedFromOneIsAnErrorNotACrash) {
  auto [a, b] = Pipe();
  const Connection moved = std::move(a);
  EXPECT_THROW(a.send(1), ValueError);  // NOLINT(bugprone-use-after-move)
}

TEST_F(Connections, CopiesAreTheSameEnd) {
  const auto [a, b] = Pipe();
  const Connection copy = a;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(copy, a);
  EXPECT_FALSE(copy == b);
  copy.close();
  EXPECT_TRUE(a.closed());
}

TEST_F(Connections, WhenTheOtherEndIsGoneTheRestIsReceivedAndThenEndOfFile) {
  const auto [a, b] = Pipe();
  a.send(1);
  a.send(2);
  a.close();
  EXPECT_EQ(b.recv<int>(), 1);
  EXPECT_EQ(b.recv<int>(), 2);
  EXPECT_THROW(b.recv(), EOFError);
  EXPECT_THROW(b.recv_bytes(), EOFError);
  EXPECT_THROW(b.try_recv<int>(), EOFError);
}

TEST_F(Connections, WhatTheOtherEndSentIsReceivedAlsoIfItReadNothing) {
  const auto [a, b] = Pipe();
  a.send(1);
  b.send("unread");
  a.close();
  EXPECT_EQ(b.recv<int>(), 1);
  EXPECT_THROW(b.recv(), EOFError);
}

TEST_F(Connections, SendingToNobodyIsAnErrorWithoutASignal) {
  const auto [a, b] = Pipe();
  b.close();
  EXPECT_THAT([&end = a] { end.send(1); },
              ThrowsMessage<ConnectionError>(HasSubstr("cannot send: Broken pipe")));
  EXPECT_THROW(a.send_bytes(std::string(kLarge, 'x')), ConnectionError);
}

TEST_F(Connections, AnEndIsClosedWithItsLastHandle) {
  auto [a, b] = Pipe();
  { const Connection last = std::move(a); }
  EXPECT_THROW(b.recv(), EOFError);
}

TEST_F(Connections, TheOtherEndCanBeClosedFromHere) {
  const auto [a, b] = Pipe();
  b.close_other_end();
  b.close_other_end();
  EXPECT_TRUE(a.closed());
  EXPECT_THROW(b.recv(), EOFError);
}

TEST_F(Connections, ReceivingTakesATimeLimit) {
  const auto [a, b] = Pipe();
  EXPECT_THROW(b.recv<int>(1ms), TimeoutError);
  EXPECT_THROW(b.recv<int>(-1s), TimeoutError);
  EXPECT_EQ(b.try_recv<int>(), std::nullopt);
  a.send(3);
  EXPECT_EQ(b.recv<int>(None), 3);
  a.send(4);
  EXPECT_EQ(b.try_recv<int>(1h), 4);
}

TEST_F(Connections, ManyThreadsSendWholeMessages) {
  const auto [a, b] = Pipe();
  constexpr int kThreads = 4;
  constexpr int kEach = 20;
  std::vector<std::jthread> senders;
  for (int t = 0; t < kThreads; ++t) {
    senders.emplace_back([&end = a, t] {
      for (int i = 0; i < kEach; ++i) {
        end.send(std::string(i % 2 == 0 ? 100U : 300'000U, static_cast<char>('a' + t)));
      }
    });
  }
  for (int i = 0; i < kThreads * kEach; ++i) {
    const auto message = b.recv<std::string>();
    EXPECT_EQ(message, std::string(message.size(), message.front()));
  }
}

TEST_F(Connections, ALargeMessageThatIsNotWholeInTimeIsGoneOnWith) {
  const auto [a, b] = Pipe();
  const std::string large(kLarge, 'x');
  std::jthread sender([&, &end = a] { end.send(large); });
  std::optional<std::string> message;
  while (!message) message = b.try_recv<std::string>();
  EXPECT_EQ(*message, large);
}

TEST_F(Connections, WhatFollowsALargeMessageIsNotTakenForIt) {
  const auto [a, b] = Pipe();
  const std::string large(kLarge, 'x');
  std::jthread sender([&, &end = a] {
    end.send(large);
    end.send(1);
  });
  EXPECT_EQ(b.recv<std::string>(), large);
  EXPECT_EQ(b.recv<int>(), 1);
}

TEST_F(Connections, AClosedEndStaysOpenForThoseThatUseIt) {
  const auto [a, b] = Pipe();
  std::jthread receiver([&end = b] { EXPECT_EQ(end.recv<int>(), 1); });
  a.send(1);
  receiver.join();
  b.close();
  EXPECT_THROW(a.send(2), ConnectionError);
}

TEST_F(Connections, PrintLikeTheirState) {
  const auto [reader, writer] = Pipe(false);
  const auto print = [](const Connection& end) {
    std::ostringstream text;
    text << end;
    return text.str();
  };
  EXPECT_EQ(print(reader), "<Connection fd=" + std::to_string(reader.fileno()) + " receiving>");
  EXPECT_EQ(print(writer), "<Connection fd=" + std::to_string(writer.fileno()) + " sending>");
  writer.close();
  EXPECT_EQ(print(writer), "<Connection closed>");
}

TEST_F(Connections, AnInvalidDescriptorIsRefused) {
  EXPECT_THROW(Connection(-1), ValueError);
  EXPECT_THAT([] { Connection(44'977'608); },
              ThrowsMessage<ValueError>(HasSubstr("Bad file descriptor")));
  EXPECT_THROW(Connection(STDERR_FILENO), ValueError);
}

}  // namespace
}  // namespace mp::test
