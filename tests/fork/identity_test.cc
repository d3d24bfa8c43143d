#include <sched.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "mp/process.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

class Identity : public ProcessTest {};

void nothing() {}

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

std::string pid_text(const Process& process) { return std::to_string(process.pid().value()); }
std::string own_pid() { return std::to_string(::getpid()); }

TEST_F(Identity, TheFirstProcessIsMainProcessAndHasNoParent) {
  EXPECT_EQ(current_process().name(), "MainProcess");
  EXPECT_EQ(current_process().pid(), ::getpid());
  EXPECT_FALSE(current_process().daemon());
  EXPECT_EQ(parent_process(), std::nullopt);
}

TEST_F(Identity, DefaultNamesCountTheChildrenOfTheirMaker) {
  const std::string names = in_child([] {
    current_process().set_name("renamed");
    const Process first(nothing);
    const Process second(nothing);
    return first.name() + ' ' + second.name();
  });
  EXPECT_THAT(names, testing::MatchesRegex("Process-[0-9]+:1 Process-[0-9]+:2"));
}

TEST_F(Identity, EveryObjectCountsStartedOrNot) {
  const auto number = [](const Process& process) { return std::stoi(process.name().substr(8)); };
  const Process first(nothing);
  const Process second({.name = "given"}, nothing);
  const Process third(nothing);
  EXPECT_EQ(number(third), number(first) + 2);
}

TEST_F(Identity, AChildKnowsItsNameAndPid) {
  Pipe answer;
  Process process({.name = "worker"}, [&] {
    answer.write(current_process().name() + ' ' + std::to_string(current_process().pid()));
  });
  process.start();
  EXPECT_EQ(answer.read_all(), "worker " + pid_text(process));
  process.join();
}

TEST_F(Identity, ANameGivenAfterTheStartStaysInItsProcess) {
  Gate gate;
  Pipe answer;
  Process process({.name = "first"}, [&] {
    gate.wait();
    answer.write(current_process().name());
  });
  process.set_name("second");
  process.start();
  process.set_name("third");
  gate.open();
  EXPECT_EQ(answer.read_all(), "second");
  process.join();
  EXPECT_EQ(process.name(), "third");
}

TEST_F(Identity, DaemonIsAnOptionOfTheProcess) {
  EXPECT_FALSE(Process(nothing).daemon());
  EXPECT_TRUE(Process({.daemon = true}, nothing).daemon());
  Process process(nothing);
  process.set_daemon(true);
  EXPECT_TRUE(process.daemon());
  process.start();
  EXPECT_THROW(process.set_daemon(false), ProcessError);
  process.join();
}

TEST_F(Identity, ADaemonKnowsThatItIsOneAndMayHaveNoChildren) {
  Pipe answer;
  Process process({.name = "d", .daemon = true}, [&] {
    Process inner({.name = "inner"}, nothing);
    answer.write(current_process().daemon() && inner.daemon() ? "daemon; " : "no daemon; ");
    try {
      inner.start();
    } catch (const ProcessError& error) {
      answer.write(error.what());
    }
  });
  process.start();
  EXPECT_EQ(answer.read_all(),
            "daemon; cannot start process 'inner': this process, 'd', is a daemon, and daemons may "
            "not have children");
  process.join();
}

TEST_F(Identity, AChildKnowsItsParent) {
  EXPECT_EQ(in_child([] { return parent_process()->name(); }), "MainProcess");
  EXPECT_EQ(in_child([] { return std::to_string(parent_process()->pid()); }), own_pid());
  EXPECT_EQ(in_child([] { return parent_process()->is_alive() ? "alive" : "dead"; }), "alive");
}

TEST_F(Identity, AGrandchildSeesTheDeathOfItsParent) {
  Pipe answer;
  Gate gate;
  Process process([&] {
    Process grandchild([&] {
      gate.wait();
      answer.write(parent_process()->is_alive() ? "alive" : "dead");
    });
    grandchild.start();
    ::raise(SIGKILL);
  });
  process.start();
  process.join();
  gate.open();
  EXPECT_EQ(answer.read_all(), "dead");
}

TEST_F(Identity, InTheChildItsOwnObjectIsThisProcess) {
  Pipe answer;
  Process process(nothing);
  process = Process([&] {
    answer.write(process.is_alive() && process.pid() == ::getpid() && !process.exitcode()
                     ? "itself"
                     : "other");
    try {
      process.join();
    } catch (const ProcessError&) {
      answer.write(", not joined");
    }
  });
  process.start();
  EXPECT_EQ(answer.read_all(), "itself, not joined");
  process.join();
}

TEST_F(Identity, AnotherProcessCannotUseAnObject) {
  Gate gate;
  Process sibling({.name = "sibling"}, [&] { gate.wait(); });
  Process idle(nothing);
  sibling.start();
  const int refusals = exitcode_of([&] {
    int refused = 0;
    const auto attempt = [&](const std::function<void()>& use) {
      try {
        use();
      } catch (const ProcessError&) {
        ++refused;
      }
    };
    attempt([&] { sibling.join(); });
    attempt([&] { sibling.is_alive(); });
    attempt([&] { sibling.exitcode(); });
    attempt([&] { sibling.kill(); });
    attempt([&] { sibling.close(); });
    attempt([&] { idle.start(); });
    if (!active_children().empty()) refused = 0;
    mp::exit(refused);
  });
  EXPECT_EQ(refusals, 6);
  EXPECT_TRUE(sibling.is_alive());
  gate.open();
  sibling.join();
}

TEST_F(Identity, AProcessPrintsAsInPython) {
  Gate gate;
  Process process({.name = "p"}, [&] { gate.wait(); });
  EXPECT_EQ(printed(process), "<Process name='p' parent=" + own_pid() + " initial>");
  process.start();
  const std::string start = "<Process name='p' pid=" + pid_text(process) + " parent=" + own_pid();
  EXPECT_EQ(printed(process), start + " started>");
  process.terminate();
  process.join();
  EXPECT_EQ(printed(process), start + " stopped exitcode=-SIGTERM>");
  process.close();
  EXPECT_EQ(printed(process), start + " closed>");
}

TEST_F(Identity, ADaemonAndAnExitCodePrintAsInPython) {
  Process process({.name = "it's", .daemon = true}, [] { mp::exit(3); });
  process.start();
  process.join();
  EXPECT_THAT(printed(process), testing::StartsWith("<Process name=\"it's\" pid="));
  EXPECT_THAT(printed(process), testing::EndsWith(" stopped exitcode=3 daemon>"));
}

TEST_F(Identity, TheCurrentProcessPrintsAsInPython) {
  EXPECT_EQ(printed(current_process()), "<_MainProcess name='MainProcess' parent=None started>");
  EXPECT_THAT(
      in_child([] { return printed(current_process()); }),
      testing::MatchesRegex("<Process name='Process-[0-9]+' parent=" + own_pid() + " started>"));
}

TEST_F(Identity, CpuCountObeysTheAffinity) {
  EXPECT_GE(cpu_count(), 1);
  EXPECT_EQ(in_child([] {
              cpu_set_t one;
              CPU_ZERO(&one);
              CPU_SET(::sched_getcpu(), &one);
              ::sched_setaffinity(0, sizeof one, &one);
              return std::to_string(cpu_count());
            }),
            "1");
}

}  // namespace
}  // namespace mp::test
