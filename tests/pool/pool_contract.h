#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "mp/pool.h"
#include "mp/thread_pool.h"
#include "tests/fork/process_fixture.h"

// What pools of all sorts have in common: one body over processes, by every start method, and over
// threads.

namespace mp::test {

template <StartMethod kMethod>
struct Processes {
  static constexpr bool kIsThreads = false;
  using Type = Pool;
  template <class... Initializer>
  static Pool make(int processes, Initializer&&... initializer) {
    return Pool({.processes = processes, .start_method = kMethod},
                std::forward<Initializer>(initializer)...);
  }
};

struct Threads {
  static constexpr bool kIsThreads = true;
  using Type = ThreadPool;
  template <class... Initializer>
  static ThreadPool make(int processes, Initializer&&... initializer) {
    return ThreadPool(processes, std::forward<Initializer>(initializer)...);
  }
};

using Backends = testing::Types<Processes<StartMethod::kFork>, Processes<StartMethod::kSpawn>,
                                Processes<StartMethod::kForkserver>, Threads>;

struct NameOfBackend {
  template <class Backend>
  static std::string GetName(int index) {
    constexpr const char* kNames[] = {"Fork", "Spawn", "Forkserver", "Threads"};
    return kNames[index];
  }
};

template <class Backend>
class PoolContract : public ProcessTest {
 protected:
  template <class... Initializer>
  static auto make(int processes, Initializer&&... initializer) {
    return Backend::make(processes, std::forward<Initializer>(initializer)...);
  }
};

// Functions that pools are given.
inline int square(int n) { return n * n; }
inline int product(int left, int right) { return left * right; }
inline int refuse_three(int n) {
  if (n == 3) throw std::invalid_argument("three");
  return n;
}

}  // namespace mp::test
