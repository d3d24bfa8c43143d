#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mp/comparison.h"
#include "tests/contract/crowd.h"
#include "tests/contract/fencing.h"

// A mutation of any kind that demands a grant which is over is refused, and nothing has changed.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

class FencingContract : public Fencing {};
MP_CONTRACT(FencingContract);

TEST_P(FencingContract, GuardsDicts) {
  auto d = manager().dict<std::string, int>({{"a", 1}, {"b", 2}});
  const auto l = late(d);
  expect_refused({
      {"set", [&] { l.set("a", 9); }},
      {"d[k] =", [&] { l["a"] = 9; }},
      {"erase", [&] { l.erase("a"); }},
      {"erase_many", [&] { l.erase_many(std::vector<std::string>{"a"}); }},
      {"clear", [&] { l.clear(); }},
      {"pop", [&] { l.pop("a"); }},
      {"popitem", [&] { l.popitem(); }},
      {"setdefault", [&] { l.setdefault("c", 9); }},
      {"update",
       [&] {
         l.update({{"a", 9}});
       }},
      {"add", [&] { l.add("a", 9); }},
      {"compare_exchange", [&] { l.compare_exchange("a", 1, 9); }},
      {"update_if", [&] { l.update_if("a", equal_to(1), 9); }},
  });
  EXPECT_THAT(d.items(), ElementsAre(Pair("a", 1), Pair("b", 2)));
  in_time(d)["a"] = 3;
  EXPECT_EQ(d.at("a"), 3);
}

TEST_P(FencingContract, GuardsLists) {
  auto list = manager().list<int>({3, 1, 2});
  const auto l = late(list);
  expect_refused({
      {"set", [&] { l.set(0, 9); }},
      {"set slice", [&] { l.set(slice(1), {9}); }},
      {"erase", [&] { l.erase(0); }},
      {"erase slice", [&] { l.erase(slice(1)); }},
      {"append", [&] { l.append(9); }},
      {"extend", [&] { l.extend({9}); }},
      {"insert", [&] { l.insert(0, 9); }},
      {"pop", [&] { l.pop(); }},
      {"remove", [&] { l.remove(1); }},
      {"clear", [&] { l.clear(); }},
      {"reverse", [&] { l.reverse(); }},
      {"sort", [&] { l.sort(); }},
      {"repeat", [&] { l.repeat(2); }},
      {"add", [&] { l.add(0, 9); }},
      {"compare_exchange", [&] { l.compare_exchange(0, 3, 9); }},
      {"update_if", [&] { l.update_if(0, equal_to(3), 9); }},
  });
  EXPECT_THAT(list.copy(), ElementsAre(3, 1, 2));
  in_time(list).append(4);
  EXPECT_EQ(list.size(), 4U);
}

TEST_P(FencingContract, GuardsSets) {
  auto set = manager().set<int>({1, 2});
  const auto l = late(set);
  const std::vector<int> items{2, 3};
  expect_refused({
      {"add", [&] { l.add(9); }},
      {"discard", [&] { l.discard(1); }},
      {"remove", [&] { l.remove(1); }},
      {"pop", [&] { l.pop(); }},
      {"clear", [&] { l.clear(); }},
      {"update", [&] { l |= items; }},
      {"intersection_update", [&] { l &= items; }},
      {"difference_update", [&] { l -= items; }},
      {"symmetric_difference_update", [&] { l ^= items; }},
  });
  EXPECT_THAT(set.items(), ElementsAre(1, 2));
  EXPECT_TRUE(in_time(set).add(3));
}

TEST_P(FencingContract, GuardsNamespaces) {
  auto space = manager().namespace_({{"x", 1}, {"y", "a"}});
  const auto l = late(space);
  expect_refused({
      {"set", [&] { l.set("x", 9); }},
      {"ns[x] =", [&] { l["x"] = 9; }},
      {"erase", [&] { l.erase("x"); }},
      {"update",
       [&] {
         l.update({{"x", 9}});
       }},
      {"add", [&] { l.add("x", 9); }},
  });
  EXPECT_EQ(str(space), "Namespace(x=1, y='a')");
  in_time(space)["x"] += 1;
  EXPECT_EQ(space.get<int>("x"), 2);
}

TEST_P(FencingContract, GuardsValues) {
  auto value = manager().value<int>(6);
  const auto l = late(value);
  expect_refused({
      {"set", [&] { l.set(9); }},
      {"exchange", [&] { l.exchange(9); }},
      {"add", [&] { l.add(9); }},
      {"fetch_max", [&] { l.fetch_max(9); }},
      {"fetch_xor", [&] { l.fetch_xor(9); }},
      {"compare_exchange",
       [&] {
         int expected = 6;
         l.compare_exchange(expected, 9);
       }},
  });
  EXPECT_EQ(value.get(), 6);
  EXPECT_EQ(in_time(value).add(1), 7);
}

