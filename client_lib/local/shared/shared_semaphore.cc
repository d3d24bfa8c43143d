#include "client_lib/local/shared/shared_semaphore.h"

namespace mp::internal {

bool SharedSemaphore::acquire(Deadline deadline) {
  if (acquire_free()) return true;
  return wait_in_line(monitor_, line_, deadline, [&](InMonitor&, bool) { return attempt(); });
}

// The word is not the journal's, since those who need not wait change it outside of the monitor.
Attempt SharedSemaphore::attempt() {
  auto seen = word_.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t permits = seen & kPermits;
    if (permits != 0) {
      if (word_.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire))
        return permits > 1 ? Attempt::kTakenAndMoreLeft : Attempt::kTaken;
    } else {
      if ((seen & kContended) != 0) return Attempt::kFailed;
      if (word_.compare_exchange_weak(seen, kContended)) return Attempt::kFailed;
    }
  }
}

bool SharedSemaphore::release(std::uint64_t permits) {
  auto seen = word_.load(std::memory_order_relaxed);
  while ((seen & kContended) == 0) {
    if (permits > kMost - seen) return false;
    if (word_.compare_exchange_weak(seen, seen + permits, std::memory_order_release,
                                    std::memory_order_relaxed))
      return true;
  }
  return release_to_next(permits);
}

bool SharedSemaphore::release_to_next(std::uint64_t permits) {
  Line::Place* next = nullptr;
  {
    InMonitor in(monitor_);
    const std::uint64_t contended = line_.is_empty() ? 0 : kContended;
    auto seen = word_.load(std::memory_order_relaxed);
    do {
      if (permits > kMost - (seen & kPermits)) return false;
    } while (!word_.compare_exchange_weak(seen, ((seen & kPermits) + permits) | contended,
                                          std::memory_order_release, std::memory_order_relaxed));
    next = line_.offer(in);
    in.commit();
  }
  if (next != nullptr) Line::ring(*next);
  return true;
}

}  // namespace mp::internal
