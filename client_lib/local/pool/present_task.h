#pragma once

#include <atomic>
#include <cstdint>

#include "client_lib/local/os/deadline.h"
#include "mp/local/value.h"

// What mp::this_task is about.

namespace mp::internal {

// In a worker process: there the tasks that are asked to stop are told from now on. A task of a
// thread in whose midst the process was forked is not its own.
void listen_for_stop(const RawValue<std::uint64_t>* stopping);

// While one is in scope, this process, for all of its threads, does this task.
class TaskOfProcess {
 public:
  explicit TaskOfProcess(std::uint64_t task);
  ~TaskOfProcess();
  TaskOfProcess(const TaskOfProcess&) = delete;
  TaskOfProcess& operator=(const TaskOfProcess&) = delete;
};

// While one is in scope, this thread does a task that is to stop then, or when it is asked to.
class TaskOfThread {
 public:
  TaskOfThread(Deadline soft_deadline, const std::atomic<bool>& asked);
  ~TaskOfThread();
  TaskOfThread(const TaskOfThread&) = delete;
  TaskOfThread& operator=(const TaskOfThread&) = delete;
};

}  // namespace mp::internal
