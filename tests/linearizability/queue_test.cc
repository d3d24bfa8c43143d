#include "tests/linearizability/models/queue.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/linearizability/histories.h"

// Bounded queues: first in, first out, or last in, or the smallest; one by one or many at once;
// putters in order of arrival, and each item delivered once, unless its getter was killed before
// the manager had heard that the item arrived: then it goes back to its place.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kQueues = 3;
constexpr int kMaxsize = 4;

enum class Calls : std::uint8_t { kOneByOne, kOfMany };

class QueueClient {
 public:
  QueueClient(Client& client, Calls calls, Order order) : client_(client), calls_(calls) {
    for (int i = 0; i < kQueues; ++i)
      queues_.push_back(client.manager().queue<std::int64_t>(
          "q" + std::to_string(i), {.maxsize = kMaxsize, .order = order}));
  }

  void step() {
    const int object = client_.any(kQueues);
    const auto patience = client_.any(3) * 1ms;
    const bool many = calls_ == Calls::kOfMany && client_.any(3) != 0;
    switch (client_.any(5)) {
      case 0:
        client_.run(object, Code::kSize, [&] { return queue(object).qsize(); });
        break;
      case 1:
      case 2:
        many ? get_many(object, patience) : get(object, patience);
        break;
      default:
        many ? put_many(object, patience) : put(object, patience);
    }
  }

  Result get(int object, TimeLimit patience) {
    return client_.run(object, Code::kGet, [&] { return queue(object).try_get(patience); });
  }

 private:
  const QueueProxy<std::int64_t>& queue(int object) const {
    return queues_[static_cast<std::size_t>(object)];
  }

  // Another one each time, and sometimes smaller than those before.
  std::int64_t new_item() { return 100'000 * client_.any(5) + client_.unique(); }

  void put(int object, TimeLimit patience) {
    const std::int64_t item = new_item();
    client_.run(object, Code::kPut, item,
                [&] { return queue(object).try_put(item, patience) ? Result() : kRefusal; });
  }

  void put_many(int object, TimeLimit patience) {
    std::vector<std::int64_t> items;
    for (int left = 1 + client_.any(kMaxsize - 1); left > 0; --left) items.push_back(new_item());
    client_.run({.object = object, .code = Code::kPutMany, .given = Numbers::of(items)},
                [&] { return queue(object).try_put_many(items, patience) ? Result() : kRefusal; });
  }

  Result get_many(int object, TimeLimit patience) {
    const int most = 1 + client_.any(kMaxsize - 1);
    return client_.run(object, Code::kGetMany, most, [&] {
      return queue(object).try_get_many(static_cast<std::size_t>(most), patience);
    });
  }

  Client& client_;
  Calls calls_;
  std::vector<QueueProxy<std::int64_t>> queues_;
};

// With what goes back, and with the line of the putters.
History of_items(const Happened& happened) {
  return in_line(
      with_ends(with_returns(happened, {Code::kGet, Code::kGetMany}), happened.lost, kQueues));
}

// What was put for certain, and nobody is known to have got.
std::set<std::int64_t> missing(const Happened& happened, int object) {
  std::set<std::int64_t> items;
  for (const Operation& operation : happened.history) {
    if (operation.object != object || !operation.done()) continue;
    if (operation.code == Code::kPut) items.insert(operation.argument);
    for (const std::int64_t item : operation.given) items.insert(item);
  }
  for (const Operation& operation : happened.history) {
    if (operation.object != object || !operation.done()) continue;
    if (operation.code == Code::kGet) items.erase(operation.value);
    for (const std::int64_t item : operation.got) items.erase(item);
  }
  return items;
}

// Takes all that is left, and what is yet to come back.
void drain(Client& client, const Happened& happened, Order order) {
  QueueClient queue(client, Calls::kOneByOne, order);
  for (int object = 0; object < kQueues; ++object) {
    std::set<std::int64_t> items = missing(happened, object);
    while (!items.empty()) {
      const Result got = queue.get(object, kLong);
      ASSERT_EQ(got.outcome, Outcome::kDone) << items.size() << " items are lost";
      items.erase(got.value);
    }
    while (queue.get(object, 0ms).outcome == Outcome::kDone) continue;
  }
}

Plan plan_with(Calls calls, Order order = Order::kFifo) {
  return {
      .work = [=](Client& client) -> Plan::Step {
        return [queue = QueueClient(client, calls, order)]() mutable { queue.step(); };
      },
      .finish = [=](Client& client, const Happened& happened) { drain(client, happened, order); }};
}

MP_HISTORIES(QueueHistories);

TEST_P(QueueHistories, AreThoseOfOneQueueAndLoseNothing) {
  check_histories<Queue<kMaxsize>>(plan_with(Calls::kOneByOne), of_items);
}

MP_HISTORIES(BulkQueueHistories);

TEST_P(BulkQueueHistories, AreThoseOfOneQueueThatTakesAndGivesManyAtOnce) {
  check_histories<Queue<kMaxsize>>(plan_with(Calls::kOfMany), of_items);
}

MP_HISTORIES(LifoQueueHistories);

TEST_P(LifoQueueHistories, AreThoseOfOneStackAndLoseNothing) {
  check_histories<Queue<kMaxsize, Given::kLastIn>>(plan_with(Calls::kOfMany, Order::kLifo),
                                                   of_items);
}

MP_HISTORIES(PriorityQueueHistories);

TEST_P(PriorityQueueHistories, AreThoseOfOneQueueThatGivesTheSmallestAndLosesNothing) {
  check_histories<Queue<kMaxsize, Given::kSmallest>>(plan_with(Calls::kOfMany, Order::kPriority),
                                                     of_items);
}

}  // namespace
}  // namespace mp::linearizability
