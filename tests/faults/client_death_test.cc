#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <vector>

#include "mp/mp.h"
#include "tests/contract/managers.h"
#include "tests/faults/eventually.h"

// What a client process leaves behind when it is killed: nothing that anybody waits for.

namespace mp {
namespace {

using namespace std::chrono_literals;
using test::eventually;

constexpr auto kLong = 20s;  // far more than anything here takes

[[noreturn]] void sleep_for_ever() {
  for (;;) pause();
}

// On this host, and behind a relay.
using KilledClient = contract::Managers;
INSTANTIATE_TEST_SUITE_P(On, KilledClient,
                         testing::Values(contract::Backend::kEmbedded, contract::Backend::kRelayed),
                         testing::PrintToStringParamName());

TEST_P(KilledClient, PassesItsLockOnAndTheNextOwnerLearnsThatItDied) {
  auto lock = manager().lock();
  auto told = manager().queue<int>();
  Process holder([&] {
    lock.acquire();
    told.put(1);
    sleep_for_ever();
  });
  holder.start();
  ASSERT_EQ(told.get(kLong), 1);
  EXPECT_FALSE(lock.acquire(false));

  holder.kill();
  EXPECT_TRUE(lock.acquire(kLong));
  EXPECT_TRUE(lock.previous_owner_died());
  lock.release();
  EXPECT_TRUE(lock.acquire(false));
  EXPECT_FALSE(lock.previous_owner_died());
}

TEST_P(KilledClient, LetsTheFirstOfThoseWhoWaitForItsLockGoOn) {
  auto lock = manager().lock();
  auto told = manager().queue<std::string>();
  Process holder([&] {
    lock.acquire();
    told.put("held");
    sleep_for_ever();
  });
  holder.start();
  ASSERT_EQ(told.get(kLong), "held");
  Process waiter([&] {
    told.put("waiting");
    lock.acquire();
    told.put(lock.previous_owner_died() ? "granted after a death" : "granted");
  });
  waiter.start();
  ASSERT_EQ(told.get(kLong), "waiting");
  holder.kill();
  EXPECT_EQ(told.get(kLong), "granted after a death");
  waiter.join();
  EXPECT_EQ(waiter.exitcode(), 0);
}

TEST_P(KilledClient, TakesNoItemByHavingWaitedForOne) {
  auto items = manager().queue<int>();
  auto told = manager().queue<int>();
  Process getter([&] {
    auto item = items.async().get();  // on its way before the word that it is
    told.put(1);
    item.get();
  });
  getter.start();
  ASSERT_EQ(told.get(kLong), 1);
  getter.kill();
  getter.join();
  // Its session ends when the manager sees its process end, and until then it may be given an item,
  // which comes back.
  items.put(7);
  EXPECT_EQ(items.get(kLong), 7);
}

TEST_P(KilledClient, GivesBackTheItemsThatItHadNotReadYetInTheirOrder) {
  auto items = manager().queue<int>();
  auto told = manager().queue<int>();
  for (int i = 0; i < 4; ++i) items.put(i);
  Process getter([&] {
    auto later = items.async();
    auto first = later.get();
    auto second = later.get();
    auto third = later.get();
    later.flush();
    raise(SIGSTOP);  // the answers are in its socket, and nobody reads them
  });
  getter.start();
  ASSERT_TRUE(eventually([&] { return items.qsize() == 1; }));
  getter.kill();
  getter.join();
  ASSERT_TRUE(eventually([&] { return items.qsize() == 4; }));
  std::vector<int> left;
  for (int i = 0; i < 4; ++i) left.push_back(items.get(kLong));
  EXPECT_THAT(left, testing::ElementsAre(0, 1, 2, 3));
}

TEST_P(KilledClient, LosesAndDoublesNothingOfWhatItHadPipelined) {
  auto items = manager().queue<int>();
  Process putter([&] {
    auto later = items.async();
    std::vector<Future<void>> puts;
    for (int i = 0; i < 10'000; ++i) {
      puts.push_back(later.put(i));
      if (i == 7'000) raise(SIGKILL);
    }
  });
  putter.start();
  putter.join();
  ASSERT_EQ(putter.exitcode(), -SIGKILL);
  // What the manager has run before it saw the end is a beginning of the sequence, without gaps.
  int next = 0;
  while (const auto item = items.try_get(500ms)) ASSERT_EQ(*item, next++);
  EXPECT_LE(next, 7'001);
}

TEST_P(KilledClient, LetsGoOfWhatOnlyItReferredTo) {
  auto outer = manager().dict<std::string, Any>();
  auto told = manager().queue<int>();
  Process maker([&] {
    Manager same = Manager::connect(manager().address());
    auto inner = same.list<int>({1, 2, 3});
    outer["kept"] = inner;  // a reference in a container keeps it
    told.put(1);
    sleep_for_ever();
  });
  maker.start();
  ASSERT_EQ(told.get(kLong), 1);
  maker.kill();
  maker.join();
  auto inner = outer.at("kept").as<ListProxy<int>>();
  EXPECT_EQ(inner.size(), 3U);
}

using EndedClient = contract::Managers;
INSTANTIATE_TEST_SUITE_P(On, EndedClient,
                         testing::Values(contract::Backend::kEmbedded, contract::Backend::kRelayed),
                         testing::PrintToStringParamName());

TEST_P(EndedClient, KeepsWhatItGotThoughItEndedAtOnce) {
  constexpr int kClients = 40;
  auto items = manager().queue<int>();
  for (int i = 0; i < 2 * kClients; ++i) items.put(i);
  for (int i = 0; i < kClients; ++i) {
    Process getter([&] { items.get(); });
    getter.start();
    getter.join();
    ASSERT_EQ(getter.exitcode(), 0);
  }
  // Each session has ended by the time that the next clients have come and gone.
  EXPECT_EQ(items.qsize(), static_cast<std::size_t>(kClients));
  EXPECT_EQ(items.get(), kClients);
}

TEST(StoppedClient, LosesTheLockWithItsLeaseAndItsLateWriteIsRefused) {
  Manager manager;
  auto lock = manager.lock();
  auto file = manager.dict<std::string, std::string>();
  auto told = manager.queue<int>();
  Process late([&] {
    if (!lock.acquire({.timeout = kLong, .lease = 50ms})) exit(2);
    const std::uint64_t token = lock.token();
    told.put(1);
    raise(SIGSTOP);
    try {
      file.fenced_by(lock, token).set("owner", "late");
    } catch (const StaleTokenError&) {
      exit(lock.lost() ? 0 : 3);
    }
    exit(4);
  });
  late.start();
  ASSERT_EQ(told.get(kLong), 1);
  ASSERT_TRUE(lock.acquire(kLong));  // when the lease is over
  EXPECT_TRUE(lock.previous_owner_died());
  file.fenced_by(lock, lock.token()).set("owner", "prompt");
  kill(*late.pid(), SIGCONT);
  late.join();
  EXPECT_EQ(late.exitcode(), 0);
  EXPECT_EQ(file.at("owner"), "prompt");
}

}  // namespace
}  // namespace mp
