#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/local/local_bench.h"

namespace mp::bench {

// The same with every system.
inline constexpr int kWorkers = 2;
inline constexpr int kTinyTasks = 2'000;    // of a map with a chunksize of 1
inline constexpr int kTinyItems = 10'000;   // of a map with the default chunksize
inline constexpr int kManyItems = 100'000;  // of another
inline constexpr int kHeavyTasks = 32;      // of a map; each takes some milliseconds
inline constexpr std::size_t kLarge = std::size_t{8} << 20U;  // doubles: 64 MiB
inline constexpr std::size_t kStreamChunk = 1'000;

// What keeps a processor busy: steps of a generator, of which no compiler can foresee the last.
std::uint64_t work(std::uint64_t seed);

inline std::vector<double> large_numbers() { return std::vector<double>(kLarge, 1.5); }

// Takes this process to all of the cores that the program was started with, or to the first.
void move_to_all_cores();
void move_to_first_core();

// Calls `once`, which does so many operations and takes its time, again and again.
template <class Once>
Sample repeat_long(double seconds, std::size_t operations, Once&& once) {
  using Clock = std::chrono::steady_clock;
  once();  // warms up
  const auto start = Clock::now();
  Sample sample;
  while (sample.seconds < seconds) {
    once();
    sample.operations += operations;
    sample.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return sample;
}

// Operations of which a thousand are a megabyte, so that the rate in thousands is in MB/s.
inline constexpr std::size_t kLargeKilobytes = kLarge * sizeof(double) / 1000;

}  // namespace mp::bench
