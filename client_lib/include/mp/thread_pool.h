#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <ostream>
#include <type_traits>
#include <utility>

#include "mp/async_result.h"
#include "mp/imap.h"
#include "mp/internal/pool_methods.h"
#include "mp/internal/thread_pool_core.h"
#include "mp/pool_errors.h"
#include "mp/pool_options.h"
#include "mp/task.h"

namespace mp {

// Worker threads that call functions: a Pool without processes.
//
// Python: multiprocessing.pool.ThreadPool. The methods are those of Pool (internal::PoolMethods).
//
// Nothing is written down or sent: any callable will do, also one that captures, with any arguments
// and results that can be moved. It is copied once for each task. What a task throws is what get()
// throws; mp::exit() in a task is a WorkerLost of that task, and the thread goes on.
//
// A thread can't be killed. A hard time limit is a ValueError; cancel() is for what has not begun;
// terminate() asks the tasks that run to stop (mp/task.h), and their results come all the same. The
// end of the scope waits for what runs, however long that takes; but in a task, which can't wait
// for itself, it terminates.
//
// Thread-safety: any thread. After fork: nothing of it is in a child.
//
//   mp::ThreadPool pool(4);
//   std::vector<int> sizes = pool.map([&](const std::string& url) { return fetch(url); }, urls);
class ThreadPool : public internal::PoolMethods<ThreadPool> {
 public:
  // Errors: ValueError if `processes` is less than 1; ProcessError if the system refuses.
  ThreadPool();
  explicit ThreadPool(int processes) : ThreadPool(processes, [] {}) {}

  // Each thread first calls initializer(args...). If it throws, the pool is broken: PoolBroken.
  template <class Initializer, class... Args>
  requires std::is_invocable_v < std::decay_t<Initializer>
  &, std::decay_t<Args>&... > ThreadPool(int processes, Initializer&& initializer, Args&&... args)
      : core_(std::make_shared<internal::ThreadPoolCore>(
            processes, [initializer = std::forward<Initializer>(initializer),
                        ... given = std::forward<Args>(args)]() mutable {
              std::invoke(initializer, given...);
            })) {}

  ThreadPool(ThreadPool&&) noexcept = default;
  ThreadPool& operator=(ThreadPool&&) = delete;
  ~ThreadPool();

  // <ThreadPool state=RUN pool_size=4>
  friend std::ostream& operator<<(std::ostream& out, const ThreadPool& pool);

 private:
  friend class internal::PoolMethods<ThreadPool>;
  template <class F, class Arguments>
  friend struct internal::CallOf;

  template <class R, class F, class... A>
  using Chunk = internal::ThreadChunk<R, F, A...>;

  struct Submitter {
    std::shared_ptr<internal::ThreadPoolCore> core;

    template <class JobType, class ChunkType>
    void operator()(const std::shared_ptr<JobType>& job, std::size_t first, ChunkType& chunk,
                    const internal::TaskLimits& limits, internal::Admission admission) const {
      auto kept = std::make_shared<ChunkType>(std::move(chunk));
      core->submit(
          job, first, kept->items(), [job, first, kept] { kept->run(*job, first); }, limits,
          admission);
    }
  };

  Submitter submitter() const { return {core_}; }
  const std::shared_ptr<internal::ThreadPoolCore>& runner() const { return core_; }
  void check_running() const { core_->check_running(); }

  std::shared_ptr<internal::ThreadPoolCore> core_;
  int exceptions_at_first_ = std::uncaught_exceptions();
};

}  // namespace mp
