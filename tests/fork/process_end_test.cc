#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

// What a process owes at its end: handlers, children.

namespace mp::test {
namespace {

class ProcessEnd : public ProcessTest {};

constexpr int kStderr = STDERR_FILENO;

TEST_F(ProcessEnd, HandlersRunLastRegisteredFirst) {
  Pipe answer;
  EXPECT_EQ(exitcode_of([&] {
              mp::at_exit([&] { answer.write("1"); });
              mp::at_exit([&] { answer.write("2"); });
              answer.write("callable ");
            }),
            0);
  EXPECT_EQ(answer.read_all(), "callable 21");
}

TEST_F(ProcessEnd, HandlersRunHoweverTheChildExits) {
  Pipe answer;
  const auto ending = [&](void (*end)()) {
    return [&answer, end] {
      mp::at_exit([&] { answer.write("handler "); });
      end();
    };
  };
  EXPECT_EQ(exitcode_of(ending([] { mp::exit(3); })), 3);
  EXPECT_EQ(exitcode_of(ending([] { std::exit(4); })), 4);
  output_of(kStderr, ending([] { throw std::runtime_error("text"); }));
  EXPECT_EQ(answer.read_all(), "handler handler handler ");
}

TEST_F(ProcessEnd, AChildDoesNotRunItsParentsHandlers) {
  Pipe answer;
  EXPECT_EQ(exitcode_of([&] {
              mp::at_exit([&] { answer.write(current_process().name()); });
              current_process().set_name("the parent");
              exitcode_of([] {});
            }),
            0);
  EXPECT_EQ(answer.read_all(), "the parent");
}

TEST_F(ProcessEnd, AHandlerThatFailsIsReportedAndTheOthersRun) {
  Pipe answer;
  const auto text = output_of(kStderr, [&] {
    current_process().set_name("p");
    mp::at_exit([&] { answer.write("last"); });
    mp::at_exit([] { throw ValueError("in a handler"); });
    mp::at_exit([] { mp::exit(9); });
  });
  EXPECT_EQ(text, "Process p: mp::ValueError: in a handler\n");
  EXPECT_EQ(answer.read_all(), "last");
}

TEST_F(ProcessEnd, AHandlerMayRegisterAnotherAndExit) {
  Pipe answer;
  EXPECT_EQ(exitcode_of([&] {
              mp::at_exit([&] { answer.write("3"); });
              mp::at_exit([&] {
                mp::at_exit([&] { answer.write("2"); });
                answer.write("1");
                std::exit(7);
              });
            }),
            7);
  EXPECT_EQ(answer.read_all(), "123");
}

TEST_F(ProcessEnd, AChildJoinsItsChildren) {
  Gate gate;
  Pipe answer;
  EXPECT_EQ(exitcode_of([&] {
              mp::at_exit([&] { gate.open_for_one(); });
              Process([&] {
                gate.wait();
                answer.write("grandchild");
              }).start();
            }),
            0);
  EXPECT_EQ(answer.read_available(), "grandchild");
}

TEST_F(ProcessEnd, AChildEndsItsDaemons) {
  Pipe held;
  EXPECT_EQ(exitcode_of([&] { Process({.daemon = true}, [] { ::pause(); }).start(); }), 0);
  EXPECT_EQ(held.read_all(), "") << "the end of file comes when no process holds the pipe";
}

TEST_F(ProcessEnd, AChildKillsADaemonThatIgnoresSigterm) {
  Pipe held;
  Gate ignores;
  EXPECT_EQ(exitcode_of([&] {
              Process({.daemon = true}, [&] {
                std::signal(SIGTERM, SIG_IGN);
                ignores.open_for_one();
                for (;;) ::pause();
              }).start();
              ignores.wait();
            }),
            0);
  EXPECT_EQ(held.read_all(), "") << "the end of file comes when no process holds the pipe";
}

TEST_F(ProcessEnd, ChildrenOfAHandlerAreJoinedToo) {
  Pipe answer;
  EXPECT_EQ(
      exitcode_of([&] { mp::at_exit([&] { Process([&] { answer.write("late"); }).start(); }); }),
      0);
  EXPECT_EQ(answer.read_available(), "late");
}

TEST_F(ProcessEnd, AProcessThatEndsCanStillHaveChildrenFromAnyThread) {
  EXPECT_EQ(in_child([] {
              mp::at_exit([] {
                std::jthread([] { EXPECT_EQ(exitcode_of([] { mp::exit(5); }), 5); }).join();
              });
              return "";
            }),
            "");
}

TEST_F(ProcessEnd, AHandlerMustBeCallable) { EXPECT_THROW(mp::at_exit({}), ValueError); }

// A death test forks and goes on in the child, which for the library is a process of its own.
using ProcessEndDeathTest = ProcessEnd;

TEST_F(ProcessEndDeathTest, TheFirstProcessRunsHandlersAndJoinsChildrenToo) {
  const auto first_process = [] {
    Gate gate;
    mp::at_exit([&] { gate.open_for_one(); });
    mp::at_exit([] { std::cerr << "second handler "; });
    mp::at_exit([] { std::cerr << "first handler "; });
    Process([&] {
      gate.wait();
      std::cerr << "child";
    }).start();
    Process({.daemon = true}, [] { ::pause(); }).start();
    std::exit(3);
  };
  EXPECT_EXIT(first_process(), testing::ExitedWithCode(3), "first handler second handler child");
}

TEST_F(ProcessEndDeathTest, ExitInTheFirstProcessIsStdExit) {
  EXPECT_EXIT(mp::exit(300), testing::ExitedWithCode(44), "");
}

}  // namespace
}  // namespace mp::test
