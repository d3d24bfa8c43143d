#include "tests/linearizability/models/deliveries.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/linearizability/histories.h"

// Queues that deliver until confirmed: what a dead client has and did not confirm is delivered
// again, with a count; what it confirmed is not; and nothing is lost.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kQueues = 2;
constexpr int kMaxsize = 4;
constexpr std::size_t kMostHeld = 3;

MP_HISTORIES(DeliveryHistories);

class Worker {
 public:
  Worker(Client& client, int object, Order order)
      : client_(client),
        queue_(client.manager().queue<std::int64_t>(
            "q" + std::to_string(object),
            {.maxsize = kMaxsize, .delivery = Delivery::kUntilConfirmed, .order = order})),
        object_(object) {}

  void step() {
    const auto patience = client_.any(3) * 1ms;
    // Another one each time, and sometimes smaller than those before.
    const std::int64_t item = 100'000 * client_.any(5) + client_.unique();
    switch (client_.any(8)) {
      case 0:
        client_.run(object_, Code::kSize, [&] { return queue_.qsize(); });
        break;
      case 1:
        client_.run(object_, Code::kUnconfirmed, [&] { return queue_.unconfirmed(); });
        break;
      case 2:
      case 3:
      case 4:
        client_.run(object_, Code::kPut, item,
                    [&] { return queue_.try_put(item, patience) ? Result() : kRefusal; });
        break;
      default:
        work(patience);
    }
  }

  bool receive(TimeLimit patience) {
    const Result got = client_.run(object_, Code::kGet, [&] {
      const auto item = queue_.try_receive(patience);
      if (!item) return kRefusal;
      held_.push_back(*item);
      return Result{.value = item->value, .extra = static_cast<std::int64_t>(item->deliveries)};
    });
    return got.outcome == Outcome::kDone;
  }

  // The first that it has, or all at once.
  void confirm(std::size_t count) {
    const std::vector items(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
    std::vector<std::int64_t> values;
    for (const auto& item : items) values.push_back(item.value);
    client_.run({.object = object_, .code = Code::kConfirm, .given = Numbers::of(values)}, [&] {
      try {
        count == 1 ? queue_.confirm(items.front()) : queue_.confirm(items);
      } catch (const ValueError&) {
        throw SessionLostUnseen();  // else it has them
      }
    });
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  const std::vector<Delivered<std::int64_t>>& held() const { return held_; }

 private:
  void work(TimeLimit patience) {
    if (held_.empty() || (held_.size() < kMostHeld && client_.any(2) == 0)) {
      receive(patience);
    } else {
      confirm(client_.any(3) == 0 ? held_.size() : 1);
    }
  }

  Client& client_;
  QueueProxy<std::int64_t> queue_;
  int object_;
  std::vector<Delivered<std::int64_t>> held_;
};

std::vector<Worker> workers_of(Client& client, Order order) {
  std::vector<Worker> workers;
  for (int object = 0; object < kQueues; ++object) workers.emplace_back(client, object, order);
  return workers;
}

// What was put for certain, and nobody has confirmed, not even perhaps.
std::set<std::int64_t> open(const Happened& happened, int object) {
  std::set<std::int64_t> items;
  for (const Operation& operation : happened.history)
    if (operation.object == object && operation.code == Code::kPut && operation.done())
      items.insert(operation.argument);
  for (const Operation& operation : happened.history)
    if (operation.object == object && operation.code == Code::kConfirm)
      for (const std::int64_t item : operation.given) items.erase(item);
  return items;
}

// Confirms all that is left, and what is yet to come back.
void drain(Client& client, const Happened& happened, Order order) {
  int object = 0;
  for (Worker& worker : workers_of(client, order)) {
    std::set<std::int64_t> items = open(happened, object++);
    while (!items.empty()) {
      ASSERT_TRUE(worker.receive(kLong)) << items.size() << " items are lost";
      items.erase(worker.held().front().value);
      worker.confirm(1);
    }
    while (worker.receive(0ms)) worker.confirm(1);
  }
}

Plan plan_with(Order order) {
  return {
      .work = [=](Client& client) -> Plan::Step {
        return [&client, workers = workers_of(client, order)]() mutable {
          workers[static_cast<std::size_t>(client.any(kQueues))].step();
        };
      },
      .finish = [=](Client& client, const Happened& happened) { drain(client, happened, order); }};
}

History of_owners(const Happened& happened) {
  return with_all_ends(happened.history, happened, kQueues);
}

TEST_P(DeliveryHistories, AreThoseOfAQueueThatForgetsWhatWasConfirmedOnly) {
  check_histories<Deliveries<kMaxsize>>(plan_with(Order::kFifo), of_owners);
}

TEST_P(DeliveryHistories, AreThoseOfAStackThatForgetsWhatWasConfirmedOnly) {
  check_histories<Deliveries<kMaxsize, Given::kLastIn>>(plan_with(Order::kLifo), of_owners);
}

TEST_P(DeliveryHistories, AreThoseOfTheSmallestFirstUntilConfirmed) {
  check_histories<Deliveries<kMaxsize, Given::kSmallest>>(plan_with(Order::kPriority), of_owners);
}

}  // namespace
}  // namespace mp::linearizability
