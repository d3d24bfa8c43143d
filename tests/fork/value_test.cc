#include "mp/local/value.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "mp/local/array.h"
#include "mp/process.h"
#include "tests/fork/sanitized.h"
#include "tests/fork/start_fixture.h"

// Shared memory between processes.

namespace mp::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

struct Point {
  int x;
  double y;
  std::int64_t z;
};

// The first small object of a process makes the segment that later ones lie in, and it stays.
struct WithASegment {
  WithASegment() { static_cast<void>(Lock()); }
};
class SharedMemory : private WithASegment, public ProcessTest {};
class SharedMemoryByEveryMethod : private WithASegment, public EveryMethod {};
INSTANTIATE_TEST_SUITE_P(By, SharedMemoryByEveryMethod, testing::ValuesIn(get_all_start_methods()),
                         name_of_param);

void run_together(std::vector<Process>& children) {
  for (auto& child : children) child.start();
  for (auto& child : children) child.join();
  for (const auto& child : children) EXPECT_EQ(child.exitcode(), 0);
}

void run(Process child) {
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
}

void change_all(Value<int> i, Value<double> d, Value<std::int16_t> h, RawValue<std::int64_t> q,
                Value<char> c) {
  i = 23;
  d = -24.5;
  h = -200;
  q = 24'000'000'000;
  c = 'y';
}

