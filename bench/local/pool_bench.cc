#include "bench/local/pool_bench.h"

#include <sched.h>

namespace mp::bench {
namespace {

cpu_set_t cores_at_start() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  ::sched_getaffinity(0, sizeof cores, &cores);
  return cores;
}

const cpu_set_t kCores = cores_at_start();

}  // namespace

std::uint64_t work(std::uint64_t seed) {
  constexpr int kRounds = 2'000'000;
  std::uint64_t state = seed + 1;
  for (int i = 0; i < kRounds; ++i) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
  }
  return state;
}

void move_to_all_cores() { ::sched_setaffinity(0, sizeof kCores, &kCores); }

void move_to_first_core() {
  cpu_set_t one;
  CPU_ZERO(&one);
  int core = 0;
  while (!CPU_ISSET(core, &kCores)) ++core;
  CPU_SET(core, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

}  // namespace mp::bench
