#include <gtest/gtest.h>
#include <sched.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "mp/errors.h"
#include "mp/local/shareable_list.h"
#include "mp/local/shared_memory.h"
#include "mp/local/value.h"
#include "mp/process.h"
#include "tests/fork/named_memory_processes.h"
#include "tests/fork/sanitized.h"

// Processes that use shared memory with a name, and are killed at random moments of it. Its makers
// are in killed_named_memory_test.cc.

namespace mp::test {
namespace {

constexpr int kRounds = kRandomKills / 4;

class KilledWhileAttached : public NamedMemoryProcesses {
 protected:
  // Children do `work` again and again, and are killed at a random moment.
  void kill_at_random(const std::function<void()>& work, const std::function<void()>& check) {
    std::mt19937 random(7);
    const RawValue<std::uint64_t> done(0);
    for (int round = 0; round < kRounds; ++round) {
      Process child([&] {
        while (true) {
          work();
          ++done;
        }
      });
      const std::uint64_t enough = done.get() + 1 + random() % 5;
      child.start();
      while (done.get() < enough) ::sched_yield();
      for (auto spins = random() % 20'000; spins != 0; --spins) static_cast<void>(done.get());
      child.kill();
      child.join();
      check();
    }
  }
};

TEST_F(KilledWhileAttached, AtAnyMomentLeavesItToItsOwner) {
  const auto shm = SharedMemory::create(name, 4096);
  kill_at_random([&] { SharedMemory::attach(name).buf()[0] = std::byte{3}; },
                 [&] {
                   SharedMemory::sweep();
                   ASSERT_EQ(SharedMemory::attach(name).buf()[0], std::byte{3});
                 });
}

TEST_F(KilledWhileAttached, AtAnyMomentLeavesAListWhole) {
  const auto list = ShareableList::create({"one", 1}, name);
  kill_at_random(
      [&] {
        const auto attached = ShareableList::attach(name);
        attached[0] = attached[0] == "one" ? "two" : "one";
      },
      [&] {
        const auto attached = ShareableList::attach(name);
        ASSERT_TRUE(attached[0] == "one" || attached[0] == "two");
        ASSERT_EQ(attached[1], 1);
      });
}

// Makers, those attached, and those who sweep, of one name and at once.
TEST_F(KilledWhileAttached, AmongManyWhoMakeAndSweepLeavesNothing) {
  std::vector<Process> others;
  const RawValue<int> is_over(0);
  for (int i = 0; i < 2; ++i) {
    others.emplace_back([&] {
      while (is_over == 0) {
        try {
          const auto shm = SharedMemory::attach(name);
          shm.buf()[0] = std::byte{1};
        } catch (const NoSuchObject&) {
          SharedMemory::sweep();
        }
      }
    });
    others.back().start();
  }
  kill_at_random(
      [&] {
        try {
          const auto shm = SharedMemory::create(name, 4096);
          shm.buf()[1] = std::byte{2};
        } catch (const AlreadyExists&) {
        }
      },
      [] {});
  is_over = 1;
  for (auto& other : others) other.join();
  for (const auto& other : others) EXPECT_EQ(other.exitcode(), 0);
  SharedMemory::sweep();
  EXPECT_FALSE(exists(name));
}

}  // namespace
}  // namespace mp::test
