#include "mp/thread_pool.h"

#include <unistd.h>

#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "client_lib/local/os/deadline.h"
#include "client_lib/local/pool/thread_pool_state.h"
#include "mp/current_process.h"

namespace mp {
namespace internal {

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
    // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): without memory the child ends
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

bool ThreadPoolCore::is_here() const { return state_->is_here(); }

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

void ThreadPoolCore::require_own_process() const { static_cast<void>(state()); }

bool ThreadPoolCore::cancel(const std::shared_ptr<Job>& job) {
  State& its = state();
  std::unique_lock lock(its.mutex);
  const auto cancelled = its.take_waiting(job);
  lock.unlock();
  const auto why = std::make_exception_ptr(Cancelled("the task was cancelled"));
  for (const ThreadTask& task : cancelled) task.fail(why);
  return !cancelled.empty();
}

void ThreadPoolCore::abandon(const std::shared_ptr<Job>& job) {
  State& its = state();
  std::vector<ThreadTask> dropped;  // destroyed when the mutex is free
  const std::lock_guard lock(its.mutex);
  dropped = its.take_waiting(job);
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
