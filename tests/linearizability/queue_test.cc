#include "tests/linearizability/models/queue.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "tests/linearizability/histories.h"

// Bounded queues: first in, first out, and each item delivered once, unless its getter was killed
// before the manager had heard that the item arrived: then it goes back to its place.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kQueues = 3;
constexpr int kMaxsize = 4;

MP_HISTORIES(QueueHistories);

class QueueClient {
 public:
  explicit QueueClient(Client& client) : client_(client) {
    for (int i = 0; i < kQueues; ++i)
      queues_.push_back(
          client.manager().queue<std::int64_t>("q" + std::to_string(i), {.maxsize = kMaxsize}));
  }

  void step() {
    const int object = client_.any(kQueues);
    const auto& queue = queues_[static_cast<std::size_t>(object)];
    const auto patience = client_.any(3) * 1ms;
    const std::int64_t item = client_.unique();
    switch (client_.any(5)) {
      case 0:
        client_.run(object, Code::kSize, [&] { return queue.qsize(); });
        break;
      case 1:
      case 2:
        get(object, patience);
        break;
      default:
        client_.run(object, Code::kPut, item,
                    [&] { return queue.try_put(item, patience) ? Result() : kRefusal; });
    }
  }

  std::optional<std::int64_t> get(int object, TimeLimit patience) {
    const auto& queue = queues_[static_cast<std::size_t>(object)];
    const Result got = client_.run(object, Code::kGet, [&] { return queue.try_get(patience); });
    return got.outcome == Outcome::kDone ? std::optional(got.value) : std::nullopt;
  }

 private:
  Client& client_;
  std::vector<QueueProxy<std::int64_t>> queues_;
};

// The item that this operation has given its client: did the manager hear so? It does with the next
// command that it answers.
bool confirmed(const History& operations, std::size_t get) {
  return std::any_of(operations.begin() + static_cast<std::ptrdiff_t>(get) + 1, operations.end(),
                     [](const Operation& later) { return !later.pending(); });
}

// With what may go back at the end of each session.
History with_returns(const Happened& happened) {
  History history = happened.history;
  for (const auto& [client, since] : happened.lost) {
    const History operations = happened.of(client);
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const Operation& get = operations[i];
      if (get.code != Code::kGet || get.refused() || (get.done() && confirmed(operations, i)))
        continue;
      if (get.done()) {
        const auto self = std::ranges::find_if(history, [&](const Operation& operation) {
          return operation.client == client && operation.invoked == get.invoked;
        });
        self->extra = 1;
      }
      history.push_back({.client = client,
                         .object = get.object,
                         .code = Code::kReturn,
                         .argument = get.done() ? get.value : kAbsent,
                         .invoked = since});
    }
  }
  return history;
}

// What was put for certain, and nobody is known to have got.
std::set<std::int64_t> missing(const Happened& happened, int object) {
  std::set<std::int64_t> items;
  for (const Operation& operation : happened.history)
    if (operation.object == object && operation.code == Code::kPut && operation.done())
      items.insert(operation.argument);
  for (const Operation& operation : happened.history)
    if (operation.object == object && operation.code == Code::kGet && operation.done())
      items.erase(operation.value);
  return items;
}

// Takes all that is left, and what is yet to come back.
void drain(Client& client, const Happened& happened) {
  QueueClient queue(client);
  for (int object = 0; object < kQueues; ++object) {
    std::set<std::int64_t> items = missing(happened, object);
    while (!items.empty()) {
      const auto item = queue.get(object, kLong);
      ASSERT_TRUE(item) << items.size() << " items are lost";
      items.erase(*item);
    }
    while (queue.get(object, 0ms)) continue;
  }
}

TEST_P(QueueHistories, AreThoseOfOneQueueAndLoseNothing) {
  check_histories<Queue<kMaxsize>>({.work = [](Client& client) -> Plan::Step {
                                      return
                                          [queue = QueueClient(client)]() mutable { queue.step(); };
                                    },
                                    .finish = drain},
                                   with_returns);
}

}  // namespace
}  // namespace mp::linearizability
