#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "tests/contract/sent/sent_proxies.h"

// Proxies as arguments of processes.

namespace mp::contract {
namespace {

using Counts = DictProxy<std::string, int>;

class ProxyArguments : public SentProxies {};
MP_CONTRACT(ProxyArguments);

TEST_P(ProxyArguments, WorkInTheChild) {
  by_each_method([&](const Context& context) {
    const auto counts = manager().dict<std::string, int>();
    EXPECT_EQ(exitcode_of(
                  context, [](const Counts& d, int n) { d["child"] = n; }, counts, 42),
              0);
    EXPECT_EQ(counts.at("child"), 42);
  });
}

void use_each(const Counts& dict, const ListProxy<int>& list, const QueueProxy<std::string>& queue,
              const SetProxy<int>& set, const EventProxy& event, const SemaphoreProxy& semaphore,
              const ValueProxy<int>& value, const LockProxy& lock) {
  dict["a"] = 1;
  list.append(2);
  queue.put("three");
  set.add(4);
  event.set();
  semaphore.release();
  value += 5;
  const std::scoped_lock guard(lock);
}

TEST_P(ProxyArguments, MayBeOfAnyKind) {
  by_each_method([&](const Context& context) {
    const auto dict = manager().dict<std::string, int>();
    const auto list = manager().list<int>();
    const auto queue = manager().queue<std::string>();
    const auto set = manager().set<int>();
    const auto event = manager().event();
    const auto semaphore = manager().semaphore(0);
    const auto value = manager().value<int>(1);
    const auto lock = manager().lock();
    EXPECT_EQ(exitcode_of(context, use_each, dict, list, queue, set, event, semaphore, value, lock),
              0);
    EXPECT_EQ(dict.at("a"), 1);
    EXPECT_EQ(list.copy(), std::vector{2});
    EXPECT_EQ(queue.get_nowait(), "three");
    EXPECT_TRUE(set.contains(4));
    EXPECT_TRUE(event.is_set());
    EXPECT_TRUE(semaphore.acquire(false));
    EXPECT_EQ(value.get(), 6);
    EXPECT_TRUE(lock.acquire(false));
  });
}

TEST_P(ProxyArguments, MayStandInsideOfOthers) {
  by_each_method([&](const Context& context) {
    const auto first = manager().dict<std::string, int>();
    const auto second = manager().dict<std::string, int>();
    const auto write = [](const std::vector<Counts>& all, const Any& any) {
      for (const Counts& each : all) each["vector"] = 1;
      any.as<Counts>()["any"] = 2;
    };
    EXPECT_EQ(exitcode_of(context, write, std::vector{first, second}, Any(second)), 0);
    EXPECT_TRUE(first.contains("vector"));
    EXPECT_EQ(second.size(), 2U);
  });
}

TEST_P(ProxyArguments, KeepTheirNames) {
  by_each_method([&](const Context& context) {
    const auto named = manager().list<int>("numbers");
    const auto check = [](const ListProxy<int>& list) { mp::exit(list.name() == "numbers"); };
    EXPECT_EQ(exitcode_of(context, check, named), 1);
  });
}

// Else the second proxy would be another owner's.
TEST_P(ProxyArguments, ShareOneSessionInTheChild) {
  by_each_method([&](const Context& context) {
    const auto lock = manager().rlock();
    const auto twice = [](const RLockProxy& first, const RLockProxy& second) {
      mp::exit(first.acquire(false) && second.acquire(false));
    };
    EXPECT_EQ(exitcode_of(context, twice, lock, lock), 1);
  });
}

TEST_P(ProxyArguments, GoOnToGrandchildren) {
  by_each_method([&](const Context& context) {
    const auto counts = manager().dict<std::string, int>();
    const auto parent = [](const Counts& d, StartMethod method) {
      mp::exit(exitcode_of(
          get_context(method), [](const Counts& inner) { inner["grandchild"] = 1; }, d));
    };
    EXPECT_EQ(exitcode_of(context, parent, counts, context.get_start_method()), 0);
    EXPECT_TRUE(counts.contains("grandchild"));
  });
}

TEST_P(ProxyArguments, KeepTheirObjectsThoughTheParentLetsGo) {
  by_each_method([&](const Context& context) {
    const auto results = manager().list<Counts>();
    Process child;
    {
      const auto counts = manager().dict<std::string, int>();
      counts["parent"] = 1;
      child = context.process([](const Counts& d, const ListProxy<Counts>& out) { out.append(d); },
                              counts, results);
    }
    child.start();
    manager().number_of_objects();  // collects what nobody refers to
    EXPECT_TRUE(child.join(kLong));
    EXPECT_EQ(child.exitcode(), 0);
    EXPECT_EQ(results.at(0).at("parent"), 1);
  });
}

TEST_P(ProxyArguments, LeaveNoObjectsBehind) {
  by_each_method([&](const Context& context) {
    Process child;
    {
      const auto counts = manager().dict<std::string, int>();
      child = context.process([](const Counts& d) { d["child"] = 1; }, counts);
    }
    child.start();
    EXPECT_TRUE(child.join(kLong));
    EXPECT_TRUE(test::eventually([&] { return manager().number_of_objects() == 0; }));
  });
}

void hold(const LockProxy& lock, const EventProxy& held) {
  lock.acquire();
  held.set();
  ::pause();
}

TEST_P(ProxyArguments, ALockThatAKilledChildHoldsPassesOn) {
  if (GetParam() == Backend::kInProcess) GTEST_SKIP() << "after the session's time to live only";
  by_each_method([&](const Context& context) {
    const auto lock = manager().lock();
    const auto held = manager().event();
    Process child = context.process(hold, lock, held);
    child.start();
    EXPECT_TRUE(held.wait(kLong));
    EXPECT_FALSE(lock.acquire(false));
    child.kill();
    EXPECT_TRUE(lock.acquire(kLong));
    EXPECT_TRUE(lock.previous_owner_died());
    lock.release();
    child.join();
  });
}

TEST_P(ProxyArguments, AreOfNoUseOnceTheManagerHasEnded) {
  if (GetParam() != Backend::kEmbedded) GTEST_SKIP() << "the others are not ours to end";
  const auto counts = manager().dict<std::string, int>();
  manager().shutdown();
  Process child = get_context(StartMethod::kSpawn).process([](const Counts&) {}, counts);
  EXPECT_THROW(child.start(), ManagerUnavailable);
  EXPECT_EQ(child.pid(), std::nullopt);
}

}  // namespace
}  // namespace mp::contract
