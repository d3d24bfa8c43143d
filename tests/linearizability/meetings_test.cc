#include <gtest/gtest.h>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/barrier.h"
#include "tests/linearizability/models/event.h"

// Events and barriers: where clients wait for one another.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kObjects = 2;

MP_HISTORIES(EventHistories);

void step(Client& client, const EventProxy& event, int object) {
  switch (client.any(5)) {
    case 0:
      client.run(object, Code::kSet, [&] { event.set(); });
      break;
    case 1:
      client.run(object, Code::kClear, [&] { event.clear(); });
      break;
    case 2:
      client.run(object, Code::kGet, [&] { return event.is_set(); });
      break;
    default: {
      const auto patience = client.any(3) * 1ms;
      client.run(object, Code::kWait, [&] { return event.wait(patience) ? Result() : kRefusal; });
    }
  }
}

TEST_P(EventHistories, AreThoseOfOneFlag) {
  check_histories<Event>({.work = [](Client& client) -> Plan::Step {
    std::vector<EventProxy> events;
    for (int i = 0; i < kObjects; ++i)
      events.push_back(client.manager().event("e" + std::to_string(i)));
    return [&client, events = std::move(events)] {
      const int object = client.any(kObjects);
      step(client, events[static_cast<std::size_t>(object)], object);
    };
  }});
}

MP_HISTORIES(BarrierHistories);

constexpr std::size_t kParties = 2;
constexpr std::chrono::nanoseconds kPatience = 5ms;

void step(Client& client, const BarrierProxy& barrier, int object) {
  if (client.any(30) == 0) {
    client.run(object, Code::kAbort, [&] { barrier.abort(); });
    return;
  }
  const Result met = client.run(object, Code::kWait, kPatience.count(), [&] {
    return unless<BrokenBarrierError>([&] { return barrier.wait(kPatience); });
  });
  if (met.outcome == Outcome::kRefused) client.run(object, Code::kReset, [&] { barrier.reset(); });
}

// Each wait in two, and with the deaths of parties. Who has closed its session is forgotten.
History of_meetings(const Happened& happened) {
  return in_two(with_ends(happened.history, happened.lost, kObjects));
}

TEST_P(BarrierHistories, AreThoseOfGenerationsWithAnIndexForEachParty) {
  const Plan plan = {
      .work = [](Client& client) -> Plan::Step {
        std::vector<BarrierProxy> barriers;
        for (int i = 0; i < kObjects; ++i) {
          barriers.push_back(client.manager().barrier("b" + std::to_string(i), kParties));
          barriers.back().enlist();
        }
        return [&client, barriers = std::move(barriers)] {
          const int object = client.any(kObjects);
          step(client, barriers[static_cast<std::size_t>(object)], object);
        };
      },
      .steps = 40};
  check_histories<Barrier<kParties>>(plan, of_meetings);
}

}  // namespace
}  // namespace mp::linearizability
