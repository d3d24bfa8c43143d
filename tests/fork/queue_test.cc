#include "mp/local/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "mp/process.h"
#include "tests/fork/asleep.h"
#include "tests/fork/process_fixture.h"
#include "tests/fork/sanitized.h"

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

using LocalQueueTest = test::ProcessTest;

void stop(const Process& process) {
  ASSERT_EQ(::kill(*process.pid(), SIGSTOP), 0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(*process.pid()), &info, WSTOPPED | WNOWAIT), 0);
}

TEST_F(LocalQueueTest, CarriesItemsBothWays) {
  const Queue<int> jobs;
  const Queue<std::pair<int, std::string>> results;
  Process worker([=] {
    while (auto job = jobs.try_get(mp::None)) {
      if (*job < 0) return;
      results.put({*job, std::to_string(*job * *job)});
    }
  });
  worker.start();
  jobs.put_many({1, 2, 3, -1});
  EXPECT_THAT(results.get(), testing::Pair(1, "1"));
  EXPECT_THAT(results.get(), testing::Pair(2, "4"));
  EXPECT_THAT(results.get(), testing::Pair(3, "9"));
  worker.join();
}

TEST_F(LocalQueueTest, IsFullUntilAnotherProcessGets) {
  const Queue<int> q(1);
  q.put(1);
  Process getter([=] { exit(q.get() == 1 ? 0 : 1); });
  getter.start();
  q.put(2);
  EXPECT_EQ(q.get(), 2);
  getter.join();
  EXPECT_EQ(getter.exitcode(), 0);
}

TEST_F(LocalQueueTest, HoldsMoreThanAPipeWhileNobodyGets) {
  const Queue<std::string> q;
  Process putter([=] {
    for (int i = 0; i < 100; ++i) q.put(std::string(100'000, 'x'));
  });
  putter.start();
  putter.join();  // Python's would wait here for ever: bpo-17985 and its kin
  EXPECT_EQ(q.qsize(), 100U);
  EXPECT_EQ(q.get_many(100).back().size(), 100'000U);
}

TEST_F(LocalQueueTest, KeepsTheItemsOfAProcessThatWasKilled) {
  const Queue<int> q;
  const Queue<int> done;
  Process putter([=] {
    q.put_many({1, 2, 3});
    done.put(0);
    ::pause();
  });
  putter.start();
  done.get();
  putter.kill();
  putter.join();
  EXPECT_THAT(q.get_many(9), ElementsAre(1, 2, 3));
}

TEST_F(LocalQueueTest, OutlivesTheProcessThatMadeIt) {
  const Queue<int> results;
  test::Gate gate;
  Process parent([&] {
    const Queue<std::string> q;
    q.put("inherited");
    const pid_t child = ::fork();  // nobody joins it
    if (child != 0) ::_exit(0);
    gate.wait();
    results.put(q.get() == "inherited" ? 1 : 0);
    ::_exit(0);
  });
  parent.start();
  parent.join();
  gate.open();
  EXPECT_EQ(results.get(20s), 1);
}

TEST_F(LocalQueueTest, DoesNotWaitForAStoppedGetter) {
  const Queue<int> q;
  const Queue<int> started;
  Process stopped([=] {
    started.put(0);
    static_cast<void>(q.get());
  });
  stopped.start();
  started.get();
  while (q.waiting_getters() == 0) std::this_thread::yield();
  test::wait_until_asleep(stopped.pid().value());  // and outside of the critical section
  stop(stopped);
  for (int i = 0; i < 3; ++i) {
    q.put(i);
    EXPECT_EQ(q.get(20s), i);
  }
  stopped.kill();
  stopped.join();
}

TEST_F(LocalQueueTest, ForgetsAGetterThatWasKilledWhileItWaited) {
  const Queue<int> q;
  std::vector<Process> getters;
  for (int i = 0; i < 3; ++i) getters.emplace_back([=] { static_cast<void>(q.get()); });
  for (auto& getter : getters) getter.start();
  while (q.waiting_getters() < 3) std::this_thread::yield();
  for (auto& getter : getters) getter.kill();
  for (auto& getter : getters) getter.join();
  q.put(1);
  EXPECT_EQ(q.get(20s), 1);
}

TEST_F(LocalQueueTest, IsUsableInAChildOfAProcessWhoseThreadsUseIt) {
  const Queue<int> busy(5);
  const Queue<int> results;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&](const std::stop_token& token) {
      while (!token.stop_requested()) static_cast<void>(busy.try_put(1));
    });
    threads.emplace_back([&](const std::stop_token& token) {
      while (!token.stop_requested()) static_cast<void>(busy.try_get());
    });
  }
  for (int i = 0; i < 50; ++i) {
    Process child([=] {
      busy.put(1);
      static_cast<void>(busy.try_get());
      results.put(i);
    });
    child.start();
    EXPECT_EQ(results.get(20s), i);
    child.join();
  }
}

