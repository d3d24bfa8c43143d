#include "client_lib/local/shared/shared_lock.h"

namespace mp::internal {

SharedLock::Acquired SharedLock::acquire(Deadline deadline) {
  if (acquire_free()) return Acquired::kYes;
  Acquired result = Acquired::kNo;
  wait_in_line(monitor_, line_, deadline,
               [&](InMonitor&, bool closely) { return attempt(closely, result); });
  if (result != Acquired::kNo) count_grant();
  return result;
}

// The holder's word is not the journal's, since those who need not wait change it outside of the
// monitor. Whoever dies after the exchange has the lock, and is found to be dead.
Attempt SharedLock::attempt(bool closely, Acquired& result) {
  auto seen = holder_.load(std::memory_order_acquire);
  for (;;) {
    const ProcessIdentity holder{seen & kIdentity};
    const bool is_free = holder.word == 0;
    if (is_free || (closely && !is_running(holder))) {
      const auto ours = this_process().word | (seen & kContended);
      if (!holder_.compare_exchange_strong(seen, ours, std::memory_order_acquire)) continue;
      result = is_free ? Acquired::kYes : Acquired::kFromTheDead;
      return Attempt::kTaken;
    }
    if ((seen & kContended) != 0) return Attempt::kFailed;
    if (holder_.compare_exchange_strong(seen, seen | kContended)) return Attempt::kFailed;
  }
}

bool SharedLock::release_to_next(std::uint64_t held) {
  while ((held & kContended) == 0) {
    if (held == 0) return false;
    if (holder_.compare_exchange_weak(held, 0, std::memory_order_release)) return true;
  }
  Line::Place* next = nullptr;
  {
    InMonitor in(monitor_);
    held = holder_.load(std::memory_order_relaxed);
    const std::uint64_t free = line_.is_empty() ? 0 : kContended;
    do {
      if ((held & kIdentity) == 0) return false;
    } while (!holder_.compare_exchange_weak(held, free, std::memory_order_release,
                                            std::memory_order_relaxed));
    next = line_.offer(in);
    in.commit();
  }
  if (next != nullptr) Line::ring(*next);
  return true;
}

}  // namespace mp::internal
