#include <chrono>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/local/local_contract.h"

// What poll() sees of messages on their way, and that signals end neither it nor a join().

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalPollInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalPollInProcesses, testing::ValuesIn(all_ways()), name_of_param);

void send_all(const Connection& out, const std::vector<std::string>& texts) {
  for (const auto& text : texts) out.send_bytes(text);
}

TEST_P(LocalPollInProcesses, SeesAnEmptyMessageAsOftenAsItIsAsked) {
  auto [mine, theirs] = Pipe();
  Process child = started(send_all, std::move(theirs), std::vector<std::string>{""});
  EXPECT_TRUE(mine.poll(kLong));
  EXPECT_TRUE(mine.poll());
  EXPECT_TRUE(mine.poll(kLong));
  EXPECT_EQ(mine.recv_bytes(), Bytes(""));
  expect_success(child);
}

TEST_P(LocalPollInProcesses, SeesEachOfSeveralMessages) {
  auto [mine, theirs] = Pipe();
  const std::vector<std::string> texts{"hello", "", "a", "b", "", "bye", "", "lop"};
  Process child = started(send_all, std::move(theirs), texts);
  for (const auto& text : texts) {
    EXPECT_TRUE(mine.poll(kLong));
    EXPECT_EQ(mine.recv_bytes(), Bytes(text));
  }
  expect_success(child);
}

void poll_twice(const Connection& in, const Event& polled) {
  demand(in.poll(kLong) && in.poll(kLong), "there is a message");
  polled.set();
}

TEST_P(LocalPollInProcesses, TakesNoPartOfAMessage) {
  const auto [reader, writer] = Pipe(false);
  const Event polled;
  Process child = started(poll_twice, reader, polled);
  writer.send_bytes("first");
  writer.send_bytes("second");
  EXPECT_TRUE(polled.wait(kLong));
  EXPECT_EQ(reader.recv_bytes(), Bytes("first"));
  EXPECT_EQ(reader.recv_bytes(), Bytes("second"));
  expect_success(child);
}

void send_three(const Connection& out) {
  out.send_bytes("a");
  out.send_bytes("b");
  out.send_bytes(std::string("\0\0\0\1c", 5));
}

TEST_P(LocalPollInProcesses, MergesNoMessages) {
  auto [mine, theirs] = Pipe();
  Process child = started(send_three, std::move(theirs));
  expect_success(child);  // all of them are there
  EXPECT_TRUE(mine.poll());
  EXPECT_EQ(mine.recv_bytes(), Bytes("a"));
  EXPECT_TRUE(mine.poll());
  EXPECT_EQ(mine.recv_bytes(), Bytes("b"));
  EXPECT_TRUE(mine.poll());
  EXPECT_EQ(mine.recv_bytes().size(), 5U);
}

}  // namespace
}  // namespace mp::contract