TEST_F(LocalQueueTest, TellsAPutterThatThereIsNoMemoryAndGoesOn) {
  EXPECT_EQ(test::exitcode_of([] {
              const Queue<std::string> q;
              q.put("first");
              const rlimit limit{.rlim_cur = 1U << 20U, .rlim_max = RLIM_INFINITY};
              ::setrlimit(RLIMIT_FSIZE, &limit);
              try {
                q.put(std::string(8U << 20U, 'x'));
                exit(1);
              } catch (const MemoryError&) {
              }
              q.put("second");
              exit(q.get() == "first" && q.get() == "second" && q.empty() ? 7 : 2);
            }),
            7);
}

// Each item says who put it, and which one of its items it is.
using Item = std::pair<int, int>;

// Puts and gets at random until it is killed; says what it has put and got before and after.
[[noreturn]] void put_and_get(const Queue<Item>& q, const Queue<Item>& got, int who) {
  std::mt19937 random(static_cast<unsigned>(who));
  for (int number = 0;;) {
    if (random() % 2 == 0) {
      if (q.try_put({who, number})) ++number;
    } else if (const auto item = q.try_get()) {
      got.put(*item);
    }
  }
}

TEST_F(LocalQueueTest, LosesAndDoublesNothingThoughProcessesAreKilledAtRandom) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const Queue<Item> q(20);
  const Queue<Item> got(1000);
  std::map<Item, int> times;
  int who = 0;
  int kills = 0;
  std::vector<Process> crowd;
  for (int round = 0; round < test::kRandomKills; ++round) {
    while (crowd.size() < 4) {
      ++who;
      crowd.emplace_back([=] { put_and_get(q, got, who); });
      crowd.back().start();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 1000));
    const auto victim = random() % crowd.size();
    crowd[victim].kill();
    crowd[victim].join();
    crowd.erase(crowd.begin() + static_cast<std::ptrdiff_t>(victim));
    ++kills;
    for (const Item& item : got.try_get_many(1000)) ++times[item];
  }
  for (auto& process : crowd) process.kill();
  for (auto& process : crowd) process.join();
  for (const Item& item : got.try_get_many(1000)) ++times[item];
  for (const Item& item : q.try_get_many(100)) ++times[item];

  // Whoever is killed takes at most the one item with it that it held.
  std::map<int, int> last;
  for (const auto& [item, count] : times) {
    ASSERT_EQ(count, 1) << "item " << item.second << " of " << item.first;
    last[item.first] = std::max(last[item.first], item.second);
  }
  std::size_t lost = 0;
  for (const auto& [process, number] : last)
    for (int i = 0; i < number; ++i) lost += 1 - times.count({process, i});
  EXPECT_LE(lost, static_cast<std::size_t>(kills) + 4);
  EXPECT_GT(times.size(), 1000U);
  q.put({0, 0});
  EXPECT_EQ(q.get(20s), Item(0, 0));
}

}  // namespace
}  // namespace mp
