#include <gtest/gtest.h>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/count_down_latch.h"

// Latches: what is counted, generation after generation, and the promises of those who end.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kObjects = 2;
constexpr std::int64_t kCount = 3;
using Model = CountDownLatch<kCount>;

void wait(Client& client, const CountDownLatchProxy& latch, int object) {
  const auto patience = client.any(3) * 1ms;
  client.run(object, Code::kWait, [&] {
    try {
      return Result{.value = latch.wait(patience) ? Model::kReached : Model::kNotReached};
    } catch (const BrokenBarrierError&) {
      return Result{.value = Model::kBroken};
    }
  });
}

void enlist(Client& client, const CountDownLatchProxy& latch, int object) {
  client.run(object, Code::kEnlist, [&]() -> Result {
    try {
      latch.enlist();
      return {};
    } catch (const ValueError&) {
      return kRefusal;
    } catch (const BrokenBarrierError&) {
      return kRefusal;
    }
  });
}

void step(Client& client, const CountDownLatchProxy& latch, int object) {
  switch (client.any(8)) {
    case 0:
      client.run(object, Code::kGet, [&] { return latch.get_count(); });
      break;
    case 1:
      enlist(client, latch, object);
      break;
    case 2:
      client.run(object, Code::kSet, kCount,
                 [&] { return latch.try_set_count(kCount) ? Result() : kRefusal; });
      break;
    case 3:
    case 4:
    case 5: {
      const std::int64_t n = 1 + client.any(5) / 4;
      client.run(object, Code::kRelease, n, [&] { return latch.count_down(n); });
      break;
    }
    default:
      wait(client, latch, object);
  }
}

// With all ends: who closes its session breaks its promises too.
History of_promises(const Happened& happened) {
  return with_all_ends(happened.history, happened, kObjects);
}

MP_HISTORIES(LatchHistories);

TEST_P(LatchHistories, AreThoseOfOneCountThatTheDeadBreak) {
  check_histories<Model>(
      {.work = [](Client& client) -> Plan::Step {
        std::vector<CountDownLatchProxy> latches;
        for (int i = 0; i < kObjects; ++i) {
          latches.push_back(client.manager().count_down_latch("d" + std::to_string(i), kCount));
        }
        return [&client, latches = std::move(latches)] {
          const int object = client.any(kObjects);
          step(client, latches[static_cast<std::size_t>(object)], object);
        };
      }},
      of_promises);
}

}  // namespace
}  // namespace mp::linearizability
