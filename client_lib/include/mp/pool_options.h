#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>

#include "mp/internal/pool_call.h"
#include "mp/start_method.h"
#include "mp/time_limit.h"

namespace mp {

// How a Pool is made. Python: the arguments of multiprocessing.Pool.
struct PoolOptions {
  // How many workers; without a value, cpu_count().
  std::optional<int> processes = {};

  // After so many tasks a worker ends, and a new one takes its place. A task is a chunk of items,
  // not an item.
  std::optional<int> maxtasksperchild = {};

  // How the process comes to be that the workers are forked from; without a value,
  // get_start_method().
  std::optional<StartMethod> start_method = {};

  // How long the end of the pool's scope waits for what is not done yet.
  TimeLimit drain_timeout = std::chrono::seconds(5);

  // A worker whose memory has grown by so many bytes since it began ends after its task, and a new
  // one takes its place.
  std::optional<std::size_t> max_memory_growth = {};

  // So many workers may end within a second without having done anything, before the pool is taken
  // for broken; without a value, ten for each process.
  std::optional<int> max_restarts = {};
};

// How one task is treated. Times begin when a worker is given the task, and nothing else.
struct TaskOptions {
  // From then on the task can see that its time is over: see mp/task.h.
  TimeLimit soft_time_limit = None;
  // Then its worker is killed, and replaced. The task fails with TimeLimitExceeded.
  TimeLimit time_limit = None;
  // How often the task is done again after a worker has died of it. It is then begun more than
  // once.
  int retries = 0;
};

// The same, and who is told. Callbacks run on the thread that brings the result: the pool's
// dispatcher, or one that waits in a call of the pool, cancels or terminates; of a ThreadPool, one
// of its threads. A Pool gets no further meanwhile: they must be short, and can't wait for it
// (ProcessError). What one throws takes the place of the result.
template <class Result>
struct AsyncOptions {
  std::function<void(const Result&)> callback = {};
  std::function<void(const std::exception_ptr&)> error_callback = {};
  TaskOptions task = {};
};

struct MapOptions {
  // How many items make one task; without a value, a quarter of a worker's share.
  std::optional<std::size_t> chunksize = {};
  TaskOptions task = {};
};

template <class Result>
struct AsyncMapOptions {
  std::optional<std::size_t> chunksize = {};
  std::function<void(const Result&)> callback = {};
  std::function<void(const std::exception_ptr&)> error_callback = {};
  TaskOptions task = {};
};

struct ImapOptions {
  std::size_t chunksize = 1;
  // How many items are read from the input before their results are taken, and so at most make one
  // task; without a value, enough that no worker waits. Python 3.16: buffersize.
  std::optional<std::size_t> buffersize = {};
  TaskOptions task = {};
};

namespace internal {

inline TaskLimits limits_of(const TaskOptions& options) {
  return {.soft = options.soft_time_limit.nanoseconds(),
          .hard = options.time_limit.nanoseconds(),
          .retries = options.retries};
}

}  // namespace internal
}  // namespace mp
