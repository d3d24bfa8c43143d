#pragma once

#include <cstdint>

// What a task of a pool can ask of itself. In a process, or thread, that does no task, nothing is
// asked to stop.
//
// Thread-safety: any thread. After fork: a child of a worker asks for its own.

namespace mp::this_task {

// Whether the task's soft time limit is over. A signal, SIGUSR1, tells of it as well: it does
// nothing by itself, but calls of the system that wait return with EINTR.
//
// Cost: one load from memory.
bool stop_requested() noexcept;

// Errors: SoftTimeLimitExceeded if it is.
//
//   for (const Row& row : rows) {
//     mp::this_task::check();
//     work(row);
//   }
void check();

}  // namespace mp::this_task
