#include <chrono>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "mp/local/connection.h"
#include "mp/local/event.h"
#include "tests/contract/local/local_contract.h"

// What poll() sees of messages on their way, and that signals end neither it nor a join().

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalPollInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalPollInProcesses, testing::ValuesIn(get_all_start_methods()),
                         name_of_param);

void send_all(const Connection& out, const std::vector<std::string>& texts) {
  for (const auto& text : texts) out.send_bytes(text);
}

TEST_P(LocalPollInProcesses, SeesAnEmptyMessageAsOftenAsItIsAsked) {
  auto [mine, theirs] = mp::Pipe();
  Process child = started(send_all, std::move(theirs), std::vector<std::string>{""});
  EXPECT_TRUE(mine.poll(kLong));
  EXPECT_TRUE(mine.poll());
  EXPECT_TRUE(mine.poll(kLong));
  EXPECT_EQ(mine.recv_bytes(), Bytes(""));
  expect_success(child);
}

TEST_P(LocalPollInProcesses, SeesEachOfSeveralMessages) {
  auto [mine, theirs] = mp::Pipe();
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
  const auto [reader, writer] = mp::Pipe(false);
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
  auto [mine, theirs] = mp::Pipe();
  Process child = started(send_three, std::move(theirs));
  expect_success(child);  // all of them are there
  EXPECT_TRUE(mine.poll());
  EXPECT_EQ(mine.recv_bytes(), Bytes("a"));
  EXPECT_TRUE(mine.poll());
  EXPECT_EQ(mine.recv_bytes(), Bytes("b"));
  EXPECT_TRUE(mine.poll());
  EXPECT_EQ(mine.recv_bytes().size(), 5U);
}

// A handler that does nothing, and lets system calls fail with EINTR.
void be_interruptible() {
  struct sigaction nothing = {};
  nothing.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &nothing, nullptr);
}

void echo_under_signals(const Connection& connection) {
  be_interruptible();
  connection.send("ready");
  connection.send(connection.recv<int>());
  connection.send_bytes(std::string(std::size_t{4} * 1024 * 1024, 'x'));
}

TEST_P(LocalPollInProcesses, GoesOnAfterASignalAsSendAndReceiveDo) {
  auto [mine, theirs] = mp::Pipe();
  Process child = started(echo_under_signals, std::move(theirs));
  EXPECT_EQ(mine.recv<std::string>(), "ready");
  const auto disturb = [&child] {
    for (int i = 0; i < 100; ++i) ::kill(child.pid().value(), SIGUSR1);
  };
  disturb();
  mine.send(1234);
  EXPECT_EQ(mine.recv<int>(), 1234);
  EXPECT_TRUE(mine.poll(kLong));
  disturb();
  EXPECT_EQ(mine.recv_bytes().size(), std::size_t{4} * 1024 * 1024);
  expect_success(child);
}

void disturb_parent(const Event& begin, int parent) {
  begin.wait(kLong);
  for (int i = 0; i < 100; ++i) ::kill(parent, SIGUSR1);
}

TEST_P(LocalPollInProcesses, GoesOnInAJoinThatASignalInterrupts) {
  const auto join_under_signals = [](StartMethod method) {
    be_interruptible();
    const Event begin;
    Process child = get_context(method).process(disturb_parent, begin, ::getpid());
    child.start();
    begin.set();
    demand(child.join(kLong), "it ends");
    demand(child.exitcode() == 0, "as it should");
  };
  elsewhere(join_under_signals, GetParam());
}

}  // namespace
}  // namespace mp::contract
