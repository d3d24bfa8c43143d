#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/internal/pool_call.h"
#include "mp/internal/pool_core.h"
#include "mp/internal/pool_job.h"

namespace mp::internal {

// The exception that is being handled, as the error of a task: the one that ends a process is that
// of a worker that is lost.
std::exception_ptr error_of_task();

// Some items of a job, for another thread: nothing is written down.
template <class R, class F, class... A>
class ThreadChunk {
 public:
  explicit ThreadChunk(const F& function) : function_(function) {}

  template <Stays, class... Given>
  void add(Given&&... arguments) {
    items_.emplace_back(std::forward<Given>(arguments)...);
  }

  std::size_t items() const { return items_.size(); }

  // Once.
  template <class JobType>
  void run(JobType& job, std::size_t first) {
    for (std::tuple<A...>& item : items_) job.put(first++, call(item));
  }

 private:
  Outcome<ResultOf<R>> call(std::tuple<A...>& item) {
    try {
      return std::apply(
          [&](A&... arguments) {
            if constexpr (std::is_void_v<R>) {
              std::invoke(function_, std::move(arguments)...);
              return Outcome<ResultOf<R>>(std::in_place_index<1>);
            } else {
              return Outcome<ResultOf<R>>(
                  std::in_place_index<1>,
                  result_of_call<ResultOf<R>>(function_, std::move(arguments)...));
            }
          },
          item);
    } catch (...) {
      return failed_with<ResultOf<R>>(error_of_task());
    }
  }

  F function_;
  std::vector<std::tuple<A...>> items_;
};

// A pool of threads.
//
// Thread-safety: any thread.
class ThreadPoolCore final : public JobRunner {
 public:
  // Errors: ValueError for less than one; ProcessError if a thread can't be started.
  ThreadPoolCore(int threads, const std::function<void()>& initializer);
  // Waits for the threads, unless this is one of them.
  ~ThreadPoolCore() override;

  // Errors: ValueError if the pool takes no more, or for a limit that threads can't keep.
  void submit(const std::shared_ptr<Job>& job, std::size_t first, std::size_t items,
              std::function<void()> run, const TaskLimits& limits, Admission admission);

  void check_running() const override;
  bool await(const Job& job, Timeout timeout) override;
  void require_own_process() const override;
  bool cancel(const std::shared_ptr<Job>& job) override;
  void abandon(const std::shared_ptr<Job>& job) override;
  void dispatch_by_thread() override {}
  std::size_t processes() const override;
  std::string describe() const override;
  void close() override;
  void terminate() override;
  // Errors: ProcessError on a thread of the pool.
  bool join(Timeout timeout) override;

  // Whether this thread is one of the pool's.
  bool is_here() const;

 private:
  struct State;

  // Errors: ProcessError in a forked child.
  State& state() const;

  const std::shared_ptr<State> state_;
};

}  // namespace mp::internal
