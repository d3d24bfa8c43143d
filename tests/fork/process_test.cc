#include "mp/process.h"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::ThrowsMessage;

class ProcessLife : public ProcessTest {};

void nothing() {}

TEST_F(ProcessLife, TheCallableRunsInAnotherProcess) {
  EXPECT_NE(in_child([] { return std::to_string(::getpid()); }), std::to_string(::getpid()));
}

TEST_F(ProcessLife, ArgumentsReachTheCallable) {
  Pipe answer;
  Process process([](Pipe* out, const std::string& text,
                     int number) { out->write(text + std::to_string(number)); },
                  &answer, "answer ", 42);
  process.start();
  EXPECT_EQ(answer.read_all(), "answer 42");
  process.join();
}

TEST_F(ProcessLife, ArgumentsMayBeMoveOnly) {
  Process process([](std::unique_ptr<int> number) { mp::exit(*number); }, std::make_unique<int>(7));
  process.start();
  process.join();
  EXPECT_EQ(process.exitcode(), 7);
}

TEST_F(ProcessLife, TheParentKeepsNoArgumentsAfterTheStart) {
  const auto shared = std::make_shared<int>(1);
  Process process([](const std::shared_ptr<int>&) {}, shared);
  EXPECT_EQ(shared.use_count(), 2);
  process.start();
  EXPECT_EQ(shared.use_count(), 1);
  process.join();
}

TEST_F(ProcessLife, TheChildDestroysTheCallableAndItsArguments) {
  Pipe answer;
  struct Teller {
    const Pipe* out;
    explicit Teller(const Pipe* to) : out(to) {}
    Teller(Teller&& other) noexcept : out(std::exchange(other.out, nullptr)) {}
    Teller& operator=(Teller&&) = delete;
    ~Teller() {
      if (out != nullptr) out->write("destroyed in " + current_process().name());
    }
  };
  Process process(
      {.name = "child"}, [](const Teller&) {}, Teller(&answer));
  process.start();
  process.join();
  EXPECT_THAT(answer.read_available(), HasSubstr("destroyed in child"));
}

TEST_F(ProcessLife, WhatTheChildChangesTheParentDoesNotSee) {
  int value = 1;
  EXPECT_EQ(in_child([&] { return std::to_string(++value); }), "2");
  EXPECT_EQ(value, 1);
}

TEST_F(ProcessLife, StatesFollowOneAnother) {
  Gate gate;
  Process process([&] { gate.wait(); });
  EXPECT_FALSE(process.is_alive());
  EXPECT_EQ(process.pid(), std::nullopt);
  EXPECT_EQ(process.exitcode(), std::nullopt);
  process.start();
  EXPECT_TRUE(process.is_alive());
  EXPECT_GT(process.pid(), 0);
  EXPECT_EQ(process.exitcode(), std::nullopt);
  gate.open();
  process.join();
  EXPECT_FALSE(process.is_alive());
  EXPECT_GT(process.pid(), 0);
  EXPECT_EQ(process.exitcode(), 0);
}

TEST_F(ProcessLife, StartingTwiceIsAnError) {
  Process process(nothing);
  process.start();
  EXPECT_THAT([&] { process.start(); },
              ThrowsMessage<ProcessError>(HasSubstr("twice: it was started as pid")));
  process.join();
  EXPECT_THROW(process.start(), ProcessError);
}

TEST_F(ProcessLife, BeforeTheStartNothingCanBeAwaitedOrSignalled) {
  Process process({.name = "p"}, nothing);
  EXPECT_THAT([&] { process.join(); },
              ThrowsMessage<ProcessError>("cannot join process 'p': it was not started"));
  EXPECT_THROW(process.join(milliseconds(0)), ProcessError);
  EXPECT_THROW(process.terminate(), ProcessError);
  EXPECT_THROW(process.kill(), ProcessError);
  EXPECT_THROW(process.interrupt(), ProcessError);
  EXPECT_THROW(process.sentinel(), ValueError);
}

TEST_F(ProcessLife, JoinMayBeCalledAgain) {
  Process process(nothing);
  process.start();
  process.join();
  process.join();
  EXPECT_TRUE(process.join(milliseconds(0)));
}

TEST_F(ProcessLife, JoinWithATimeoutTellsWhetherTheChildHasEnded) {
  Gate gate;
  Process process([&] { gate.wait(); });
  process.start();
  EXPECT_FALSE(process.join(milliseconds(0)));
  EXPECT_FALSE(process.join(milliseconds(1)));
  EXPECT_FALSE(process.join(std::chrono::seconds(-1)));
  gate.open();
  EXPECT_TRUE(process.join(std::chrono::hours::max()));
}

