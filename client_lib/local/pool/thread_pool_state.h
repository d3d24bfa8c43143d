#pragma once

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "mp/internal/pool_job.h"
#include "mp/internal/thread_pool_core.h"
#include "mp/internal/timeout.h"

namespace mp::internal {

// Some items of a job, as a thread does them.
struct ThreadTask {
  std::shared_ptr<Job> job;
  std::size_t first;
  std::size_t items;
  std::function<void()> run;
  Timeout soft;

  void fail(const std::exception_ptr& error) const { job->fail(first, items, error); }
};

// Shared with the threads.
//
//   kRunning ──close()──▶ kClosed ──join(): all is done──▶ kEnding
//       └──────────────────────┴────────terminate()──────▶ kTerminated
struct ThreadPoolCore::State {
  enum class Phase { kRunning, kClosed, kEnding, kTerminated };

  mutable std::mutex mutex;
  std::condition_variable changed;  // for the threads
  std::condition_variable ended;    // for those who wait for them
  // Guarded by it.
  Phase phase = Phase::kRunning;
  std::deque<ThreadTask> waiting;
  std::size_t live = 0;  // threads
  std::size_t busy = 0;  // those of them that run a task
  std::exception_ptr broken;
  std::vector<std::thread> threads;

  std::size_t size = 0;              // constant
  const pid_t process = ::getpid();  // whose it is
  std::atomic<bool> are_asked_to_stop = false;

  bool is_over() const { return phase == Phase::kEnding || phase == Phase::kTerminated; }

  // On one of the pool's threads.
  bool is_here() const;

  // The life of a thread.
  void serve(const std::function<void()>& initializer) noexcept;
  bool begin(const std::function<void()>& initializer) noexcept;
  void run_tasks() noexcept;
  // What waits of a job. With the mutex.
  std::vector<ThreadTask> take_waiting(const std::shared_ptr<Job>& job);
  // What waits fails.
  void drop(const std::exception_ptr& why) noexcept;
  void check_running(Admission admission) const;
};

}  // namespace mp::internal
