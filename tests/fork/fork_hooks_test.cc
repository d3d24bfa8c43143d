#include "mp/internal/fork_hooks.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

using internal::fork_generation;

// Hooks stay for the life of the program: these record only while a test has switched them on.
struct Recorder {
  bool on = false;
  std::string text;
  std::string failing;

  internal::ForkHooks hooks(const std::string& name) {
    return {.before = [this, name] { record("before " + name); },
            .in_parent = [this, name] { record("parent " + name); },
            .in_child = [this, name] { record("child " + name); }};
  }

 private:
  void record(const std::string& event) {
    if (!on) return;
    if (event == failing) throw std::runtime_error(event + " failed");
    text += event + ", ";
  }
};

Recorder& recorder() {
  static Recorder instance;
  static const bool registered = [] {
    internal::register_fork_hooks(instance.hooks("lower"));
    internal::register_fork_hooks({});
    internal::register_fork_hooks(instance.hooks("higher"));
    return true;
  }();
  static_cast<void>(registered);
  return instance;
}

class ForkHooks : public ProcessTest {
 protected:
  ForkHooks() {
    recorder().on = true;
    recorder().text.clear();
    recorder().failing.clear();
  }
  ~ForkHooks() override { recorder().on = false; }
};

TEST_F(ForkHooks, RunAroundTheForkLayerByLayer) {
  EXPECT_EQ(in_child([] { return recorder().text; }),
            "before higher, before lower, child lower, child higher, ");
  EXPECT_EQ(recorder().text, "before higher, before lower, parent lower, parent higher, ");
}

TEST_F(ForkHooks, OneThatThrowsBeforeKeepsTheForkFromHappening) {
  recorder().failing = "before lower";
  Process process([] {});
  EXPECT_THROW(process.start(), std::runtime_error);
  EXPECT_EQ(recorder().text, "before higher, parent higher, ");
  EXPECT_EQ(process.pid(), std::nullopt);
  recorder().failing.clear();
  process.start();
  process.join();
  EXPECT_EQ(process.exitcode(), 0);
}

TEST_F(ForkHooks, OneThatThrowsInTheChildEndsItBeforeTheCallable) {
  recorder().failing = "child lower";
  EXPECT_EQ(exitcode_of([] { mp::exit(3); }), 1);
}

TEST_F(ForkHooks, KnowTheNameOfTheChild) {
  static std::string name;
  internal::register_fork_hooks(
      {.before = {}, .in_parent = {}, .in_child = [] { name = current_process().name(); }});
  Pipe answer;
  Process process({.name = "named"}, [&] { answer.write(name); });
  process.start();
  EXPECT_EQ(answer.read_all(), "named");
  process.join();
}

TEST_F(ForkHooks, DoNotRunForAProcessThatCannotStart) {
  Process process([] {});
  process.start();
  process.join();
  recorder().text.clear();
  EXPECT_THROW(process.start(), ProcessError);
  EXPECT_EQ(recorder().text, "");
}

class ForkGeneration : public ProcessTest {};

TEST_F(ForkGeneration, CountsTheForksBetweenAProcessAndTheFirst) {
  const auto here = fork_generation();
  EXPECT_EQ(in_child([] { return std::to_string(fork_generation()); }), std::to_string(here + 1));
  EXPECT_EQ(in_child([] { return in_child([] { return std::to_string(fork_generation()); }); }),
            std::to_string(here + 2));
  EXPECT_EQ(fork_generation(), here);
}

// The exit status of a child that is not ours.
int raw_fork(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(ForkGeneration, CountsRawForksToo) {
  const auto here = fork_generation();
  EXPECT_EQ(raw_fork([&] { return fork_generation() == here + 1 ? 0 : 1; }), 0);
  EXPECT_EQ(fork_generation(), here);
}

TEST_F(ForkGeneration, AfterARawForkTheChildHasNoChildrenAndCanHaveSome) {
  Gate gate;
  Process process([&] { gate.wait(); });
  process.start();
  EXPECT_EQ(raw_fork([&] {
              if (!active_children().empty()) return 1;
              return exitcode_of([] { mp::exit(5); });
            }),
            5);
  EXPECT_TRUE(process.is_alive());
  gate.open();
  process.join();
}

TEST_F(ForkGeneration, AfterARawForkTheChildRunsNoHandlersOfItsParent) {
  Pipe answer;
  EXPECT_EQ(exitcode_of([&] {
              mp::at_exit([&] { answer.write("parent"); });
              const pid_t pid = ::fork();
              if (pid == 0) std::exit(0);
              ::waitpid(pid, nullptr, 0);
            }),
            0);
  EXPECT_EQ(answer.read_all(), "parent");
}

TEST_F(ForkGeneration, ARawForkIsSafeWhileOthersStartProcesses) {
  std::vector<std::jthread> starters;
  starters.reserve(4);
  for (int i = 0; i < 4; ++i) {
    starters.emplace_back([](const std::stop_token& stop) {
      while (!stop.stop_requested()) exitcode_of([] {});
    });
  }
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(raw_fork([] { return exitcode_of([] { mp::exit(5); }); }), 5);
  }
}

}  // namespace
}  // namespace mp::test