TEST_F(ProcessLife, JoinOutlastsSignalHandlers) {
  struct sigaction count = {};
  count.sa_handler = [](int) {};  // without SA_RESTART
  struct sigaction before = {};
  ::sigaction(SIGUSR1, &count, &before);
  Gate gate;
  Process process([&] { gate.wait(); });
  process.start();
  std::jthread disturber([&, joiner = ::pthread_self()] {
    for (int i = 0; i < 100; ++i) ::pthread_kill(joiner, SIGUSR1);
    gate.open();
  });
  process.join();
  EXPECT_EQ(process.exitcode(), 0);
  disturber.join();
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(ProcessLife, SeveralThreadsMayJoinAtOnce) {
  Gate gate;
  Process process([&] { gate.wait(); });
  process.start();
  {
    std::vector<std::jthread> joiners;
    joiners.reserve(8);
    for (int i = 0; i < 8; ++i) joiners.emplace_back([&] { process.join(); });
    gate.open();
  }
  EXPECT_EQ(process.exitcode(), 0);
}

TEST_F(ProcessLife, ARunningProcessCannotBeClosed) {
  Gate gate;
  Process process([&] { gate.wait(); });
  process.start();
  EXPECT_THAT([&] { process.close(); },
              ThrowsMessage<ValueError>(HasSubstr("it is running as pid")));
  EXPECT_TRUE(process.is_alive());
  gate.open();
  process.join();
}

TEST_F(ProcessLife, NothingWorksAfterClose) {
  Process process(nothing);
  process.start();
  process.join();
  process.close();
  process.close();
  EXPECT_THROW(process.start(), ValueError);
  EXPECT_THROW(process.join(), ValueError);
  EXPECT_THROW(process.terminate(), ValueError);
  EXPECT_THROW(process.is_alive(), ValueError);
  EXPECT_THROW(process.exitcode(), ValueError);
  EXPECT_THROW(process.pid(), ValueError);
  EXPECT_THROW(process.name(), ValueError);
  EXPECT_THAT([&] { process.sentinel(); },
              ThrowsMessage<ValueError>(HasSubstr("process object is closed")));
}

TEST_F(ProcessLife, AProcessThatWasNotStartedCanBeClosed) {
  Process process(nothing);
  process.close();
  EXPECT_THROW(process.start(), ValueError);
}

TEST_F(ProcessLife, AMovedProcessGoesOnUnderItsNewName) {
  Process first(nothing);
  Process second = std::move(first);
  second.start();
  second.join();
  EXPECT_EQ(second.exitcode(), 0);
  // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): an error, not a crash
  EXPECT_THROW(first.start(), ValueError);
}

TEST_F(ProcessLife, ActiveChildrenAreThoseThatRun) {
  Gate gate;
  Process first([&] { gate.wait(); });
  Process second([&] { gate.wait(); });
  EXPECT_TRUE(active_children().empty());
  first.start();
  second.start();
  std::vector<std::optional<int>> pids;
  for (const Process& child : active_children()) pids.push_back(child.pid());
  EXPECT_THAT(pids, testing::ElementsAre(first.pid(), second.pid()));
  gate.open();
  first.join();
  second.join();
  EXPECT_TRUE(active_children().empty());
}

TEST_F(ProcessLife, AChildOutlivesItsObjectAndStaysReachable) {
  Gate gate;
  {
    Process([&] { gate.wait(); }).start();
  }
  auto children = active_children();
  ASSERT_EQ(children.size(), 1U);
  gate.open();
  children[0].join();
  EXPECT_EQ(children[0].exitcode(), 0);
}

TEST_F(ProcessLife, AHundredEndAndAHundredAreTerminatedAtOnce) {
  Gate gate;
  std::vector<Process> ending;
  std::vector<Process> waiting;
  for (int i = 0; i < 100; ++i) {
    ending.emplace_back(nothing).start();
    waiting.emplace_back([&] { gate.wait(); }).start();
  }
  for (auto& process : waiting) process.terminate();
  for (auto& process : ending) process.join();
  for (auto& process : waiting) process.join();
  for (const auto& process : ending) EXPECT_EQ(process.exitcode(), 0);
  for (const auto& process : waiting) EXPECT_EQ(process.exitcode(), -SIGTERM);
}

TEST_F(ProcessLife, ManyThreadsMayStartProcesses) {
  std::vector<std::jthread> starters;
  starters.reserve(8);
  for (int i = 0; i < 8; ++i) {
    starters.emplace_back([] {
      for (int round = 0; round < 10; ++round) EXPECT_EQ(exitcode_of(nothing), 0);
    });
  }
}

TEST_F(ProcessLife, SignalsToAnEndedChildDoNothing) {
  Process process(nothing);
  process.start();
  process.join();
  process.terminate();
  process.kill();
  process.interrupt();
  EXPECT_EQ(process.exitcode(), 0);
}

}  // namespace
}  // namespace mp::test
