#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <utility>
#include <vector>

#include "mp/local/queue.h"
#include "mp/pool.h"
#include "tests/fork/process_fixture.h"
#include "tests/fork/sanitized.h"
#include "tests/pool/pool_contract.h"

// Tasks and results that go by a socket, as they are large or take descriptors along: what is
// cancelled must not fill it.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

class Wires : public ProcessTest {};

using Chars = std::vector<char>;
using QueueAndChars = std::pair<Queue<int>, Chars>;

// By far more than a socket takes.
constexpr int kMany = kSanitized ? 50 : 1000;

std::size_t size_of(const Chars& chars) { return chars.size(); }
std::size_t size_beside(const Queue<int>& answers, const Chars& chars) {
  answers.put(1);
  return chars.size();
}
QueueAndChars queue_and(std::size_t size) { return {Queue<int>(), Chars(size, 'x')}; }

// Its worker does not begin before it is let.
Pool one_that_waits(const Queue<int>& gate) {
  return Pool(
      1, [](const Queue<int>& in) { in.get(); }, gate);
}

TEST_F(Wires, LargeTasksCanBeCancelledWithoutEndThoughTheWorkerDoesNotRead) {
  const Queue<int> gate;
  Pool pool = one_that_waits(gate);
  const Chars large(200'000, 'x');
  for (int i = 0; i < kMany; ++i) EXPECT_TRUE(pool.apply_async(size_of, large).cancel());
  gate.put(1);
  EXPECT_EQ(pool.apply_async(size_of, large).get(60s), large.size());
}

TEST_F(Wires, SoCanTasksWithDescriptors) {
  const Queue<int> gate;
  const Queue<int> answers;
  Pool pool = one_that_waits(gate);
  const Chars chars(100'000, 'x');
  for (int i = 0; i < kMany; ++i)
    EXPECT_TRUE(pool.apply_async(size_beside, answers, chars).cancel());
  gate.put(1);
  EXPECT_EQ(pool.apply_async(size_beside, answers, chars).get(60s), chars.size());
  EXPECT_EQ(answers.qsize(), 1);
}

TEST_F(Wires, SmallTasksDoNotWaitForLargeOnesThatWereCancelled) {
  const Queue<int> gate;
  Pool pool = one_that_waits(gate);
  const Chars large(200'000, 'x');
  EXPECT_TRUE(pool.apply_async(size_of, large).cancel());
  const auto small = pool.apply_async(square, 3);
  const auto second = pool.apply_async(size_of, large);
  const auto last = pool.apply_async(square, 4);
  gate.put(1);
  EXPECT_EQ(small.get(60s), 9);
  EXPECT_EQ(second.get(60s), large.size());
  EXPECT_EQ(last.get(60s), 16);
}

TEST_F(Wires, AWorkerThatIsReplacedTakesLargeTasksAgain) {
  const Queue<int> gate;
  Pool pool = one_that_waits(gate);
  const Chars large(200'000, 'x');
  EXPECT_TRUE(pool.apply_async(size_of, large).cancel());
  for (const int pid : pool.worker_pids()) ::kill(pid, SIGKILL);
  gate.put(1);
  EXPECT_EQ(pool.apply_async(size_of, large).get(60s), large.size());
}

TEST_F(Wires, WhatIsSkippedIsNoTaskOfThoseThatAWorkerMayDo) {
  const Queue<int> gate;
  Pool pool(
      {.processes = 1, .maxtasksperchild = 2}, [](const Queue<int>& in) { in.get(); }, gate);
  EXPECT_TRUE(pool.apply_async(size_of, Chars(200'000, 'x')).cancel());
  gate.put(1);
  const int worker = pool.apply(::getpid);
  EXPECT_EQ(pool.apply(::getpid), worker);
  gate.put(1);
  EXPECT_NE(pool.apply(::getpid), worker);
}

TEST_F(Wires, QueuesTravelBesideBytesOfAnySize) {
  Pool pool(1);
  const Queue<int> answers;
  for (const std::size_t size :
       {0U, 1'000U, 32'000U, 33'000U, 65'000U, 100'000U, 131'000U, 132'000U}) {
    EXPECT_EQ(pool.apply(size_beside, answers, Chars(size, 'x')), size);
    EXPECT_EQ(answers.get(60s), 1);
    const QueueAndChars come = pool.apply(queue_and, size);
    EXPECT_EQ(come.second.size(), size);
    come.first.put(3);
    EXPECT_EQ(come.first.get(60s), 3);
  }
}

}  // namespace
}  // namespace mp::test
