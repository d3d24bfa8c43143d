#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "mp/process.h"
#include "tests/fork/start_fixture.h"

// The life of a child, however it is started.

namespace mp::test {
namespace {

using std::chrono::milliseconds;

INSTANTIATE_TEST_SUITE_P(By, EveryMethod, testing::ValuesIn(get_all_start_methods()),
                         name_of_param);

void nothing() {}
void wait_at(const SharedPipe& gate) { gate.wait(); }

bool is_readable(int fd) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) == 1;
}

TEST_P(EveryMethod, TheFunctionRunsInAnotherProcess) {
  const auto tell = [](const SharedPipe& out) { out->write(std::to_string(::getpid())); };
  const std::string pid = answer_of(tell);
  EXPECT_NE(pid, std::to_string(::getpid()));
  EXPECT_GT(std::stoi(pid), 0);
}

TEST_P(EveryMethod, AChildKnowsItsNameAndPid) {
  const auto tell = [](const SharedPipe& out) {
    out->write(current_process().name() + ' ' + std::to_string(current_process().pid()));
  };
  SharedPipe answer;
  Process child = process({.name = "worker"}, tell, answer);
  child.start();
  EXPECT_EQ(answer->read_all(), "worker " + std::to_string(child.pid().value()));
  child.join();
}

TEST_P(EveryMethod, DefaultNamesCountTheChildrenOfTheirMaker) {
  const auto tell = [](const SharedPipe& out) {
    const Process first(nothing);
    const Process second(nothing);
    out->write(current_process().name() + ' ' + first.name() + ' ' + second.name());
  };
  EXPECT_THAT(answer_of(tell), testing::MatchesRegex("(Process-[0-9]+) Process-[0-9]+:1 "
                                                     "Process-[0-9]+:2"));
}

TEST_P(EveryMethod, AChildKnowsItsParent) {
  const auto tell = [](const SharedPipe& out) {
    const auto parent = parent_process();
    out->write(parent->name() + ' ' + std::to_string(parent->pid()) +
               (parent->is_alive() ? " alive" : " dead"));
  };
  EXPECT_EQ(answer_of(tell), "MainProcess " + std::to_string(::getpid()) + " alive");
}

void tell_death_of_parent(const SharedPipe& out) {
  out->write(parent_process()->join(milliseconds(0)) ? "dead " : "alive ");
  parent_process()->join();
  out->write(parent_process()->is_alive() ? "alive" : "dead");
}

void start_one_and_wait(const SharedPipe& out, StartMethod method) {
  get_context(method).process(tell_death_of_parent, out).start();
  ::pause();
}

TEST_P(EveryMethod, AGrandchildSeesTheDeathOfItsParent) {
  SharedPipe answer;
  Process child = process(start_one_and_wait, answer, GetParam());
  child.start();
  std::string text(6, ' ');
  ASSERT_EQ(::read(answer->read_end(), text.data(), text.size()), 6);
  child.kill();
  child.join();
  EXPECT_EQ(text + answer->read_all(), "alive dead");
}

TEST_P(EveryMethod, TheExitCodeTellsHowAChildEnded) {
  EXPECT_EQ(exitcode_of_call(nothing), 0);
  EXPECT_EQ(exitcode_of_call([](int code) { mp::exit(code); }, 300), 44);
  EXPECT_EQ(exitcode_of_call([](int code) { std::exit(code); }, 7), 7);
  EXPECT_EQ(exitcode_of_call([](int signal) { ::raise(signal); }, SIGUSR1), -SIGUSR1);
}

TEST_P(EveryMethod, AnUncaughtExceptionStandsOnStandardError) {
  const auto text = output_of(STDERR_FILENO, [] {
    Process child = process({.name = "p"}, [] { throw ValueError("no such luck"); });
    child.start();
    child.join();
    mp::exit(child.exitcode().value());
  });
  EXPECT_EQ(text, "Process p: mp::ValueError: no such luck\n");
}

TEST_P(EveryMethod, TerminateKillAndInterruptEndIt) {
  const auto after = [](void (Process::*end)()) {
    const SharedPipe ready;
    Process child = process(
        [](const SharedPipe& out) {
          out->write(".");
          ::pause();
        },
        ready);
    child.start();
    ready->wait_for_byte();
    (child.*end)();
    child.join();
    return child.exitcode();
  };
  EXPECT_EQ(after(&Process::terminate), -SIGTERM);
  EXPECT_EQ(after(&Process::kill), -SIGKILL);
  EXPECT_EQ(after(&Process::interrupt), -SIGINT);
}

TEST_P(EveryMethod, StatesFollowOneAnother) {
  const SharedPipe gate;
  Process child = process(wait_at, gate);
  EXPECT_FALSE(child.is_alive());
  EXPECT_EQ(child.exitcode(), std::nullopt);
  child.start();
  EXPECT_TRUE(child.is_alive());
  EXPECT_EQ(child.exitcode(), std::nullopt);
  EXPECT_FALSE(child.join(milliseconds(0)));
  EXPECT_FALSE(child.join(milliseconds(-1)));
  EXPECT_EQ(active_children().size(), 1U);
  gate.open();
  EXPECT_TRUE(child.join(std::chrono::hours(1)));
  EXPECT_FALSE(child.is_alive());
  EXPECT_EQ(child.exitcode(), 0);
  EXPECT_TRUE(active_children().empty());
  EXPECT_THROW(child.start(), ProcessError);
  child.close();
  EXPECT_THROW(child.join(), ValueError);
}

