#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

class Exitcode : public ProcessTest {};

constexpr int kStderr = STDERR_FILENO;

TEST_F(Exitcode, IsZeroAfterAReturn) {
  EXPECT_EQ(exitcode_of([] {}), 0);
}

TEST_F(Exitcode, IsWhatExitWasGivenModulo256) {
  for (const auto& [given, expected] : {std::pair{0, 0}, {1, 1}, {8, 8}, {300, 44}, {-1, 255}}) {
    EXPECT_EQ(exitcode_of([given = given] { mp::exit(given); }), expected);
    EXPECT_EQ(exitcode_of([given = given] { std::exit(given); }), expected);
  }
}

TEST_F(Exitcode, IsTheNegativeNumberOfTheSignal) {
  for (const int signal : {SIGTERM, SIGKILL, SIGINT, SIGUSR1}) {
    EXPECT_EQ(exitcode_of([=] { ::raise(signal); }), -signal);
  }
}

TEST_F(Exitcode, TellsTerminateKillAndInterruptApart) {
  Gate gate;
  const auto after = [&](void (Process::*end)()) {
    Process process([&] { gate.wait(); });
    process.start();
    (process.*end)();
    process.join();
    return process.exitcode();
  };
  EXPECT_EQ(after(&Process::terminate), -SIGTERM);
  EXPECT_EQ(after(&Process::kill), -SIGKILL);
  EXPECT_EQ(after(&Process::interrupt), -SIGINT);
}

TEST_F(Exitcode, IsOneAfterAnUncaughtException) {
  EXPECT_EQ(exitcode_of([] {
              ::close(kStderr);
              throw ValueError("text");
            }),
            1);
}

TEST_F(Exitcode, AnUncaughtExceptionStandsOnStandardError) {
  const auto fail = [] { throw ValueError("no such luck"); };
  const auto text = output_of(kStderr, [&] {
    current_process().set_name("Process-1");
    fail();
  });
  EXPECT_EQ(text, "Process Process-1: mp::ValueError: no such luck\n");
}

TEST_F(Exitcode, NamesOfStandardExceptionsAreAsOneWritesThem) {
  EXPECT_THAT(output_of(kStderr, [] { throw std::runtime_error("oh"); }),
              testing::EndsWith(": std::runtime_error: oh\n"));
  EXPECT_THAT(output_of(kStderr, [] { std::ignore = std::filesystem::file_size("/nonexistent"); }),
              testing::HasSubstr(": std::filesystem::filesystem_error: "));
}

TEST_F(Exitcode, WhatIsNoExceptionIsNamedByItsType) {
  EXPECT_THAT(output_of(kStderr, [] { throw 3; }), testing::EndsWith(": exception of type int\n"));
}

TEST_F(Exitcode, ExitRunsDestructorsOnItsWay) {
  Pipe answer;
  struct Teller {
    const Pipe& out;
    ~Teller() { out.write("destroyed"); }
  };
  EXPECT_EQ(exitcode_of([&] {
              const Teller teller{answer};
              mp::exit(3);
            }),
            3);
  EXPECT_EQ(answer.read_all(), "destroyed");
}

TEST_F(Exitcode, ExitIsNoErrorForThoseWhoHandleErrors) {
  EXPECT_EQ(exitcode_of([] {
              try {
                mp::exit(3);
              } catch (const std::exception&) {
                mp::exit(4);
              }
            }),
            3);
}

TEST_F(Exitcode, ExitWorksInAnyThreadOfAChild) {
  Gate never;
  EXPECT_EQ(exitcode_of([&] {
              const std::jthread other([] { mp::exit(5); });
              never.wait();
              ::pause();
            }),
            5);
}

TEST_F(Exitcode, StdExitInAChildDestroysNothingOfTheParents) {
  static Pipe* told = nullptr;
  Pipe answer;
  told = &answer;
  struct Static {
    ~Static() {
      if (told != nullptr) told->write("destroyed");
    }
  };
  static const Static inherited;
  EXPECT_EQ(exitcode_of([] { std::exit(6); }), 6);
  EXPECT_EQ(answer.read_all(), "");
  told = nullptr;
}

TEST_F(Exitcode, IsUnknownWhereTheSystemReaps) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(exitcode_of([] { mp::exit(3); }), 255);
  std::signal(SIGCHLD, before);
}

TEST_F(Exitcode, IsUnknownWhereSomebodyElseReaped) {
  Process process([] { mp::exit(3); });
  process.start();
  ::waitpid(process.pid().value(), nullptr, 0);
  process.join();
  EXPECT_EQ(process.exitcode(), 255);
}

bool wait_inside_fork = false;

TEST_F(Exitcode, IsUnknownWhereTheChildIsGoneBeforeForkReturns) {
  ::pthread_atfork(
      nullptr,
      [] {
        if (wait_inside_fork) ::waitpid(-1, nullptr, 0);
      },
      nullptr);
  Process process([] { mp::exit(3); });
  wait_inside_fork = true;
  process.start();
  wait_inside_fork = false;
  EXPECT_FALSE(process.is_alive());
  EXPECT_GT(process.pid(), 0);
  pollfd entry{.fd = process.sentinel(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&entry, 1, 0), 1);
  process.terminate();
  process.join();
  EXPECT_EQ(process.exitcode(), 255);
}

}  // namespace
}  // namespace mp::test
