#include "tests/linearizability/histories.h"

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
