#include "client_lib/local/shared/ring.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/shared/monitor.h"

namespace mp::internal {
namespace {

// Words lie near their monitor, as in shared memory.
struct State {
  Monitor monitor;
  Ring ring;
};

class LocalRing : public testing::Test {
 protected:
  LocalRing() {
    InMonitor in(state->monitor);
    state->ring.set_up(in, memory);
    in.commit();
  }

  void push(InMonitor& in, const std::vector<std::string>& items) {
    const std::vector<std::string_view> views(items.begin(), items.end());
    state->ring.push(in, memory, views);
  }
  void push(const std::vector<std::string>& items) {
    InMonitor in(state->monitor);
    push(in, items);
    in.commit();
  }
  std::vector<std::string> pop(InMonitor& in, std::size_t count) {
    std::vector<std::string> items;
    state->ring.pop(in, memory, count, [&](std::string_view bytes) { items.emplace_back(bytes); });
    return items;
  }
  std::vector<std::string> pop(std::size_t count) {
    InMonitor in(state->monitor);
    auto items = pop(in, count);
    in.commit();
    return items;
  }
  std::size_t reserved_bytes() const {
    struct stat status {};
    ::fstat(file.get(), &status);
    return static_cast<std::size_t>(status.st_blocks) * 512;
  }

  const Descriptor file = Descriptor(::memfd_create("ring", MFD_CLOEXEC));
  std::unique_ptr<State> state = std::make_unique<State>();
  Tail memory = Tail(file.get(), 0);
};

class LocalRingAtRandom : public LocalRing, public testing::WithParamInterface<unsigned> {};

TEST_P(LocalRingAtRandom, GivesWhatWasPutInItsOrderAndNothingThatWasTakenBack) {
  std::mt19937 random(GetParam());
  const auto below = [&](std::size_t limit) { return random() % limit; };
  std::deque<std::string> expected;
  char next = 'a';
  for (int step = 0; step < 2000; ++step) {
    InMonitor in(state->monitor);
    const bool stands = below(8) != 0;
    if (below(2) == 0) {
      std::vector<std::string> items(1 + below(3));
      const std::size_t largest = below(20) == 0 ? 100'000 : 9000;
      for (std::string& item : items) item.assign(below(largest), next++);
      push(in, items);
      if (stands) expected.insert(expected.end(), items.begin(), items.end());
    } else {
      const auto count = below(std::min<std::size_t>(expected.size(), 12) + 1);
      const auto end = expected.begin() + static_cast<std::ptrdiff_t>(count);
      ASSERT_TRUE(std::ranges::equal(pop(in, count), std::ranges::subrange(expected.begin(), end)));
      if (stands) expected.erase(expected.begin(), end);
    }
    if (stands) in.commit();
  }
  EXPECT_TRUE(std::ranges::equal(pop(expected.size()), expected));
  EXPECT_EQ(state->ring.used(), 0U);
}
INSTANTIATE_TEST_SUITE_P(Seeds, LocalRingAtRandom, testing::Range(1U, 9U));

TEST_F(LocalRing, GivesMemoryBackOnceItIsIdle) {
  const std::string large(Ring::kKeptWhenIdle, 'x');
  push({large, large});
  EXPECT_EQ(pop(2).back(), large);
  EXPECT_GT(reserved_bytes(), 2 * Ring::kKeptWhenIdle);
  {
    InMonitor in(state->monitor);
    state->ring.tidy(in, memory);
    in.commit();
  }
  EXPECT_LE(reserved_bytes(), Ring::kKeptWhenIdle);
  push({large, "small"});
  EXPECT_EQ(pop(2).front(), large);
}

TEST_F(LocalRing, GivesMemoryBackThatItHasNotNeededForLong) {
  const std::string large(Ring::kKeptWhenIdle, 'x');
  push({large, large});
  pop(2);
  for (int filling = 0; filling < 1001; ++filling) {
    push({"small"});
    pop(1);
  }
  EXPECT_LE(reserved_bytes(), Ring::kKeptWhenIdle);
}

}  // namespace
}  // namespace mp::internal
