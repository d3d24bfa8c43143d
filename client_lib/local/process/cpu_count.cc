#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <memory>
#include <thread>

#include "client_lib/local/os/cpu_quota.h"
#include "mp/current_process.h"

namespace mp {
namespace {

struct FreeCpuSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};

// The kernel does not say how large its set is: it refuses those that are too small.
int processors_in_affinity() {
  constexpr int kMostProcessors = 1 << 20;
  for (int room = CPU_SETSIZE; room <= kMostProcessors; room *= 2) {
    const std::unique_ptr<cpu_set_t, FreeCpuSet> set(CPU_ALLOC(room));
    if (!set) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(room);
    if (::sched_getaffinity(0, bytes, set.get()) == 0) return CPU_COUNT_S(bytes, set.get());
    if (errno != EINVAL) break;
  }
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

int cpu_count() {
  int count = processors_in_affinity();
  if (const auto quota = internal::cpu_quota()) {
    count = std::min(count, static_cast<int>(std::min(std::ceil(*quota), 1.0e6)));
  }
  return std::max(count, 1);
}

}  // namespace mp
