#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "mp/mp.h"
#include "tests/faults/eventually.h"
#include "tests/faults/lane_fixture.h"

// The local lane in shared memory: who gets it, what becomes of it when either side is stopped or
// forked, and that nothing of it is left.

namespace mp {
namespace {

using namespace std::chrono_literals;
using test::descriptors_of;
using test::eventually;
using test::is_stopped;
using test::kLong;
using test::rings_of;
using test::SharedLane;

TEST_F(SharedLane, ComesWithUse) {
  Manager manager = connect(Lane::kLocal);
  use_often(manager);
  EXPECT_EQ(rings_of(server_.pid()), 1);
  EXPECT_EQ(rings_of(getpid()), 1);
}

TEST_F(SharedLane, IsNotForWhoSaysLittle) {
  Manager manager = connect(Lane::kLocal);
  auto numbers = manager.list<int>();
  for (int i = 0; i < 10; ++i) numbers.append(i);
  EXPECT_EQ(rings_of(server_.pid()), 0);
}

TEST_F(SharedLane, IsThereFromTheFirstCommandOnWhereItIsAskedFor) {
  Manager manager = connect(Lane::kShared);
  manager.list<int>().append(1);
  EXPECT_EQ(rings_of(server_.pid()), 1);
}

TEST_F(SharedLane, LeavesNoMappingAndNoDescriptor) {
  const auto mine = descriptors_of(getpid());
  {
    Manager first = connect(Lane::kShared);  // it has started up then, too
    use_often(first);
  }
  ASSERT_TRUE(eventually([&] { return rings_of(server_.pid()) == 0; }));
  const auto before = descriptors_of(server_.pid());
  for (int i = 0; i < 20; ++i) {
    Manager manager = connect(Lane::kShared);
    use_often(manager);
  }
  EXPECT_EQ(rings_of(getpid()), 0);
  EXPECT_EQ(descriptors_of(getpid()), mine);
  EXPECT_TRUE(eventually([&] { return rings_of(server_.pid()) == 0; }));
  EXPECT_TRUE(eventually([&] { return descriptors_of(server_.pid()) <= before; }))
      << before << " before, and then " << descriptors_of(server_.pid());
}

TEST_F(SharedLane, TakesValuesFarLargerThanItself) {
  Manager manager = connect(Lane::kShared);
  auto texts = manager.dict<int, std::string>();
  const std::string large(12U << 20U, 'x');
  for (int i = 0; i < 3; ++i) texts[i] = large;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(texts.at(i), large);
}

TEST_F(SharedLane, DoesNotStallOnAnswersThatNobodyReadsYet) {
  Manager manager = connect(Lane::kShared);
  auto texts = manager.dict<int, std::string>();
  texts[0] = std::string(10'000, 'x');
  std::vector<Future<std::string>> answers;
  answers.reserve(3000);
  for (int i = 0; i < 3000; ++i) answers.push_back(texts.async().at(0));
  for (auto& answer : answers) EXPECT_EQ(answer.get().size(), 10'000U);
}

TEST_F(SharedLane, OfAForkedChildIsItsOwn) {
  Manager manager = connect(Lane::kShared);
  auto numbers = manager.list<int>();
  use_often(manager);
  Process child([&] {
    use_often(manager);
    numbers.append(rings_of(getpid()));
  });
  child.start();
  use_often(manager);
  ASSERT_TRUE(child.join(kLong));
  EXPECT_EQ(child.exitcode(), 0);
  EXPECT_EQ(numbers.at(-1), 1);
  use_often(manager);
}

TEST_F(SharedLane, OfChildrenForkedInTheMiddleOfCallsIsTheirOwn) {
  Manager manager = connect(Lane::kShared);
  auto counter = manager.value<int>(0);
  std::atomic<bool> over = false;
  int by_thread = 0;
  std::thread caller([&] {
    for (; !over; ++by_thread) counter.fetch_add(1);
  });
  constexpr int kChildren = 50;
  for (int i = 0; i < kChildren; ++i) {
    Process child([&] {
      for (int k = 0; k < 20; ++k) counter.fetch_add(1);
    });
    child.start();
    counter.fetch_add(1);
    EXPECT_TRUE(child.join(kLong));
    EXPECT_EQ(child.exitcode(), 0);
  }
  over = true;
  caller.join();
  EXPECT_EQ(counter.get(), by_thread + 21 * kChildren);
}

TEST_F(SharedLane, OfAClientStoppedBeforeItReadsItsAnswersHoldsUpNobodyElse) {
  Manager manager = connect(Lane::kShared);
  auto texts = manager.dict<int, std::string>();
  texts[0] = std::string(10'000, 'x');
  Process client([&] {
    auto later = texts.async();
    std::vector<Future<std::string>> answers;
    answers.reserve(3000);
    for (int i = 0; i < 3000; ++i) answers.push_back(later.at(0));
    ::raise(SIGSTOP);  // far more than the ring holds
    for (auto& answer : answers) {
      if (answer.get().size() != 10'000) mp::exit(1);
    }
  });
  client.start();
  const pid_t pid = client.pid().value();
  ASSERT_TRUE(eventually([&] { return is_stopped(pid); }));
  use_often(manager);
  ::kill(pid, SIGCONT);
  ASSERT_TRUE(client.join(kLong));
  EXPECT_EQ(client.exitcode(), 0);
}

TEST_F(SharedLane, OfAStoppedClientHoldsUpNobodyElse) {
  Manager manager = connect(Lane::kShared);
  auto counter = manager.value<int>(0);
  Process client([&] {
    for (;;) counter.fetch_add(1);
  });
  client.start();
  ASSERT_TRUE(eventually([&] { return counter.get() > 1000; }));
  ::kill(client.pid().value(), SIGSTOP);
  ASSERT_TRUE(eventually([&] { return is_stopped(client.pid().value()); }));
  use_often(manager);
  const int before = counter.get();
  ::kill(client.pid().value(), SIGCONT);
  EXPECT_TRUE(eventually([&] { return counter.get() > before + 1000; }));
  client.kill();
  client.join();
}

TEST_F(SharedLane, GoesOnWithAManagerThatWasStopped) {
  Manager manager = connect(Lane::kShared);
  auto counter = manager.value<int>(0);
  use_often(manager);
  server_.signal(SIGSTOP);
  ASSERT_TRUE(eventually([&] { return is_stopped(server_.pid()); }));
  auto answer = counter.async().fetch_add(1);
  EXPECT_FALSE(answer.wait(50ms));
  server_.signal(SIGCONT);
  answer.get();
  EXPECT_EQ(counter.get(), 1);
}

}  // namespace
}  // namespace mp