TEST_P(EveryMethod, TheSentinelBecomesReadableAtTheEndAndStaysSo) {
  const SharedPipe gate;
  Process child = process(wait_at, gate);
  EXPECT_THROW(child.sentinel(), ValueError);
  child.start();
  EXPECT_FALSE(is_readable(child.sentinel()));
  gate.open();
  pollfd entry{.fd = child.sentinel(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&entry, 1, -1), 1);
  EXPECT_EQ(child.exitcode(), 0) << "whoever sees the sentinel knows the exit code";
  EXPECT_TRUE(is_readable(child.sentinel()));
  child.join();
  EXPECT_TRUE(is_readable(child.sentinel()));
}

TEST_P(EveryMethod, ManyEndAndManyAreTerminatedAtOnce) {
  const int count = GetParam() == StartMethod::kSpawn ? 5 : 50;
  const SharedPipe gate;
  std::vector<Process> ending;
  std::vector<Process> waiting;
  for (int i = 0; i < count; ++i) {
    ending.push_back(process(nothing));
    waiting.push_back(process(wait_at, gate));
  }
  for (auto& child : ending) child.start();
  for (auto& child : waiting) child.start();
  for (auto& child : waiting) child.terminate();
  for (auto& child : ending) child.join();
  for (auto& child : waiting) child.join();
  for (const auto& child : ending) EXPECT_EQ(child.exitcode(), 0);
  for (const auto& child : waiting) EXPECT_EQ(child.exitcode(), -SIGTERM);
}

void tell_path(const SharedPipe& out, StartMethod method, const std::string& path) {
  out->write(path + ' ');
  if (path.size() == 2) return;
  for (const char next : {'0', '1'}) {
    Process child = get_context(method).process(tell_path, out, method, path + next);
    child.start();
    child.join();
  }
}

TEST_P(EveryMethod, ChildrenHaveChildrenOfTheirOwn) {
  EXPECT_EQ(answer_of(tell_path, GetParam(), ""), " 0 00 01 1 10 11 ");
}

TEST_P(EveryMethod, ADaemonKnowsThatItIsOneAndMayHaveNoChildren) {
  const auto try_one = [](const SharedPipe& out) {
    out->write(current_process().daemon() ? "daemon, " : "no daemon, ");
    try {
      Process(nothing).start();
    } catch (const ProcessError&) {
      out->write("without children");
    }
  };
  SharedPipe answer;
  Process child = process({.daemon = true}, try_one, answer);
  child.start();
  EXPECT_EQ(answer->read_all(), "daemon, without children");
  child.join();
}

TEST_P(EveryMethod, AtItsEndAChildRunsItsHandlersAndJoinsItsChildren) {
  const auto body = [](const SharedPipe& out, StartMethod method) {
    static const SharedPipe answer = out;
    static const SharedPipe gate;
    get_context(method)
        .process(
            [](const SharedPipe& in, const SharedPipe& to) {
              in.wait();
              to->write("grandchild");
            },
            gate, out)
        .start();
    mp::at_exit([] {
      answer->write("handler ");
      gate.open();
    });
  };
  EXPECT_EQ(answer_of(body, GetParam()), "handler grandchild");
}

TEST_P(EveryMethod, StandardInputOfAChildIsEmpty) {
  const auto body = [] {
    std::string line;
    mp::exit(std::getline(std::cin, line) ? 1 : 0);
  };
  EXPECT_EQ(exitcode_of_call(body), 0);
}

TEST_P(EveryMethod, AChildWritesWhereItsParentDoesAndAfterIt) {
  EXPECT_EQ(output_of(STDOUT_FILENO,
                      [] {
                        std::cout << "parent ";
                        exitcode_of_call([] { std::cout << "child "; });
                        std::cout << "parent";
                      }),
            "parent child parent");
}

TEST_P(EveryMethod, AChildWorksInTheFolderOfItsParent) {
  const auto tell = [](const SharedPipe& out) { out->write(::get_current_dir_name()); };
  EXPECT_EQ(exitcode_of_call(nothing), 0) << "before the parent goes elsewhere";
  EXPECT_EQ(in_child([&] {
              if (::chdir("/proc") != 0) return std::string("no /proc");
              return answer_of(tell);
            }),
            "/proc");
}

TEST_P(EveryMethod, TheStartMethodIsThatOfTheParent) {
  const auto tell = [](const SharedPipe& out) {
    out->write(name_of(get_start_method()));
    try {
      set_start_method(StartMethod::kFork);
    } catch (const ProcessError&) {
      out->write(", settled");
    }
  };
  EXPECT_EQ(in_child([&] {
              set_start_method(GetParam(), Force::kYes);
              SharedPipe answer;
              Process child(tell, answer);
              child.start();
              std::string text = answer->read_all();
              child.join();
              return text;
            }),
            std::string(name_of(GetParam())) + ", settled");
}

TEST_P(EveryMethod, AStartIsSafeWhileThreadsAllocateAndStartToo) {
  std::vector<std::jthread> others;
  others.emplace_back([](const std::stop_token& stop) {
    while (!stop.stop_requested()) std::vector<std::string>(100, std::string(100, 'x'));
  });
  std::vector<std::jthread> starters;
  for (int i = 0; i < 4; ++i) {
    starters.emplace_back([] {
      for (int round = 0; round < 5; ++round) EXPECT_EQ(exitcode_of_call(nothing), 0);
    });
  }
}

}  // namespace
}  // namespace mp::test
