#pragma once

#include <exception>
#include <memory>
#include <ostream>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/async_result.h"
#include "mp/bind.h"
#include "mp/imap.h"
#include "mp/internal/pool_call.h"
#include "mp/internal/pool_core.h"
#include "mp/internal/pool_methods.h"
#include "mp/internal/target.h"
#include "mp/pool_errors.h"
#include "mp/pool_options.h"
#include "mp/task.h"

namespace mp {

// Worker processes that call functions for this one.
//
// Python: multiprocessing.Pool. The methods, apply, apply_async, map, map_async, starmap,
// starmap_async, imap, imap_unordered, close, terminate, join, are those of internal::PoolMethods.
//
// Functions are sent to workers that are there already: a function, a lambda without captures, a
// function object without state, or mp::bind() of one of them with values; of a function template,
// one of its instances. Arguments and results are what has an mp::Codec, local objects (queues,
// locks, values, connections) and proxies included. What a worker changes of its memory, nobody
// else sees; what it is sent to do with one item, it does once, or, where a worker dies of it, as
// often as TaskOptions::retries says.
//
// Nothing waits for ever because somebody died. A worker that is killed, exits or runs out of
// memory fails the task that it had begun (WorkerLost), and another takes its place; tasks that it
// had not begun go to others. A task whose result can't be sent, an exception of any type, a
// callback that throws: the error is the task's, and nobody else's. Workers end when the process of
// the pool does, however it ends; so do those of a pool inside a worker.
//
// Who makes it go: whoever waits in a call of the pool. From the first apply_async, map_async,
// starmap_async or imap on a thread does it too that the pool starts, with all signals blocked; it
// never forks. Workers are forked by a helper process that is started with
// the pool: they have of this process what it had then.
//
// The end of its scope: waits until all is done, at most `drain_timeout`, and terminates the rest.
// Where an exception unwinds the scope, or in a callback, it terminates at once. (Python's `with`
// terminates always.)
//
// Thread-safety: any thread. After fork: a child has nothing of the pool (ProcessError), and makes
// one of its own; also a worker may.
//
//   mp::Pool pool(4);
//   for (int square : pool.map([](int n) { return n * n; }, std::views::iota(0, 10)))
//     std::cout << square << '\n';
class Pool : public internal::PoolMethods<Pool> {
 public:
  // Errors: ValueError if `processes` or `maxtasksperchild` is less than 1; ProcessError if the
  // system refuses; for other start methods than fork, TypeError if the initializer can't be sent.
  Pool() : Pool(PoolOptions()) {}
  explicit Pool(int processes) : Pool(PoolOptions{.processes = processes}) {}
  explicit Pool(const PoolOptions& options) : Pool(options, nullptr, 0) {}

  // Each worker first calls initializer(args...), once. If it throws, the pool is broken:
  // PoolBroken says what it has thrown.
  //
  //   mp::Pool pool(4, [](const mp::Lock& given) { lock = given; }, mp::Lock());
  template <class Initializer, class... Args>
  requires std::is_invocable_v<std::decay_t<Initializer>, std::decay_t<Args>...> Pool(
      const PoolOptions& options, Initializer&& initializer, Args&&... args)
      : Pool(options,
             std::shared_ptr<internal::Target>(internal::make_target(
                 std::forward<Initializer>(initializer), std::forward<Args>(args)...)),
             0) {}
  template <class Initializer, class... Args>
  requires std::is_invocable_v<std::decay_t<Initializer>, std::decay_t<Args>...> Pool(
      int processes, Initializer&& initializer, Args&&... args)
      : Pool(PoolOptions{.processes = processes}, std::forward<Initializer>(initializer),
             std::forward<Args>(args)...) {}

  Pool(Pool&&) noexcept = default;
  Pool& operator=(Pool&&) = delete;
  ~Pool();

  // So many workers from now on. Those that are too many end after their task.
  // Errors: ValueError if less than 1, or after close().
  void resize(int processes) { core_->resize(processes); }

  // The process ids of the workers that there are.
  std::vector<int> worker_pids() const { return core_->worker_pids(); }

  // As Python: <Pool state=RUN pool_size=4>
  friend std::ostream& operator<<(std::ostream& out, const Pool& pool);

 private:
  friend class internal::PoolMethods<Pool>;
  template <class F, class Arguments>
  friend struct internal::CallOf;

  template <class R, class F, class... A>
  class Chunk : public internal::ProcessChunk<R, F, A...> {
    static_assert(internal::Sendable<F>,
                  "mp::Pool: takes a function, a lambda without captures or a function object "
                  "without state, since its workers are there already; bind what a lambda captures "
                  "as arguments: mp::bind(f, values...)");
    static_assert((internal::Sendable<A> && ...),
                  "mp::Pool: takes arguments that have an mp::Codec; pointers and references mean "
                  "nothing in another process");
    static_assert(internal::Returnable<internal::ResultOf<R>>,
                  "mp::Pool: the function must return what has an mp::Codec, or nothing");

   public:
    using internal::ProcessChunk<R, F, A...>::ProcessChunk;
  };

  struct Submitter {
    std::shared_ptr<internal::PoolCore> core;

    template <class ChunkType>
    void operator()(const std::shared_ptr<internal::Job>& job, std::size_t first, ChunkType& chunk,
                    const internal::TaskLimits& limits, internal::Admission admission) const {
      core->submit(job, first, chunk.task(), limits, admission);
    }
  };

  Pool(const PoolOptions& options, std::shared_ptr<internal::Target> initializer, int);

  Submitter submitter() const { return {core_}; }
  const std::shared_ptr<internal::PoolCore>& runner() const { return core_; }
  void check_running() const { core_->check_running(); }

  std::shared_ptr<internal::PoolCore> core_;
  internal::Timeout drain_timeout_;
  int exceptions_at_first_ = std::uncaught_exceptions();
};

}  // namespace mp
