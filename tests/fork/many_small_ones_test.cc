#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "mp/local/connection.h"
#include "mp/local/lock.h"
#include "mp/local/value.h"
#include "mp/process.h"
#include "tests/fork/kill_at_any_instruction.h"
#include "tests/fork/process_fixture.h"

// Many small objects in shared memory, which share segments of it.

namespace mp::test {
namespace {

constexpr int kMany = 100'000;
constexpr std::size_t kFew = 16;  // mappings, and so descriptors

// Values need a segment that stays; this one is there before the tests look.
struct WithASegment {
  WithASegment() { static_cast<void>(Lock()); }
};
class ManySmallOnes : private WithASegment, public ProcessTest {};

std::vector<RawValue<int>> make_many(int count) {
  std::vector<RawValue<int>> many;
  for (int i = 0; i < count; ++i) many.emplace_back(i);
  return many;
}

bool are_numbered_from(int first, const std::vector<RawValue<int>>& many) {
  return std::ranges::all_of(many, [&](const auto& value) { return value == first++; });
}

TEST_F(ManySmallOnes, TakeFewMappingsAndDescriptors) {
  const auto many = make_many(kMany);
  const Lock lock;
  std::vector<Value<int>> with_a_lock;
  for (int i = 0; i < kMany; ++i) with_a_lock.emplace_back(i, lock);
  EXPECT_LE(mappings_of_memory().size(), kFew);
  EXPECT_LE(open_descriptors().count("/memfd:mp (deleted)"), kFew);
  EXPECT_EQ(exitcode_of([&] {
              for (const auto& value : many) value += 1;
              for (const auto& value : with_a_lock) value += 1;
            }),
            0);
  EXPECT_TRUE(are_numbered_from(1, many));
  EXPECT_EQ(with_a_lock.back().get(), kMany);
}

TEST_F(ManySmallOnes, WithALockEachTakeFewMappingsToo) {
  std::vector<Value<int>> many;
  for (int i = 0; i < 5000; ++i) many.emplace_back(i);
  EXPECT_LE(mappings_of_memory().size(), kFew);
}

TEST_F(ManySmallOnes, TakeFewOfWhoeverIsSentThem) {
  const auto [here, there] = mp::Pipe();
  Process child([&there = there] {
    const auto many = there.recv<std::vector<RawValue<int>>>();
    for (const auto& value : many) value += 1;
    there.send(mappings_of_memory().size());
  });
  child.start();
  const auto many = make_many(10'000);
  here.send(many);
  EXPECT_LE(here.recv<std::size_t>(), kFew);
  EXPECT_TRUE(are_numbered_from(1, many));
  child.join();
}

TEST_F(ManySmallOnes, GoBackOneByOneAndAreMadeAnew) {
  auto many = make_many(kMany);
  const auto mappings = mappings_of_memory().size();
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < many.size(); i += 2) many[i] = RawValue<int>(static_cast<int>(i));
  }
  EXPECT_EQ(mappings_of_memory().size(), mappings);
  EXPECT_TRUE(are_numbered_from(0, many));
}

TEST_F(ManySmallOnes, AreMadeAndDroppedByManyThreadsWhileChildrenAreForked) {
  std::atomic<int> left = 4;
  const auto make_and_drop = [&left](int thread) {
    std::vector<RawValue<int>> own = make_many(100);
    std::mt19937 random(static_cast<unsigned>(thread));
    for (int i = 0; i < 5000; ++i) {
      const auto place = random() % own.size();
      ASSERT_EQ(own[place].get(), static_cast<int>(place));
      own[place] = RawValue<int>(static_cast<int>(place));
    }
    --left;
  };
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) threads.emplace_back(make_and_drop, thread);
  do {
    EXPECT_EQ(exitcode_of([] { static_cast<void>(make_many(10)); }), 0);
  } while (left > 0);
}

TEST_F(ManySmallOnes, AreNotOverwrittenWhileAChildHasThem) {
  Gate gate;
  Pipe answer;
  auto many = make_many(1000);
  Process child([&] {
    gate.wait();
    answer.write(are_numbered_from(0, many) ? "whole" : "overwritten");
  });
  child.start();
  many.clear();
  const auto others = make_many(1000);
  for (const auto& other : others) other = -1;
  gate.open();
  EXPECT_EQ(answer.read_all(), "whole");
  child.join();
}

TEST_F(ManySmallOnes, AreNotOverwrittenWhileWhoWasSentThemHasThem) {
  const auto [here, there] = mp::Pipe();
  Process child([&there = there] {
    const auto many = there.recv<std::vector<RawValue<int>>>();
    there.send("received");
    there.recv();
    there.send(are_numbered_from(0, many));
  });
  child.start();
  here.send(make_many(1000));
  here.recv();
  const auto others = make_many(1000);
  for (const auto& other : others) other = -1;
  here.send("now");
  EXPECT_TRUE(here.recv<bool>());
  child.join();
}

TEST_F(ManySmallOnes, ThatCannotBeHadAreAnErrorAndThoseThatAreThereAreGood) {
  EXPECT_EQ(in_child([] {
              const rlimit none{.rlim_cur = 0, .rlim_max = 0};
              auto many = make_many(10);
              ::setrlimit(RLIMIT_FSIZE, &none);
              try {
                while (true) many.emplace_back(static_cast<int>(many.size()));
              } catch (const MemoryError& error) {
                const bool is_good = many.size() > 1000 && are_numbered_from(0, many);
                return is_good ? std::string("good") : error.what();
              }
            }),
            "good");
}

TEST_F(ManySmallOnes, AreMadeByOthersThoughOneIsKilledAtWhicheverInstructionOfMakingThem) {
  const auto shared = make_many(100);
  kill_at_any_instruction({.operation =
                               [] {
                                 const auto own = make_many(3);
                                 const Value<int> with_a_lock(1);
                               },
                           .check =
                               [&](bool) {
                                 EXPECT_TRUE(are_numbered_from(0, make_many(100)));
                                 EXPECT_TRUE(are_numbered_from(0, shared));
                               },
                           .most_kills = 50});
}

}  // namespace
}  // namespace mp::test
