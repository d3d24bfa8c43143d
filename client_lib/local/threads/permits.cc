#include "client_lib/local/threads/permits.h"

#include "client_lib/local/threads/wait_until.h"

namespace mp::internal {
namespace {

constexpr std::uint64_t kSomebodyWaits = 1;
constexpr std::uint64_t kPermit = 2;

}  // namespace

ThreadPermits::ThreadPermits(std::int64_t permits, std::int64_t most)
    : word_(static_cast<std::uint64_t>(permits) * kPermit), most_(most) {}

bool ThreadPermits::try_take() {
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  while (word >= kPermit) {
    if (word_.compare_exchange_weak(word, word - kPermit, std::memory_order_acquire,
                                    std::memory_order_relaxed))
      return true;
  }
  return false;
}

bool ThreadPermits::take_in_turn(Timeout timeout) {
  if (timeout && timeout->count() == 0) return false;
  const Deadline deadline = deadline_after(timeout);
  std::unique_lock lock(mutex_);
  if (++waiting_ == 1) word_.fetch_or(kSomebodyWaits);
  const bool taken = wait_until(changed_, lock, deadline, [this] { return try_take(); });
  if (--waiting_ == 0) word_.fetch_and(~kSomebodyWaits);
  return taken;
}

bool ThreadPermits::give(std::int64_t permits) {
  const std::uint64_t more = static_cast<std::uint64_t>(permits) * kPermit;
  std::unique_lock<std::mutex> lock(mutex_, std::defer_lock);
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  for (;;) {
    if (permits > most_ - static_cast<std::int64_t>(word / kPermit)) return false;
    if ((word & kSomebodyWaits) != 0 && !lock.owns_lock()) {
      lock.lock();
      word = word_.load(std::memory_order_relaxed);
      continue;
    }
    if (word_.compare_exchange_weak(word, word + more, std::memory_order_release,
                                    std::memory_order_relaxed))
      break;
  }
  if (!lock.owns_lock()) return true;
  if (permits == 1) {
    changed_.notify_one();
  } else {
    changed_.notify_all();
  }
  return true;
}

}  // namespace mp::internal
