#include "mp/local/connection.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

// Connections between processes that behave, where it matters that these are forked. The rest is in
// tests/contract/local.

namespace mp::test {
namespace {

class ConnectionsOfProcesses : public ProcessTest {};

void echo(const Connection& connection) {
  for (Bytes message; !(message = connection.recv_bytes()).empty();) {
    connection.send_bytes(message);
  }
  connection.close();
}

TEST_F(ConnectionsOfProcesses, AnEndThatWasMovedIntoAProcessLeavesTheParentAtItsStart) {
  auto [mine, theirs] = mp::Pipe();
  Process process(echo, std::move(theirs));
  const auto before = open_descriptors().size();
  process.start();
  EXPECT_EQ(open_descriptors().size(), before);  // one less, and the sentinel
  mine.send_bytes("hello");
  EXPECT_EQ(mine.recv_bytes(), Bytes("hello"));
  mine.send_bytes("");
  process.join();
}

TEST_F(ConnectionsOfProcesses, AChildThatClosesTheOtherEndLearnsOfTheParents) {
  auto [mine, theirs] = mp::Pipe();
  Process process(
      [](const Connection& in) {
        in.close_other_end();
        try {
          in.recv();
        } catch (const EOFError&) {
          mp::exit(5);
        }
      },
      std::move(theirs));
  process.start();
  mine.close();
  process.join();
  EXPECT_EQ(process.exitcode(), 5);
}

TEST_F(ConnectionsOfProcesses, SeveralProcessesReceiveWholeMessagesFromOneEnd) {
  constexpr int kMessages = 60;
  const auto [reader, writer] = mp::Pipe(false);
  const auto [counts, count] = mp::Pipe(false);
  std::vector<Process> processes;
  for (int i = 0; i < 2; ++i) {
    processes.emplace_back([&in = reader, &out = count] {
      in.close_other_end();
      int good = 0;
      try {
        for (;;) {
          const auto message = in.recv<std::string>();
          good += message == std::string(message.size(), message.front()) ? 1 : 0;
        }
      } catch (const EOFError&) {
        out.send(good);
      }
    });
    processes.back().start();
  }
  for (int i = 0; i < kMessages; ++i) {
    writer.send(std::string(i % 2 == 0 ? 1000U : 300'000U, static_cast<char>('a' + i % 26)));
  }
  writer.close();
  EXPECT_EQ(counts.recv<int>() + counts.recv<int>(), kMessages);
  for (auto& process : processes) process.join();
}

}  // namespace
}  // namespace mp::test
