#include "client_lib/local/pool/present_task.h"

#include <atomic>
#include <chrono>

#include "mp/pool_errors.h"
#include "mp/task.h"

namespace mp {
namespace internal {
namespace {

std::atomic<const RawValue<std::uint64_t>*> told_here = nullptr;
std::atomic<std::uint64_t> task_of_process = 0;  // 0: none

thread_local Deadline deadline_of_thread;
thread_local const std::atomic<bool>* asked_of_thread = nullptr;

bool process_is_asked() noexcept {
  const std::uint64_t task = task_of_process.load(std::memory_order_relaxed);
  const auto* const told = told_here.load(std::memory_order_relaxed);
  return task != 0 && told != nullptr && told->get() == task;
}

bool thread_is_asked() noexcept {
  if (asked_of_thread == nullptr) return false;
  if (asked_of_thread->load(std::memory_order_relaxed)) return true;
  return deadline_of_thread && std::chrono::steady_clock::now() >= *deadline_of_thread;
}

}  // namespace

void listen_for_stop(const RawValue<std::uint64_t>* stopping) {
  told_here.store(stopping, std::memory_order_relaxed);
  asked_of_thread = nullptr;
}

TaskOfProcess::TaskOfProcess(std::uint64_t task) {
  task_of_process.store(task, std::memory_order_relaxed);
}
TaskOfProcess::~TaskOfProcess() { task_of_process.store(0, std::memory_order_relaxed); }

TaskOfThread::TaskOfThread(Deadline soft_deadline, const std::atomic<bool>& asked) {
  deadline_of_thread = soft_deadline;
  asked_of_thread = &asked;
}
TaskOfThread::~TaskOfThread() { asked_of_thread = nullptr; }

}  // namespace internal

namespace this_task {

bool stop_requested() noexcept {
  return internal::process_is_asked() || internal::thread_is_asked();
}

void check() {
  if (stop_requested())
    throw SoftTimeLimitExceeded("the task is asked to stop: its soft time limit is over");
}

}  // namespace this_task
}  // namespace mp
