#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "client_lib/local/os/descriptor.h"
#include "mp/local/connection.h"
#include "tests/unit/local/connection_fixture.h"

namespace mp::test {
namespace {

using internal::Descriptor;
using testing::HasSubstr;
using testing::ThrowsMessage;

class ConnectionDescriptors : public ConnectionTest {};

std::pair<Descriptor, Descriptor> system_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

bool is_same_file(int left, int right) {
  struct stat a {};
  struct stat b {};
  return ::fstat(left, &a) == 0 && ::fstat(right, &b) == 0 && a.st_ino == b.st_ino;
}

TEST_F(ConnectionDescriptors, ADescriptorIsReceivedAsANewOne) {
  const auto [a, b] = Pipe();
  const auto [reading, writing] = system_pipe();
  a.send_descriptor(reading.get());
  const Descriptor received(b.recv_descriptor());
  EXPECT_NE(received.get(), reading.get());
  EXPECT_TRUE(is_same_file(received.get(), reading.get()));
  EXPECT_NE(::fcntl(received.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ConnectionDescriptors, AMessageWithoutADescriptorIsAnError) {
  const auto [a, b] = Pipe();
  a.send(1);
  EXPECT_THAT([&end = b] { end.recv_descriptor(); },
              ThrowsMessage<ConnectionError>(HasSubstr("the message came with 0")));
  EXPECT_EQ(::write(a.fileno(), "\0", 1), 1);
  EXPECT_THROW(b.recv_descriptor(), ConnectionError);
}

TEST_F(ConnectionDescriptors, WhatIsNoMessageIsAnErrorAndTheNextIsReceived) {
  const auto [a, b] = Pipe();
  EXPECT_EQ(::write(a.fileno(), "\7nonsense", 9), 9);
  a.send(1);
  EXPECT_THAT([&end = b] { end.recv(); }, ThrowsMessage<ConnectionError>(HasSubstr("bad message")));
  EXPECT_EQ(b.recv<int>(), 1);
}

TEST_F(ConnectionDescriptors, ADescriptorThatIsNotOpenCannotBeSent) {
  const auto [a, b] = Pipe();
  EXPECT_THAT([&end = a] { end.send_descriptor(99'999); },
              ThrowsMessage<ConnectionError>(HasSubstr("Bad file descriptor")));
  EXPECT_FALSE(b.poll());
}

TEST_F(ConnectionDescriptors, NobodyKeepsADescriptorThatIsNotReceived) {
  auto [reading, writing] = system_pipe();
  {
    const auto [a, b] = Pipe();
    a.send_descriptor(writing.get());
    a.send_bytes(std::string(100, 'x'));
  }
  writing.close();
  char byte = 0;
  EXPECT_EQ(::read(reading.get(), &byte, 1), 0);
}

TEST_F(ConnectionDescriptors, ADescriptorThatComesWithOtherThingsIsClosed) {
  const auto [a, b] = Pipe();
  auto [reading, writing] = system_pipe();
  a.send_descriptor(writing.get());
  writing.close();
  EXPECT_EQ(b.recv_bytes(), Bytes());
  char byte = 0;
  EXPECT_EQ(::read(reading.get(), &byte, 1), 0);
}

TEST_F(ConnectionDescriptors, AConnectionIsSentOverAConnection) {
  const auto [a, b] = Pipe();
  const auto [reader, writer] = Pipe(false);
  a.send(writer);
  writer.close();
  const auto received = b.recv<Connection>();
  EXPECT_FALSE(received.readable());
  received.send("all is well");
  received.close();
  EXPECT_EQ(reader.recv<std::string>(), "all is well");
  EXPECT_THROW(reader.recv(), EOFError);
}

TEST_F(ConnectionDescriptors, ConnectionsAreSentWithinOtherValues) {
  const auto [a, b] = Pipe();
  const auto [left, right] = Pipe();
  a.send(std::pair(std::string("two ends"), std::vector{left, right, left}));
  const auto [text, ends] = b.recv<std::pair<std::string, std::vector<Connection>>>();
  EXPECT_EQ(text, "two ends");
  ends.at(2).send(1);
  EXPECT_EQ(ends.at(1).recv<int>(), 1);
}

TEST_F(ConnectionDescriptors, ConnectionsAreSentWithALargeMessage) {
  const auto [a, b] = Pipe();
  const auto [reader, writer] = Pipe(false);
  a.send(std::pair(std::string(100'000, 'x'), reader));
  writer.send(1);
  EXPECT_EQ((b.recv<std::pair<std::string, Connection>>().second.recv<int>()), 1);
}

TEST_F(ConnectionDescriptors, AClosedConnectionCannotBeSent) {
  const auto [a, b] = Pipe();
  const auto [reader, writer] = Pipe(false);
  reader.close();
  EXPECT_THROW(a.send(reader), ConnectionError);
  EXPECT_FALSE(b.poll());
}

TEST_F(ConnectionDescriptors, AConnectionGoesNoOtherWayThanByMessages) {
  const auto [a, b] = Pipe();
  std::string bytes;
  const auto write = [&, &end = a] { internal::write_value(bytes, end); };
  EXPECT_THAT(write, ThrowsMessage<ProcessError>(HasSubstr("a connection can't go this way")));
}

TEST_F(ConnectionDescriptors, TooManyInOneMessageAreAnError) {
  const auto [a, b] = Pipe();
  std::vector<std::pair<Connection, Connection>> pipes;
  for (int i = 0; i < 126; ++i) pipes.push_back(Pipe());
  a.send(pipes);
  EXPECT_EQ((b.recv<std::vector<std::pair<Connection, Connection>>>().size()), 126U);
  pipes.push_back(Pipe());
  const auto send = [&, &end = a] { end.send(pipes); };
  EXPECT_THAT(send, ThrowsMessage<ValueError>(HasSubstr("254 descriptors in one message")));
}

}  // namespace
}  // namespace mp::test
