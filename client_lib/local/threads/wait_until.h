#pragma once

#include <condition_variable>
#include <mutex>

#include "client_lib/local/os/deadline.h"

namespace mp::internal {

// Waits until the condition holds, which is asked under the lock; false if it does not by then.
template <class Condition>
bool wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                const Deadline& deadline, const Condition& condition) {
  if (deadline) return changed.wait_until(lock, *deadline, condition);
  changed.wait(lock, condition);
  return true;
}

}  // namespace mp::internal
