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
  static_cast<void>(processors_are_rationed());  // takes long the first time: not where one waits
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

namespace {

// Most sections are far shorter than the wake-up of a process. Who waits looks ever more seldom, so
// that who works gets several things done before the memory moves to the other processor.
int lock_soon(Monitor& monitor) {
  constexpr Spin kSpin{.budget = std::chrono::microseconds(50), .most_pauses = 32};
  int result = EBUSY;
  await_soon(monitor.processor, kSpin, [&] {
    result = ::pthread_mutex_trylock(&monitor.mutex);
    return result != EBUSY;
  });
  return result != EBUSY ? result : ::pthread_mutex_lock(&monitor.mutex);
}

}  // namespace

InMonitor::InMonitor(Monitor& monitor) : monitor_(monitor) {
  static_cast<void>(this_process());  // takes long the first time: not while others wait
  int result = ::pthread_mutex_trylock(&monitor_.mutex);
  if (result == EBUSY) result = lock_soon(monitor_);
  if (result == EOWNERDEAD) take_over();
  publish_processor(monitor_.processor);
}

void InMonitor::take_over() {
  monitor_.roll_back();
  ::pthread_mutex_consistent(&monitor_.mutex);
}

}  // namespace mp::internal
