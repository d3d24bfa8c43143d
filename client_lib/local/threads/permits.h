#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "mp/internal/timeout.h"

namespace mp::internal {

// Permits that threads take and give: what their locks and semaphores are made of.
//
// Who gives one to nobody who waits does so in one step, and who gives one to somebody who waits
// does it under the mutex, which that one needs to go on. So whoever takes the last permit may
// destroy this at once, as with a std::mutex.
//
// Cost: one exchange of a word to take and one to give, while nobody waits.
class ThreadPermits {
 public:
  // There are never more than `most`, which is less than 2^62.
  ThreadPermits(std::int64_t permits, std::int64_t most);

  // One. False if there was none for so long.
  bool take(Timeout timeout) { return try_take() || take_in_turn(timeout); }
  // False, and nothing has changed, if there would be more than there may be.
  bool give(std::int64_t permits);

  std::int64_t left() const { return static_cast<std::int64_t>(word_.load() >> 1U); }

 private:
  bool try_take();
  bool take_in_turn(Timeout timeout);

  // Twice the number of permits; and one more while somebody waits, which changes under the mutex.
  std::atomic<std::uint64_t> word_;
  const std::int64_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t waiting_ = 0;  // guarded by mutex_
};

}  // namespace mp::internal
