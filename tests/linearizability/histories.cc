#include "tests/linearizability/histories.h"

#include <algorithm>
#include <cstdlib>

namespace mp::linearizability {

std::vector<unsigned> seeds(unsigned count) {
  const char* chosen = std::getenv("MP_TEST_SEED");
  const auto first =
      chosen == nullptr ? 1U : static_cast<unsigned>(std::strtoul(chosen, nullptr, 10));
  std::printf("seeds %u to %u (MP_TEST_SEED sets the first)\n", first, first + count - 1);
  std::vector<unsigned> all(count);
  for (unsigned i = 0; i < count; ++i) all[i] = first + i;
  return all;
}

History with_ends(History history, const std::vector<Happened::End>& ends, int objects) {
  for (const auto& [client, since] : ends) {
    for (int object = 0; object < objects; ++object)
      history.push_back({.client = client, .object = object, .code = Code::kEnd, .invoked = since});
  }
  return history;
}

History with_all_ends(const History& history, const Happened& happened, int objects) {
  return with_ends(with_ends(history, happened.lost, objects), happened.closed, objects);
}

namespace {

// The manager hears that what an operation gave has arrived with the next command that it answers.
bool heard(const History& operations, std::size_t of) {
  return !operations[of].pending() &&
         std::any_of(operations.begin() + static_cast<std::ptrdiff_t>(of) + 1, operations.end(),
                     [](const Operation& later) { return !later.pending(); });
}

}  // namespace

History with_returns(const Happened& happened, std::initializer_list<Code> givers) {
  History history = happened.history;
  for (const auto& [client, since] : happened.lost) {
    const History operations = happened.of(client);
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const Operation& gave = operations[i];
      if (std::ranges::find(givers, gave.code) == givers.end()) continue;
      if (gave.refused() || heard(operations, i)) continue;
      std::ranges::find_if(history, [&](const Operation& operation) {
        return operation.client == client && operation.invoked == gave.invoked;
      })->unheard = true;
      history.push_back({.client = client,
                         .object = gave.object,
                         .code = Code::kReturn,
                         .argument = gave.done() ? gave.value : kAbsent,
                         .desired = gave.desired,
                         .invoked = since});
    }
  }
  return history;
}

void Histories::expect_disturbed(const Happened& happened, const Plan& plan) const {
  EXPECT_EQ(happened.failed, 0) << "clients";
  EXPECT_GE(happened.cuts, plan.cuts);
  ASSERT_GE(happened.lost.size(), 1U) << "one is killed";
  if (GetParam() == Road::kInProcess) return;  // a slow machine may cost others their sessions
  EXPECT_EQ(happened.lost.size(), 1U) << "only who is killed loses its session";
  EXPECT_EQ(happened.unseen, 0);
}

void Histories::report(const History& history, std::size_t tried, std::chrono::nanoseconds time) {
  const auto pending = std::ranges::count_if(history, &Operation::pending);
  const double seconds = std::chrono::duration<double>(time).count();
  std::int64_t slowest = 0;
  for (const Operation& operation : history)
    if (!operation.pending()) slowest = std::max(slowest, operation.returned - operation.invoked);
  std::printf(
      "%zu operations, %zu of them pending, the slowest of %.1f ms; judged in %.2f ms by %zu "
      "steps\n",
      history.size(), static_cast<std::size_t>(pending), static_cast<double>(slowest) / 1e6,
      seconds * 1e3, tried);
}

}  // namespace mp::linearizability