TEST_P(SharedMemoryByEveryMethod, ShowsWhatAChildSets) {
  const Value<int> i(65);
  const Value<double> d(2.4);
  const Value<std::int16_t> h(-232);
  const RawValue<std::int64_t> q(1);
  const Value<char> c('x');
  run(process(change_all, i, d, h, q, c));
  EXPECT_EQ(i.get(), 23);
  EXPECT_EQ(d.get(), -24.5);
  EXPECT_EQ(h.get(), -200);
  EXPECT_EQ(q.get(), 24'000'000'000);
  EXPECT_EQ(c.get(), 'y');
}

void sum_up(Array<int> a, RawArray<int> raw) {
  for (std::int64_t i = 1; i < std::int64_t{10}; ++i) {
    a[i] += a[i - 1];
    raw[i] += raw[i - 1];
  }
}

TEST_P(SharedMemoryByEveryMethod, ShowsWhatAChildDoesToAnArray) {
  const Array<int> a({680, 626, 934, 821, 150, 233, 548, 982, 714, 831});
  const RawArray<int> raw(a.copy());
  auto expected = a.copy();
  std::partial_sum(expected.begin(), expected.end(), expected.begin());
  run(process(sum_up, a, raw));
  EXPECT_EQ(a.copy(), expected);
  EXPECT_EQ(raw.copy(), expected);
}

void double_all(Value<int> x, RawValue<double> y, Value<Point> point, Array<double> a,
                Array<char> text) {
  x = x * 2;
  y = y * 2;
  point.get_obj().x *= 2;
  point.get_obj().y *= 2;
  point.get_obj().z *= 2;
  for (std::int64_t i = 0; i < std::int64_t{10}; ++i) a[i] = a[i] * 2;
  text.set_value(text.value() + text.value());
}

TEST_P(SharedMemoryByEveryMethod, ShowsStructsArraysAndTexts) {
  const Value<int> x(7);
  const RawValue<double> y(1.0 / 3);
  const Value<Point> point({3, 2, std::int64_t{1} << 33});
  const Array<double> a(std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Array<char> text(20);
  text.set_value("hello");
  run(process(double_all, x, y, point, a, text));
  EXPECT_EQ(x.get(), 14);
  EXPECT_EQ(y.get(), 2.0 / 3);
  EXPECT_EQ(point.get().x, 6);
  EXPECT_EQ(point.get().y, 4);
  EXPECT_EQ(point.get().z, std::int64_t{1} << 34);
  EXPECT_THAT(a.copy(), ElementsAre(0, 2, 4, 6, 8, 10, 12, 14, 16, 18));
  EXPECT_EQ(text.value(), "hellohello");
}

void hold(Value<int> v, SharedPipe gate) {
  v.acquire();
  gate->write("held");
  v.release();
}

TEST_P(SharedMemoryByEveryMethod, HasOneLockInAllProcesses) {
  const Value<int> v(0);
  v.acquire();
  SharedPipe gate;
  Process child = process(hold, v, gate);
  child.start();
  EXPECT_EQ(gate->read_available(), "");
  v.release();
  EXPECT_EQ(gate->read_all(), "held");
  child.join();
}

TEST_F(SharedMemory, CountsEveryIncrementOfEightProcesses) {
  constexpr int kTimes = 20'000;
  const Value<int> whole(0);
  const Value<double> floating(0);
  const Array<std::uint16_t> a(3, no_lock);
  std::vector<Process> children;
  for (int c = 0; c < 8; ++c) {
    children.emplace_back([=] {
      for (int i = 0; i < kTimes; ++i) {
        whole += 1;
        floating += 0.5;
        a[c % 3] += 1;
      }
    });
  }
  run_together(children);
  EXPECT_EQ(whole.get(), 8 * kTimes);
  EXPECT_EQ(floating.get(), 4.0 * kTimes);
  EXPECT_THAT(a.copy(), ElementsAre(std::uint16_t(3 * kTimes), std::uint16_t(3 * kTimes),
                                    std::uint16_t(2 * kTimes)));
}

TEST_F(SharedMemory, LosesNoIncrementUnderTheLock) {
  const Value<Point> point({0, 0, 0});
  std::vector<Process> children;
  for (int c = 0; c < 4; ++c) {
    children.emplace_back([=] {
      for (int i = 0; i < 1000; ++i) {
        const std::scoped_lock guard(point);
        Point next = point;
        ++next.z;
        point.set(next);
      }
    });
  }
  run_together(children);
  EXPECT_EQ(point.get().z, 4000);
}

TEST_F(SharedMemory, IsWholeThoughItsSettersAreKilled) {
  using Wide = std::array<std::uint64_t, 4096>;
  const auto v = std::make_unique<Value<Wide>>(Wide{});
  const Array<Wide> a(3);
  const Value<std::uint64_t> sets(0);
  std::mt19937 random(7);
  for (int round = 0; round < kRandomKills; ++round) {
    Process setter([&] {
      static Wide wide;
      while (true) {
        wide.fill(++sets);
        v->set(wide);
        a.set(static_cast<std::int64_t>(wide[0] % 3), wide);
      }
    });
    const std::uint64_t enough = sets + 1 + random() % 5;
    setter.start();
    while (sets < enough) std::this_thread::yield();
    for (auto spins = random() % 20'000; spins != 0; --spins) static_cast<void>(sets.get());
    setter.kill();
    setter.join();
    const Wide seen = v->get();
    ASSERT_THAT(seen, Each(seen.front()));
    for (const Wide item : a) ASSERT_THAT(item, Each(item.front()));
  }
}

TEST_F(SharedMemory, IsUsableAfterAProcessDiedWithTheLock) {
  const Value<int> v(1);
  Process holder([v] {
    v.acquire();
    v = 2;
    ::kill(::getpid(), SIGKILL);
  });
  holder.start();
  holder.join();
  v.acquire();
  EXPECT_TRUE(v.get_lock().previous_owner_died());
  EXPECT_EQ(v.get(), 2);
  v.release();
}

TEST_F(SharedMemory, AChildMayMakeItsOwn) {
  const Value<int> answer(0);
  run(Process([answer] {
    const Value<int> own(5);
    const Array<int> also({6, 7});
    answer = own + also[1];
  }));
  EXPECT_EQ(answer.get(), 12);
}

TEST_F(SharedMemory, IsAlsoSharedByAForkOfSomebodyElse) {
  const Value<int> v(1);
  const pid_t child = ::fork();
  if (child == 0) {
    v += 41;
    ::_exit(0);
  }
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(v.get(), 42);
}

TEST_F(SharedMemory, GoesBackWithItsLastHandle) {
  const auto before = mappings_of_memory();
  for (int round = 0; round < 50; ++round) {
    const Array<double> large(100'000);
    const Array<double> copy = large;
    run(Process([large] { large.fill(1); }));
    EXPECT_EQ(copy.at(-1), 1);
    EXPECT_EQ(mappings_of_memory().size(), before.size() + 1);
  }
  EXPECT_EQ(mappings_of_memory().size(), before.size());
}

TEST_F(SharedMemory, OfManySmallOnesGoesBack) {
  for (int round = 0; round < 20; ++round) {
    std::vector<Value<int>> many;
    for (int i = 0; i < 200; ++i) many.emplace_back(i);
    run(Process([&] {
      for (const auto& value : many) value += 1;
    }));
    EXPECT_EQ(many.back().get(), 200);
  }
  EXPECT_LE(mappings_of_memory().size(), 1U);
}

}  // namespace
}  // namespace mp::test
