#include "client_lib/local/pool/thread_pool_state.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "client_lib/local/os/deadline.h"
#include "client_lib/local/pool/present_task.h"
#include "client_lib/local/process/exit.h"
#include "mp/internal/raised.h"

namespace mp::internal {
namespace {

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

bool ThreadPoolCore::State::is_here() const { return state_here == this; }

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

std::vector<ThreadTask> ThreadPoolCore::State::take_waiting(const std::shared_ptr<Job>& job) {
  const auto others = std::stable_partition(waiting.begin(), waiting.end(),
                                            [&](const auto& task) { return task.job != job; });
  std::vector<ThreadTask> taken;
  std::move(others, waiting.end(), std::back_inserter(taken));
  waiting.erase(others, waiting.end());
  ended.notify_all();
  return taken;
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

}  // namespace mp::internal
