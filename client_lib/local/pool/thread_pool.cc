#include "mp/thread_pool.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "client_lib/local/os/deadline.h"
#include "client_lib/local/pool/present_task.h"
#include "client_lib/local/process/exit.h"
#include "mp/current_process.h"
#include "mp/internal/raised.h"

namespace mp {
namespace internal {
namespace {

struct ThreadTask {
  std::shared_ptr<Job> job;
  std::size_t first;
  std::size_t items;
  std::function<void()> run;
  Timeout soft;

  void fail(const std::exception_ptr& error) const { job->fail(first, items, error); }
};

// On a thread of a pool: the State of it.
thread_local const void* state_here = nullptr;

}  // namespace

std::exception_ptr error_of_task() {
  try {
    throw;
  } catch (const ExitRequest& request) {
    return std::make_exception_ptr(
        WorkerLost("the task has called mp::exit(" + std::to_string(request.code) + ") in a thread",
                   ::getpid(), request.code));
  } catch (...) {
    return std::current_exception();
  }
}

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

  // The life of a thread.
  void serve(const std::function<void()>& initializer) noexcept;
  bool begin(const std::function<void()>& initializer) noexcept;
  void run_tasks() noexcept;
  // What waits fails.
  void drop(const std::exception_ptr& why) noexcept;
  void check_running(Admission admission) const;
};

void ThreadPoolCore::State::serve(const std::function<void()>& initializer) noexcept {
  state_here = this;
  const ExitUnwinds unwinds;
  if (begin(initializer)) run_tasks();
  const std::lock_guard lock(mutex);
  --live;
  ended.notify_all();
}

bool ThreadPoolCore::State::begin(const std::function<void()>& initializer) noexcept {
  try {
    initializer();
    return true;
  } catch (...) {
    const auto why = std::make_exception_ptr(PoolBroken(
        "the pool is broken: its initializer has thrown " + internal::describe(error_of_task())));
    {
      const std::lock_guard lock(mutex);
      broken = why;
    }
    drop(why);
    return false;
  }
}

void ThreadPoolCore::State::run_tasks() noexcept {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return !waiting.empty() || is_over(); });
    if (waiting.empty()) return;
    ++busy;
    {
      const ThreadTask task = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      const TaskOfThread present(deadline_after(task.soft), are_asked_to_stop);
      task.run();
    }
    lock.lock();
    if (--busy == 0 && waiting.empty()) ended.notify_all();
  }
}

void ThreadPoolCore::State::drop(const std::exception_ptr& why) noexcept {
  std::unique_lock lock(mutex);
  const auto dropped = std::exchange(waiting, {});
  changed.notify_all();
  ended.notify_all();
  lock.unlock();
  for (const ThreadTask& task : dropped) task.fail(why);
}

void ThreadPoolCore::State::check_running(Admission admission) const {
  if (broken) std::rethrow_exception(broken);
  if (phase == Phase::kTerminated && admission == Admission::kFurther)
    throw PoolTerminated("the pool was terminated before all tasks were given to it");
  const bool takes =
      phase == Phase::kRunning || (phase == Phase::kClosed && admission == Admission::kFurther);
  if (!takes) throw ValueError("the pool is not running: it takes no more work");
}

ThreadPoolCore::ThreadPoolCore(int threads, const std::function<void()>& initializer)
    : state_(std::make_shared<State>()) {
  if (threads < 1)
    throw ValueError("mp::ThreadPool: processes must be at least 1, not " +
                     std::to_string(threads));
  state_->size = static_cast<std::size_t>(threads);
  const std::lock_guard lock(state_->mutex);
  try {
    for (int i = 0; i < threads; ++i) {
      state_->threads.emplace_back([state = state_, own = initializer] { state->serve(own); });
      ++state_->live;
    }
  } catch (const std::system_error& error) {
    state_->phase = State::Phase::kTerminated;
    state_->changed.notify_all();
    for (std::thread& thread : state_->threads) thread.detach();
    throw ProcessError(std::string("cannot start a thread of a pool: ") + error.what());
  }
}

// The last handle may have been that of a callback, or a task: they run on a thread of the pool. In
// a forked child there are no threads to wait for.
ThreadPoolCore::~ThreadPoolCore() {
  if (::getpid() != state_->process) {
    static_cast<void>(new auto(std::move(state_->threads)));
    return;
  }
  terminate();
  for (std::thread& thread : state_->threads) is_here() ? thread.detach() : thread.join();
}

