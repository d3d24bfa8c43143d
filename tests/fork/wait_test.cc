#include "mp/local/wait.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class WaitingForProcesses : public ProcessTest {};

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
