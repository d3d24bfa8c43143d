// mp's Pool: what its tasks take.

#include <cstdint>
#include <numeric>
#include <ranges>
#include <stdexcept>
#include <vector>

#include "bench/local/pool_bench.h"
#include "bench/peer.h"
#include "mp/pool.h"
#include "mp/range.h"
#include "mp/start_method.h"

namespace mp::bench {
namespace {

int successor(int number) { return number + 1; }

void demand(bool is_right) {
  if (!is_right) throw std::runtime_error("a wrong result");
}

Sample tiny_tasks(double seconds, int items, MapOptions options) {
  move_to_all_cores();
  Pool pool(kWorkers);
  return repeat_long(seconds, static_cast<std::size_t>(items),
                     [&] { demand(pool.map(successor, range(items), options).back() == items); });
}

// The worker is on the other core.
Sample apply(double seconds) {
  move_to_other_core();
  Pool pool(1);
  move_to_first_core();
  return repeat(seconds, [&] { demand(pool.apply(successor, 1) == 2); });
}

Sample heavy_tasks(double seconds) {
  move_to_all_cores();
  Pool pool(kWorkers);
  return repeat_long(seconds, kHeavyTasks,
                     [&] { pool.map(work, range(std::uint64_t{kHeavyTasks}), {.chunksize = 1}); });
}

Sample large(double seconds) {
  move_to_other_core();
  Pool pool(1);
  move_to_first_core();
  const auto back = [](std::vector<double> numbers) { return numbers; };
  const std::vector<double> numbers = large_numbers();
  return repeat_long(seconds, 2 * kLargeKilobytes,
                     [&] { demand(pool.apply(back, numbers).size() == kLarge); });
}

Sample start(double seconds) {
  move_to_all_cores();
  return repeat_long(seconds, 1, [] {
    Pool pool(4);
    demand(pool.apply(successor, 1) == 2);
    pool.close();
    pool.join();
  });
}

Sample stream(std::size_t items) {
  move_to_all_cores();
  Pool pool(kWorkers);
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t sum = 0;
  const auto numbers = std::views::iota(std::uint64_t{0}, items);
  const auto back = [](std::uint64_t number) { return number; };
  for (const std::uint64_t number : pool.imap(back, numbers, {.chunksize = kStreamChunk}))
    sum += number;
  demand(sum == items * (items - 1) / 2);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return {items, taken.count()};
}

}  // namespace
}  // namespace mp::bench

int main(int argc, char** argv) {
  namespace bench = mp::bench;
  mp::init(argc, argv);
  return bench::run_local(
      argc, argv,
      {
          {"pool-tiny-1",
           [](double s) { return bench::tiny_tasks(s, bench::kTinyTasks, {.chunksize = 1}); }},
          {"pool-tiny", [](double s) { return bench::tiny_tasks(s, bench::kTinyItems, {}); }},
          {"pool-many", [](double s) { return bench::tiny_tasks(s, bench::kManyItems, {}); }},
          {"pool-apply", bench::apply},
          {"pool-heavy", bench::heavy_tasks},
          {"pool-large", bench::large},
          {"pool-start", bench::start},
          {"pool-imap",
           [&](double) { return bench::stream(bench::Arguments(argc, argv).count("count")); }},
      });
}
