#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalConnectionInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalConnectionInProcesses, testing::ValuesIn(all_ways()),
                         name_of_param);

void echo(const Connection& connection) {
  for (Bytes message; !(message = connection.recv_bytes()).empty();) connection.send_bytes(message);
  connection.close();
}

TEST_P(LocalConnectionInProcesses, BringsBackWhatAChildIsSent) {
  auto [mine, theirs] = Pipe();
  Process child = started(echo, std::move(theirs));
  mine.send(Any{1, 2.25, None});
  EXPECT_EQ(mine.recv(), (Any{1, 2.25, None}));
  mine.send_bytes("hello world");
  EXPECT_EQ(mine.recv_bytes(), Bytes("hello world"));
  const std::string large(std::size_t{16} * 1024 * 1024, 'X');
  mine.send_bytes(large);
  EXPECT_TRUE(mine.recv_bytes() == Bytes(large));
  mine.send_bytes("");  // the child ends
  EXPECT_TRUE(mine.poll(kLong));
  EXPECT_THROW(mine.recv(), EOFError);
  expect_success(child);
}

TEST_P(LocalConnectionInProcesses, FillsABufferOrGivesTheMessageInTheError) {
  auto [mine, theirs] = Pipe();
  Process child = started(echo, std::move(theirs));
  const std::array<int, 4> sent{0, 1, 2, 3};
  std::array<int, 10> buffer{};
  mine.send_bytes(sent);
  EXPECT_EQ(mine.recv_bytes_into(buffer), 16U);
  EXPECT_THAT(buffer, testing::ElementsAre(0, 1, 2, 3, 0, 0, 0, 0, 0, 0));
  mine.send_bytes(sent);
  EXPECT_EQ(mine.recv_bytes_into(buffer, 12), 16U);
  EXPECT_THAT(buffer, testing::ElementsAre(0, 1, 2, 0, 1, 2, 3, 0, 0, 0));
  const std::string long_message(50, 'x');
  mine.send_bytes(long_message);
  try {
    mine.recv_bytes_into(buffer);
    ADD_FAILURE() << "it does not fit";
  } catch (const BufferTooShort& error) {
    EXPECT_EQ(error.message(), Bytes(long_message));
  }
  mine.send_bytes("");
  expect_success(child);
}

TEST_P(LocalConnectionInProcesses, PollsForAsLongAsItIsTold) {
  auto [mine, theirs] = Pipe();
  Process child = started(echo, std::move(theirs));
  EXPECT_FALSE(mine.poll());
  EXPECT_FALSE(mine.poll(-1s));
  EXPECT_FALSE(mine.poll(1ms));
  mine.send(None);
  EXPECT_TRUE(mine.poll(kLong));
  EXPECT_TRUE(mine.poll());
  mine.recv();
  mine.send_bytes("");
  expect_success(child);
}

TEST_P(LocalConnectionInProcesses, IsClosedInTheParentAtOnceAndStaysTheChilds) {
  const auto [mine, theirs] = Pipe();
  Process child = started(echo, theirs);
  theirs.close();
  mine.send_bytes("hello");
  EXPECT_EQ(mine.recv_bytes(), Bytes("hello"));
  mine.send_bytes("");
  expect_success(child);
}

TEST_P(LocalConnectionInProcesses, EndsWithTheProcessThatHasTheOtherEnd) {
  auto [mine, theirs] = Pipe();
  Process child = started([](const Connection& out) { out.send("last words"); }, std::move(theirs));
  EXPECT_EQ(mine.recv<std::string>(), "last words");
  EXPECT_THROW(mine.recv(), EOFError);
  expect_success(child);
}

void send_number(int number, const Connection& out) {
  for (int i = 0; i < 30; ++i)
    out.send(std::string(i % 2 == 0 ? 1000 : 200'000, static_cast<char>('a' + number)));
}

TEST_P(LocalConnectionInProcesses, HasWholeMessagesOfManySenders) {
  const auto [reader, writer] = Pipe(false);
  Parties senders = parties(4, send_number, writer);
  for (int i = 0; i < 120; ++i) {
    const auto message = reader.recv<std::string>(kLong);
    EXPECT_TRUE(message == std::string(message.size(), message.front()));
  }
  EXPECT_FALSE(reader.poll());
}

// Answers what comes through each of the connections that come.
void answer(const Connection& in) {
  const auto writer = in.recv<Connection>();
  writer.send("all is well");
  writer.close();
  const auto reader = in.recv<Connection>();
  in.send(reader.recv<std::string>() + "!");
}

TEST_P(LocalConnectionInProcesses, TakesConnectionsToAProcessThatRuns) {
  auto [mine, theirs] = Pipe();
  Process child = started(answer, std::move(theirs));
  {
    const auto [reader, writer] = Pipe(false);
    EXPECT_FALSE(reader.writable());
    EXPECT_FALSE(writer.readable());
    mine.send(writer);
    writer.close();
    EXPECT_EQ(reader.recv<std::string>(), "all is well");
    EXPECT_THROW(reader.recv(), EOFError);
  }
  const auto [reader, writer] = Pipe(false);
  mine.send(reader);
  reader.close();
  writer.send("foobar");
  EXPECT_EQ(mine.recv<std::string>(), "foobar!");
  expect_success(child);
}

}  // namespace
}  // namespace mp::contract
