#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mp/internal/pool_call.h"
#include "mp/internal/pool_job.h"
#include "mp/internal/target.h"
#include "mp/internal/timeout.h"
#include "mp/pool_options.h"

namespace mp::internal {

// What all pools can do with a job.
class JobRunner {
 public:
  JobRunner() = default;
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;
  virtual ~JobRunner() = default;

  // Errors: ValueError if the pool takes no more; PoolBroken.
  virtual void check_running() const = 0;

  // Waits until the job is done; false if it is not in time.
  virtual bool await(const Job& job, Timeout timeout) = 0;

  // Errors: ProcessError in a forked child, which has nothing of it.
  virtual void require_own_process() const = 0;
  // Whether this thread runs a callback that all others wait for.
  virtual bool is_delivering_here() const { return false; }
  // Errors: ProcessError where nobody could bring what is waited for: there, and in a forked child.
  void require_others_to_deliver() const;

  // What is not done of it fails, with Cancelled. False if it was done.
  virtual bool cancel(const std::shared_ptr<Job>& job) = 0;
  // Of a job that was not handed out to its end, and has nobody to ask for it: what has not begun
  // is dropped, and what has goes on, once.
  virtual void abandon(const std::shared_ptr<Job>& job) = 0;

  // From now on jobs get on though nobody waits for them.
  virtual void dispatch_by_thread() = 0;

  virtual std::size_t processes() const = 0;

  // As in Python: state=RUN pool_size=4
  virtual std::string describe() const = 0;

  // No more jobs. Errors: none; any number of times.
  virtual void close() = 0;
  // What is not done fails with PoolTerminated, and workers are ended. Any number of times.
  virtual void terminate() = 0;
  // Waits until all is done and the workers are gone; false if they are not in time.
  // Errors: ValueError before close() and terminate().
  virtual bool join(Timeout timeout) = 0;
};

// Whether a task is the first of its job. A job that has begun goes on after close().
enum class Admission { kFirst, kFurther };

// A pool of processes.
//
// Thread-safety: any thread. After fork: a child has nothing of it (ProcessError).
class PoolCore final : public JobRunner {
 public:
  // Errors: ValueError for options that make no sense; ProcessError if a worker can't be started:
  // there is none then.
  PoolCore(const PoolOptions& options, const std::shared_ptr<Target>& initializer);
  ~PoolCore() override;

  // Items `first` and following of the job.
  // Errors: ValueError if the pool takes no more; PoolBroken; MemoryError; ConnectionError if there
  // is no descriptor for what goes along.
  void submit(const std::shared_ptr<Job>& job, std::size_t first, const OutgoingTask& task,
              const TaskLimits& limits, Admission admission);

  void check_running() const override;
  bool await(const Job& job, Timeout timeout) override;
  void require_own_process() const override;
  bool is_delivering_here() const override;
  bool cancel(const std::shared_ptr<Job>& job) override;
  void abandon(const std::shared_ptr<Job>& job) override;
  void dispatch_by_thread() override;
  std::size_t processes() const override;
  std::string describe() const override;
  void close() override;
  void terminate() override;
  bool join(Timeout timeout) override;

  // Errors: ValueError if less than 1, or the pool takes no more.
  void resize(int processes);
  std::vector<int> worker_pids() const;

 private:
  class Dispatch;

  Dispatch& dispatch() const;

  std::shared_ptr<Dispatch> dispatch_;
  int process_;  // whose it is
};

}  // namespace mp::internal
