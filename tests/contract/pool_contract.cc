#include <gmock/gmock.h>

#include <csignal>
#include <ranges>
#include <vector>

#include "mp/pool.h"
#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

// A manager's objects in the tasks of a pool.

namespace mp::contract {
namespace {

class PoolContract : public Managers {};
MP_CONTRACT(PoolContract);

TEST_P(PoolContract, TasksTakeProxies) {
  MP_NEEDS_FORK();
  const auto counts = manager().dict<int, int>();
  const auto count = [](const DictProxy<int, int>& into, int n) { into[n] = n * n; };
  Pool pool(3);
  pool.map(mp::bind(count, counts), std::views::iota(0, 100), {.chunksize = 1});
  EXPECT_EQ(counts.size(), 100U);
  EXPECT_EQ(counts.at(9), 81);
}

TEST_P(PoolContract, TasksGiveProxies) {
  MP_NEEDS_FORK();
  const auto lists = manager().list<ListProxy<int>>();
  lists.append(manager().list<int>({1, 2, 3}));
  Pool pool(2);
  const auto first =
      pool.apply([](const ListProxy<ListProxy<int>>& all) { return all.at(0); }, lists);
  EXPECT_THAT(first.copy(), testing::ElementsAre(1, 2, 3));
}

TEST_P(PoolContract, WorkersThatAreReplacedUseProxiesToo) {
  MP_NEEDS_FORK();
  const auto done = manager().list<int>();
  Pool pool({.processes = 2, .maxtasksperchild = 2});
  const auto append = [](const ListProxy<int>& to, int n) { to.append(n); };
  pool.map(mp::bind(append, done), std::views::iota(0, 20), {.chunksize = 1});
  EXPECT_EQ(done.size(), 20U);
}

TEST_P(PoolContract, ALockThatAWorkerDiesWithPassesOn) {
  MP_NEEDS_FORK();
  const auto lock = manager().lock();
  Pool pool(2);
  EXPECT_THROW(pool.apply(
                   [](const LockProxy& taken) {
                     taken.acquire();
                     ::raise(SIGKILL);
                   },
                   lock),
               WorkerLost);
  EXPECT_TRUE(pool.apply([](const LockProxy& taken) { return taken.acquire(kLong); }, lock));
}

}  // namespace
}  // namespace mp::contract