TEST_P(FencingContract, GuardsArrays) {
  auto array = manager().array<int>({1, 2, 3});
  const auto l = late(array);
  expect_refused({
      {"set", [&] { l.set(0, 9); }},
      {"exchange", [&] { l.exchange(0, 9); }},
      {"set_slice",
       [&] {
         l.set_slice(slice(2), std::vector<int>{9, 9});
       }},
      {"fill", [&] { l.fill(9); }},
      {"add", [&] { l.add(0, 9); }},
      {"fetch_min", [&] { l.fetch_min(0, -9); }},
      {"compare_exchange",
       [&] {
         int expected = 1;
         l.compare_exchange(0, expected, 9);
       }},
  });
  EXPECT_THAT(array.copy(), ElementsAre(1, 2, 3));
  in_time(array).set(0, 4);
  EXPECT_EQ(array.at(0), 4);
}

TEST_P(FencingContract, GuardsQueues) {
  auto q = manager().queue<int>(
      {.delivery = Delivery::kUntilConfirmed, .close_when_producers_gone = true});
  q.put_many({1, 2});
  const Delivered<int> first = q.receive();
  const auto l = late(q);
  expect_refused({
      {"put", [&] { l.put(9); }},
      {"try_put", [&] { static_cast<void>(l.try_put(9)); }},
      {"put_many", [&] { l.put_many({9}); }},
      {"get", [&] { l.get(); }},
      {"try_get", [&] { static_cast<void>(l.try_get()); }},
      {"get_many", [&] { l.get_many(1); }},
      {"receive", [&] { l.receive(); }},
      {"confirm", [&] { l.confirm(first); }},
      {"task_done", [&] { l.task_done(first); }},
      {"enlist", [&] { l.enlist(); }},
      {"leave", [&] { l.leave(); }},
      {"shutdown", [&] { l.shutdown(); }},
  });
  EXPECT_EQ(q.qsize(), 1U);
  EXPECT_EQ(q.unconfirmed(), 1U);
  EXPECT_EQ(q.unfinished(), 2U);
  EXPECT_FALSE(q.is_shut_down());
  in_time(q).confirm(first);
  EXPECT_EQ(in_time(q).get(), 2);
}

TEST_P(FencingContract, GuardsEvents) {
  auto event = manager().event();
  expect_refused({{"set", [&] { late(event).set(); }}});
  EXPECT_FALSE(event.is_set());
  in_time(event).set();
  expect_refused({{"clear", [&] { late(event).clear(); }}});
  EXPECT_TRUE(event.is_set());
}

TEST_P(FencingContract, GuardsBarriers) {
  auto barrier = manager().barrier(2);
  auto waiting = barrier.async().wait();
  const auto l = late(barrier);
  expect_refused({
      {"wait", [&] { l.wait(); }},
      {"abort", [&] { l.abort(); }},
      {"reset", [&] { l.reset(); }},
      {"enlist", [&] { l.enlist(); }},
  });
  EXPECT_EQ(barrier.n_waiting(), 1U);
  EXPECT_FALSE(barrier.broken());
  EXPECT_EQ(in_time(barrier).wait(kLong), 1U);
  EXPECT_EQ(waiting.get(kLong), 0U);
}

TEST_P(FencingContract, GuardsLatches) {
  auto latch = manager().count_down_latch(2);
  const auto l = late(latch);
  expect_refused({
      {"count_down", [&] { l.count_down(); }},
      {"wait", [&] { l.wait(); }},
      {"try_set_count", [&] { l.try_set_count(5); }},
      {"enlist", [&] { l.enlist(); }},
  });
  EXPECT_EQ(latch.get_count(), 2U);
  EXPECT_EQ(latch.promised(), 0U);
  EXPECT_EQ(in_time(latch).count_down(), 1U);
}

TEST_P(FencingContract, GuardsReadWriteLocks) {
  auto table = manager().rwlock();
  const auto l = late(table);
  table.lock_shared();
  expect_refused({
      {"lock", [&] { l.lock(); }},
      {"lock_shared", [&] { l.lock_shared(); }},
      {"release", [&] { l.read_lock().release(); }},
  });
  EXPECT_EQ(table.readers(), 1U);
  in_time(table).read_lock().release();
  EXPECT_EQ(table.readers(), 0U);
}

TEST_P(FencingContract, GuardsSemaphores) {
  auto semaphore = manager().semaphore(2);
  semaphore.acquire();
  const auto l = late(semaphore);
  expect_refused({
      {"acquire", [&] { static_cast<void>(l.acquire()); }},
      {"try_acquire", [&] { static_cast<void>(l.try_acquire()); }},
      {"release 1", [&] { l.release(); }},
      {"release 5", [&] { l.release(5); }},
  });
  EXPECT_EQ(semaphore.get_value(), 1U);
  EXPECT_FALSE(semaphore.is_signal());
  in_time(semaphore).acquire();
  EXPECT_EQ(semaphore.get_value(), 0U);
}

}  // namespace
}  // namespace mp::contract