ThreadPoolCore::State& ThreadPoolCore::state() const {
  if (::getpid() == state_->process) return *state_;
  throw ProcessError("this pool belongs to process " + std::to_string(state_->process) +
                     ": a child makes one of its own");
}

bool ThreadPoolCore::is_here() const { return state_here == state_.get(); }

void ThreadPoolCore::submit(const std::shared_ptr<Job>& job, std::size_t first, std::size_t items,
                            std::function<void()> run, const TaskLimits& limits,
                            Admission admission) {
  if (limits.hard)
    throw ValueError(
        "mp::ThreadPool: a thread can't be killed; set a soft_time_limit, or use Pool");
  State& its = state();
  const std::lock_guard lock(its.mutex);
  its.check_running(admission);
  its.waiting.push_back({job, first, items, std::move(run), limits.soft});
  its.changed.notify_one();
}

void ThreadPoolCore::check_running() const {
  State& its = state();
  const std::lock_guard lock(its.mutex);
  its.check_running(Admission::kFirst);
}

bool ThreadPoolCore::await(const Job& job, Timeout timeout) {
  require_others_to_deliver();
  return job.wait_done(timeout);
}

// Callbacks run on threads of the pool, and others go on meanwhile.
bool ThreadPoolCore::is_delivering_here() const {
  static_cast<void>(state());
  return false;
}

bool ThreadPoolCore::cancel(const std::shared_ptr<Job>& job) {
  State& its = state();
  std::vector<ThreadTask> cancelled;
  {
    const std::lock_guard lock(its.mutex);
    auto& waiting = its.waiting;
    const auto others = std::stable_partition(waiting.begin(), waiting.end(),
                                              [&](const auto& task) { return task.job != job; });
    std::move(others, waiting.end(), std::back_inserter(cancelled));
    waiting.erase(others, waiting.end());
    its.ended.notify_all();
  }
  const auto why = std::make_exception_ptr(Cancelled("the task was cancelled"));
  for (const ThreadTask& task : cancelled) task.fail(why);
  return !cancelled.empty();
}

std::size_t ThreadPoolCore::processes() const { return state_->size; }

std::string ThreadPoolCore::describe() const {
  constexpr const char* kNames[] = {"RUN", "CLOSE", "CLOSE", "TERMINATE"};
  const std::lock_guard lock(state_->mutex);
  return std::string("state=") + kNames[static_cast<std::size_t>(state_->phase)] +
         " pool_size=" + std::to_string(state_->size);
}

void ThreadPoolCore::close() {
  State& its = state();
  const std::lock_guard lock(its.mutex);
  if (its.phase == State::Phase::kRunning) its.phase = State::Phase::kClosed;
}

void ThreadPoolCore::terminate() {
  State& its = state();
  {
    const std::lock_guard lock(its.mutex);
    its.phase = State::Phase::kTerminated;
  }
  its.are_asked_to_stop.store(true, std::memory_order_relaxed);
  its.drop(
      std::make_exception_ptr(PoolTerminated("the pool was terminated before the task was done")));
}

bool ThreadPoolCore::join(Timeout timeout) {
  State& its = state();
  std::unique_lock lock(its.mutex);
  if (its.phase == State::Phase::kRunning)
    throw ValueError("the pool is still running: close() it first");
  if (is_here()) throw ProcessError("a thread of a pool can't wait for the pool's end");
  const Deadline deadline = deadline_after(timeout);
  const auto wait_until = [&](const auto& condition) {
    if (deadline) return its.ended.wait_until(lock, *deadline, condition);
    its.ended.wait(lock, condition);
    return true;
  };
  const auto nothing_is_left = [&its] { return its.waiting.empty() && its.busy == 0; };
  if (!wait_until([&] { return its.is_over() || nothing_is_left(); })) return false;
  if (its.phase == State::Phase::kClosed) its.phase = State::Phase::kEnding;
  its.changed.notify_all();
  return wait_until([&its] { return its.live == 0; });
}

}  // namespace internal

ThreadPool::ThreadPool() : ThreadPool(cpu_count()) {}

ThreadPool::~ThreadPool() {
  if (!core_) return;
  try {
    core_->close();
    if (std::uncaught_exceptions() > exceptions_at_first_ || core_->is_here()) core_->terminate();
    if (!core_->is_here()) core_->join(std::nullopt);
  } catch (const ProcessError&) {
    // In a forked child there is nothing of it.
  }
}

std::ostream& operator<<(std::ostream& out, const ThreadPool& pool) {
  return out << "<ThreadPool " << pool.core_->describe() << '>';
}

}  // namespace mp
