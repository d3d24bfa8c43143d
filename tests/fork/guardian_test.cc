#include "client_lib/local/guardian/guardian.h"

#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client_lib/local/os/pidfd.h"
#include "mp/process.h"
#include "tests/fork/process_fixture.h"

// Daemons end with their parent, however it ends, and nothing else does.

namespace mp::test {
namespace {

using internal::Descriptor;
using internal::guardian_pid;
using testing::SizeIs;

// One line of text from a child, in which it says its process id and its guardian's, say.
class Word {
 public:
  void say(const std::vector<int>& numbers) const {
    std::string text;
    for (const int number : numbers) text += std::to_string(number) + ' ';
    pipe_.write(text + '\n');
  }
  std::vector<int> hear() const {
    std::vector<int> numbers;
    std::string digits;
    for (;;) {
      char c = 0;
      if (::read(pipe_.read_end(), &c, 1) != 1 || c == '\n') return numbers;
      if (c != ' ') {
        digits += c;
      } else {
        numbers.push_back(std::stoi(digits));
        digits.clear();
      }
    }
  }

 private:
  Pipe pipe_;
};

// The same process for as long as this lives, also where its number is another's by then.
class Watched {
 public:
  explicit Watched(int pid) : pidfd_(internal::open_pidfd(pid)) {}
  void wait_ended() const { EXPECT_TRUE(internal::wait_ended(pidfd_, std::nullopt)); }
  bool is_alive() const {
    return !internal::wait_ended(pidfd_, internal::deadline_after(std::chrono::seconds(0)));
  }
  void kill() const { internal::send_signal(pidfd_, SIGKILL); }

