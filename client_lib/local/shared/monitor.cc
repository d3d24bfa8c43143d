#include "client_lib/local/shared/monitor.h"

#include <cerrno>

#include "client_lib/local/shared/identity.h"

namespace mp::internal {

Monitor::Monitor() {
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  ::pthread_mutex_init(&mutex, &attributes);
  ::pthread_mutexattr_destroy(&attributes);
}

// The last change first. May itself break off at any instruction: the next one starts again.
void Monitor::roll_back() {
  for (auto left = changes.load(std::memory_order_acquire); left > 0; --left) {
    const Change& change = journal.at(left - 1);
    auto* const word = reinterpret_cast<Word*>(reinterpret_cast<std::byte*>(this) + change.offset);
    word->value_.store(change.old, std::memory_order_release);
  }
  changes.store(0, std::memory_order_release);
}

InMonitor::InMonitor(Monitor& monitor) : monitor_(monitor) {
  static_cast<void>(this_process());  // takes long the first time: not while others wait
  if (::pthread_mutex_lock(&monitor_.mutex) != EOWNERDEAD) return;
  monitor_.roll_back();
  ::pthread_mutex_consistent(&monitor_.mutex);
}

InMonitor::~InMonitor() {
  if (monitor_.changes.load(std::memory_order_relaxed) != 0) monitor_.roll_back();
  ::pthread_mutex_unlock(&monitor_.mutex);
}

}  // namespace mp::internal
