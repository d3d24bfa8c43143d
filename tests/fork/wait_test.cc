#include "mp/local/wait.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>
#include <vector>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class WaitingForProcesses : public ProcessTest {};

TEST_F(WaitingForProcesses, AllMessagesOfManySendersAreReceived) {
  constexpr int kSenders = 4;
  constexpr int kEach = 10;
  std::vector<Connection> readers;
  std::vector<Process> processes;
  for (int i = 0; i < kSenders; ++i) {
    auto [reader, writer] = mp::Pipe(false);
    processes.emplace_back(
        [](const Connection& out, int number) {
          for (int k = 0; k < kEach; ++k) out.send(std::pair(k, number));
        },
        std::move(writer), i);
    processes.back().start();
    readers.push_back(reader);
  }
  std::vector<std::pair<int, int>> messages;
  while (!readers.empty()) {
    for (const Connection& reader : wait(readers)) {
      try {
        messages.push_back(reader.recv<std::pair<int, int>>());
      } catch (const EOFError&) {
        std::erase(readers, reader);
      }
    }
  }
  std::vector<std::pair<int, int>> expected;
  for (int k = 0; k < kEach; ++k) {
    for (int i = 0; i < kSenders; ++i) expected.emplace_back(k, i);
  }
  std::ranges::sort(messages);
  EXPECT_EQ(messages, expected);
  for (auto& process : processes) process.join();
}

TEST_F(WaitingForProcesses, AProcessIsReadyOnceItHasEnded) {
  Gate gate;
  const auto [a, b] = mp::Pipe();
  Process process([&] { gate.wait(); });
  process.start();
  EXPECT_THAT(wait({a, process, b}, 1ms), IsEmpty());
  gate.open();
  EXPECT_THAT(wait({a, process, b}), ElementsAre(Waitable(process)));
  a.send(None);
  EXPECT_THAT(wait({a, process, b}), ElementsAre(Waitable(process), Waitable(b)));
  b.send(None);
  EXPECT_THAT(wait({a, process, b}), ElementsAre(Waitable(a), Waitable(process), Waitable(b)));
  process.join();
}

TEST_F(WaitingForProcesses, ASentinelIsReadyOnceItsProcessHasEnded) {
  Gate gate;
  Process process([&] { gate.wait(); });
  process.start();
  EXPECT_THAT(wait(std::vector{process.sentinel()}, 0s), IsEmpty());
  gate.open();
  EXPECT_THAT(wait(std::vector{process.sentinel()}), ElementsAre(process.sentinel()));
  process.join();
}

TEST_F(WaitingForProcesses, OfManyProcessesThoseThatHaveEndedAreGiven) {
  Gate gate;
  std::vector<Process> processes;
  processes.emplace_back([&] { gate.wait(); }).start();
  processes.emplace_back([] {}).start();
  const auto ended = wait(processes);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(&ended.front().get(), &processes[1]);
  ended.front().get().join();
  gate.open();
  processes[0].join();
}

}  // namespace
}  // namespace mp::test
