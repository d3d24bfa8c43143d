#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mp/local/connection.h"
#include "tests/unit/local/connection_fixture.h"

// Connections over sockets that know no messages.

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::ThrowsMessage;

class StreamConnections : public ConnectionTest {};

std::pair<int, int> unix_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::runtime_error("no socket pair");
  }
  return {ends[0], ends[1]};
}

std::pair<int, int> tcp_pair() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool good = ::bind(listener, generic, size) == 0 && ::listen(listener, 1) == 0 &&
                    ::getsockname(listener, generic, &size) == 0 &&
                    ::connect(client, generic, size) == 0;
  const int server = good ? ::accept(listener, nullptr, nullptr) : -1;
  ::close(listener);
  if (server < 0) throw std::runtime_error("no TCP pair");
  return {client, server};
}

std::pair<Connection, Connection> connected(std::pair<int, int> sockets) {
  return {Connection(sockets.first), Connection(sockets.second)};
}

TEST_F(StreamConnections, MessagesStaySeparate) {
  for (const auto& sockets : {unix_pair(), tcp_pair()}) {
    const auto [a, b] = connected(sockets);
    a.send(Any{1, "two"});
    a.send_bytes("");
    a.send_bytes("bytes");
    EXPECT_EQ(b.recv(), (Any{1, "two"}));
    EXPECT_EQ(b.recv_bytes(), Bytes());
    EXPECT_EQ(b.recv_bytes(), Bytes("bytes"));
    EXPECT_FALSE(b.poll());
    a.close();
    EXPECT_TRUE(b.poll());
    EXPECT_THROW(b.recv(), EOFError);
  }
}

TEST_F(StreamConnections, LargeMessagesOfManyThreadsStayWhole) {
  for (const auto& sockets : {unix_pair(), tcp_pair()}) {
    const auto [a, b] = connected(sockets);
    std::vector<std::jthread> senders;
    for (const char c : {'a', 'b'}) {
      senders.emplace_back([&end = a, c] { end.send(std::string(kLarge, c)); });
    }
    for (int i = 0; i < 2; ++i) {
      const auto message = b.recv<std::string>();
      EXPECT_TRUE(message == std::string(kLarge, message.front()));
    }
  }
}

TEST_F(StreamConnections, MessagesLookAsPythonsDo) {
  const auto [socket, other] = unix_pair();
  const Connection connection(other);
  connection.send_bytes("hello");
  std::array<char, 9> bytes{};
  EXPECT_EQ(::recv(socket, bytes.data(), bytes.size(), MSG_WAITALL), 9);
  EXPECT_EQ(std::string_view(bytes.data(), bytes.size()), std::string_view("\0\0\0\5hello", 9));

  const std::string_view long_form("\xff\xff\xff\xff\0\0\0\0\0\0\0\2hi", 14);
  EXPECT_EQ(::send(socket, long_form.data(), long_form.size(), 0), 14);
  EXPECT_EQ(connection.recv_bytes(), Bytes("hi"));
  ::close(socket);
}

TEST_F(StreamConnections, AMessageMayComePieceByPiece) {
  const auto [socket, other] = unix_pair();
  const Connection connection(other);
  const std::string_view message("\0\0\0\5hello", 9);
  for (const char c : message.substr(0, 8)) {
    EXPECT_EQ(::send(socket, &c, 1, 0), 1);
    EXPECT_EQ(connection.try_recv<std::string>(), std::nullopt);
  }
  EXPECT_EQ(::send(socket, &message[8], 1, 0), 1);
  EXPECT_EQ(connection.recv_bytes(), Bytes("hello"));
  ::close(socket);
}

TEST_F(StreamConnections, AnEndWithinAMessageIsAnError) {
  const auto [socket, other] = unix_pair();
  const Connection connection(other);
  EXPECT_EQ(::send(socket, "\0\0\0\5hell", 8, 0), 8);
  ::close(socket);
  EXPECT_THAT([&] { connection.recv_bytes(); },
              ThrowsMessage<ConnectionError>(
                  HasSubstr("got end of file during message, after 4 of 5 bytes")));
}

TEST_F(StreamConnections, ANegativeLengthIsAnError) {
  const auto [socket, other] = unix_pair();
  const Connection connection(other);
  EXPECT_EQ(::send(socket, "\x80\0\0\0", 4, 0), 4);
  EXPECT_THROW(connection.recv_bytes(), ConnectionError);
  ::close(socket);
}

TEST_F(StreamConnections, AnAnnouncedLengthTakesNoMemory) {
  const auto [socket, other] = unix_pair();
  const Connection connection(other);
  EXPECT_EQ(::send(socket, "\xff\xff\xff\xff\x0f\0\0\0\0\0\0\0", 12, 0), 12);  // an exbibyte
  EXPECT_EQ(connection.try_recv<std::string>(), std::nullopt);
  ::close(socket);
}

TEST_F(StreamConnections, ConnectionsGoOverAUnixSocket) {
  const auto [a, b] = connected(unix_pair());
  {
    const auto [reader, writer] = Pipe(false);
    a.send(reader);
    writer.send("through");
  }
  EXPECT_EQ(b.recv<Connection>().recv<std::string>(), "through");
}

TEST_F(StreamConnections, DescriptorsDoNotGoOverTcp) {
  const auto [a, b] = connected(tcp_pair());
  EXPECT_THROW(a.send_descriptor(STDERR_FILENO), ConnectionError);
}

// Whether a message came: false if another thread was receiving.
bool receives_or_is_refused(const Connection& end, int expected) {
  try {
    EXPECT_EQ(end.recv<int>(), expected);
    return true;
  } catch (const ConnectionError&) {
    return false;
  }
}

TEST_F(StreamConnections, OnlyOneThreadReceives) {
  const auto [a, b] = connected(unix_pair());
  // Each is refused while the other is in the middle of it; here, that is sooner or later.
  std::jthread receiver([&end = b] {
    while (!receives_or_is_refused(end, 1)) continue;
  });
  const auto ask = [&end = b] {
    while (!end.try_recv<int>()) continue;
  };
  EXPECT_THAT(ask, ThrowsMessage<ConnectionError>(HasSubstr("another thread is receiving")));
  a.send(1);
}

}  // namespace
}  // namespace mp::test
