#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "mp/threads.h"

// What a threads::Process has beyond mp::Process. What both have is in tests/contract/local.

namespace mp::threads {
namespace {

using namespace std::chrono_literals;
using testing::MatchesRegex;

template <class Callable, class... Args>
Process run(Callable&& callable, Args&&... args) {
  Process process(std::forward<Callable>(callable), std::forward<Args>(args)...);
  process.start();
  process.join();
  return process;
}

TEST(ThreadsProcess, RefersToWhatItsClosureRefersTo) {
  std::string word;
  run([&word] { word = "hello"; });
  EXPECT_EQ(word, "hello");
}

TEST(ThreadsProcess, TakesArgumentsThatCanOnlyBeMovedAndReferences) {
  int sum = 0;
  run([](std::unique_ptr<int> number, int& result) { result = *number + 1; },
      std::make_unique<int>(41), std::ref(sum));
  EXPECT_EQ(sum, 42);
}

TEST(ThreadsProcess, DestroysItsArgumentsAtItsEnd) {
  const auto argument = std::make_shared<int>(1);
  const Process process = run([](const std::shared_ptr<int>&) {}, argument);
  EXPECT_EQ(argument.use_count(), 1);
}

TEST(ThreadsProcess, WritesAnUncaughtExceptionUnderItsName) {
  testing::internal::CaptureStderr();
  Process process({.name = "worker"}, [] { throw ValueError("no good"); });
  process.start();
  process.join();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "Process worker: mp::ValueError: no good\n");
  EXPECT_EQ(process.exitcode(), 1);
}

template <class P>
concept Killable = requires(P& process) {
  process.kill();
}
|| requires(P& process) { process.terminate(); }
|| requires(P& process) { process.interrupt(); };

TEST(ThreadsProcess, CannotBeKilled) { static_assert(!Killable<Process>); }

TEST(ThreadsProcess, IsStartedByTheThreadThatMadeIt) {
  Process process([] {});
  std::jthread([&] { EXPECT_THROW(process.start(), ProcessError); }).join();
  process.start();
  process.join();
}

TEST(ThreadsProcess, IsJoinedByAnyThreadButItself) {
  Event enough;
  Process process([] {});
  process = Process([&process, enough] {
    enough.wait();
    process.join();
  });
  testing::internal::CaptureStderr();
  process.start();
  std::jthread other([&] { process.join(); });
  enough.set();
  other.join();
  EXPECT_EQ(process.exitcode(), 1);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("it is this thread"));
}

TEST(ThreadsProcess, IsAThreadOfItsOwn) {
  int ident = 0;
  const Process process = run([&] { ident = current_process().ident(); });
  EXPECT_NE(ident, current_process().ident());
  EXPECT_EQ(process.ident(), ident);
}

TEST(ThreadsProcess, IsADaemonIfItsMakerIsOne) {
  bool inherits = false;
  Process daemon({.daemon = true}, [&] { inherits = Process([] {}).daemon(); });
  daemon.start();
  daemon.join();
  EXPECT_TRUE(inherits);
}

TEST(ThreadsProcess, HasOnlyItsOwnChildren) {
  const Event enough;
  Process mine([enough] { enough.wait(); });
  mine.start();
  std::size_t others = 1;
  run([&] { others = active_children().size(); });
  EXPECT_EQ(others, 0U);
  EXPECT_EQ(active_children().size(), 1U);
  enough.set();
  mine.join();
}

TEST(ThreadsProcess, GoesOnWhenItsObjectIsGone) {
  const Event enough;
  const Semaphore done(0);
  {
    Process process([=] {
      enough.wait();
      done.release();
    });
    process.start();
  }
  enough.set();
  EXPECT_TRUE(done.acquire(60s));
  for (Process& left : active_children()) left.join();
}

TEST(ThreadsProcess, SeesTheEndOfItsParent) {
  const Event go;
  const Queue<bool> alive;
  run([=] {
    Process grandchild([=] {
      alive.put(parent_process()->is_alive());
      go.wait();
      parent_process()->join();
      alive.put(parent_process()->is_alive());
    });
    grandchild.start();
    EXPECT_TRUE(alive.get(60s));
  });
  go.set();
  EXPECT_FALSE(alive.get(60s));
}

TEST(ThreadsProcess, PrintsAsAProcessDoes) {
  std::ostringstream out;
  out << run([] {});
  EXPECT_THAT(out.str(),
              MatchesRegex("<Process name='Thread-[0-9]+' ident=[0-9]+ parent=[0-9]+ stopped>"));
  out.str("");
  out << current_process();
  EXPECT_THAT(out.str(), MatchesRegex("<Process name='MainThread' ident=[0-9]+ started>"));
}

TEST(ThreadsProcess, KnowsThreadsThatOthersStarted) {
  std::jthread([] {
    EXPECT_THAT(current_process().name(), MatchesRegex("Dummy-[0-9]+"));
    EXPECT_FALSE(parent_process().has_value());
    EXPECT_FALSE(current_process().daemon());
  }).join();
}

}  // namespace
}  // namespace mp::threads