 private:
  Descriptor pidfd_;
};

void pause_for_ever() {
  for (;;) ::pause();
}

Process daemon_that_pauses() { return Process({.daemon = true}, pause_for_ever); }

void end(Process& process) {
  process.kill();
  process.join();
}

class Guardian : public ProcessTest {};

TEST_F(Guardian, EndsDaemonsWhenTheirParentIsKilled) {
  Word word;
  Process parent([&] {
    Process first = daemon_that_pauses();
    Process second = daemon_that_pauses();
    first.start();
    second.start();
    word.say({*first.pid(), *second.pid(), *guardian_pid()});
    pause_for_ever();
  });
  parent.start();
  const auto pids = word.hear();
  ASSERT_THAT(pids, SizeIs(3));
  const std::vector<Watched> watched(pids.begin(), pids.end());
  for (const Watched& process : watched) EXPECT_TRUE(process.is_alive());
  end(parent);
  for (const Watched& process : watched) process.wait_ended();
}

TEST_F(Guardian, LeavesChildrenAloneThatAreNoDaemons) {
  Word word;
  Gate gate;
  Pipe answer;
  Process parent([&] {
    Process daemon = daemon_that_pauses();
    Process other([&] {
      gate.wait();
      answer.write("lives");
    });
    daemon.start();
    other.start();
    word.say({*daemon.pid(), *guardian_pid()});
    pause_for_ever();
  });
  parent.start();
  const auto pids = word.hear();
  const std::vector<Watched> watched(pids.begin(), pids.end());
  end(parent);
  for (const Watched& process : watched) process.wait_ended();
  gate.open();
  EXPECT_EQ(answer.read_all(), "lives");
}

TEST_F(Guardian, DoesNotMindTheEndOfTheThreadThatStartedADaemon) {
  Gate gate;
  std::optional<Process> daemon;
  std::thread([&] {
    daemon.emplace(ProcessOptions{.daemon = true}, [&] { gate.wait(); });
    daemon->start();
  }).join();
  gate.open();
  daemon->join();
  EXPECT_EQ(daemon->exitcode(), 0);
}

TEST_F(Guardian, EndsWithTheLastDaemon) {
  Process first = daemon_that_pauses();
  Process second = daemon_that_pauses();
  first.start();
  second.start();
  ASSERT_TRUE(guardian_pid());
  const Watched guardian(*guardian_pid());
  end(first);
  EXPECT_TRUE(guardian.is_alive());
  end(second);
  guardian.wait_ended();
  EXPECT_EQ(guardian_pid(), std::nullopt);
}

TEST_F(Guardian, IsNotThereForOtherChildren) {
  Gate gate;
  Process child([&] { gate.wait(); });
  child.start();
  EXPECT_EQ(guardian_pid(), std::nullopt);
  gate.open();
  child.join();
}

TEST_F(Guardian, OfAChildEndsItsDaemonsOnly) {
  Word word;
  Gate gate;
  Pipe answer;
  Process parent([&] {
    Process child([&] {
      Process grandchild({.daemon = true}, [&] {
        gate.wait();
        answer.write("lives ");
        pause_for_ever();
      });
      grandchild.start();
      word.say({::getpid(), *grandchild.pid()});
      pause_for_ever();
    });
    child.start();
    pause_for_ever();
  });
  parent.start();
  const auto pids = word.hear();
  ASSERT_THAT(pids, SizeIs(2));
  const Watched child(pids[0]);
  const Watched grandchild(pids[1]);
  end(parent);
  gate.open_for_one();
  EXPECT_TRUE(answer.wait_for_byte())
      << "the grandchild's parent lives, and so does the grandchild";
  child.kill();
  grandchild.wait_ended();
}

TEST_F(Guardian, KillsADaemonThatIgnoresSigtermOrStandsStill) {
  Word word;
  Process parent([&] {
    Process stubborn({.daemon = true}, [&] {
      std::signal(SIGTERM, SIG_IGN);
      word.say({::getpid()});
      pause_for_ever();
    });
    Process stopped({.daemon = true}, [&] {
      word.say({::getpid()});
      ::raise(SIGSTOP);
    });
    stubborn.start();
    stopped.start();
    pause_for_ever();
  });
  parent.start();
  std::vector<Watched> watched;
  for (int i = 0; i < 2; ++i) watched.emplace_back(word.hear().at(0));
  end(parent);
  for (const Watched& process : watched) process.wait_ended();
}

TEST_F(Guardian, ThatWasKilledIsReplacedAtTheNextStart) {
  Word word;
  Process parent([&] {
    Process first = daemon_that_pauses();
    first.start();
    const Watched guardian(*guardian_pid());
    guardian.kill();
    guardian.wait_ended();
    Process second = daemon_that_pauses();
    second.start();
    word.say({*first.pid(), *second.pid(), *guardian_pid()});
    pause_for_ever();
  });
  parent.start();
  const auto pids = word.hear();
  ASSERT_THAT(pids, SizeIs(3));
  const std::vector<Watched> watched(pids.begin(), pids.end());
  end(parent);
  for (const Watched& process : watched) process.wait_ended();
}

TEST_F(Guardian, ThatWasKilledIsReplacedAtTheNextEndOfADaemon) {
  Word word;
  Process parent([&] {
    Process first = daemon_that_pauses();
    Process second = daemon_that_pauses();
    first.start();
    second.start();
    const Watched guardian(*guardian_pid());
    guardian.kill();
    guardian.wait_ended();
    end(first);
    word.say({*second.pid(), *guardian_pid()});
    pause_for_ever();
  });
  parent.start();
  const auto pids = word.hear();
  ASSERT_THAT(pids, SizeIs(2));
  const std::vector<Watched> watched(pids.begin(), pids.end());
  end(parent);
  for (const Watched& process : watched) process.wait_ended();
}

TEST_F(Guardian, IsToldOfManyDaemonsAtOnceWhereItReplacesAnother) {
  Word word;
  constexpr int kMoreThanGoIntoOneMessage = 70;
  Process parent([&] {
    std::vector<Process> daemons;
    std::vector<int> pids;
    for (int i = 0; i < kMoreThanGoIntoOneMessage; ++i) {
      daemons.push_back(daemon_that_pauses());
      daemons.back().start();
      pids.push_back(*daemons.back().pid());
    }
    const Watched guardian(*guardian_pid());
    guardian.kill();
    guardian.wait_ended();
    end(daemons.front());
    word.say(pids);
    pause_for_ever();
  });
  parent.start();
  const auto pids = word.hear();
  ASSERT_THAT(pids, SizeIs(kMoreThanGoIntoOneMessage));
  const std::vector<Watched> watched(pids.begin() + 1, pids.end());
  end(parent);
  for (const Watched& process : watched) process.wait_ended();
}

TEST_F(Guardian, MissesNoDaemonWheneverTheParentIsKilled) {
  for (int starts = 0; starts < 60; ++starts) {
    Pipe held;
    Word word;
    Process parent([&] {
      for (;;) {
        word.say({});
        daemon_that_pauses().start();
      }
    });
    parent.start();
    for (int i = 0; i <= starts % 6; ++i) word.hear();
    end(parent);
    EXPECT_EQ(held.read_all(), "") << "the end of file comes when no process holds the pipe";
  }
}

}  // namespace
}  // namespace mp::test
