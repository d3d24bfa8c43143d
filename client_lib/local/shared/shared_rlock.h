#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "client_lib/local/shared/identity.h"
#include "client_lib/local/shared/shared_lock.h"

namespace mp::internal {

// A lock in shared memory whose holder, a thread of a process, may acquire it again.
//
// Invariant: `thread` is 0, or names who holds the lock, or a thread of a process that died with
// it. Only the holder writes it and `count`; it is cleared before the lock is free, so no other
// thread of the process ever takes the name of the one before for its own.
class SharedRLock {
 public:
  SharedLock& lock() { return lock_; }

  bool is_mine() const {
    return thread_.load(std::memory_order_relaxed) == this_thread() &&
           lock_.holder() == this_process();
  }

  // By who has acquired lock(), however often it was held before.
  void begin(std::size_t count = 1) {
    count_.store(count, std::memory_order_relaxed);
    thread_.store(this_thread(), std::memory_order_relaxed);
  }

  // By the holder.
  void acquire_again() {
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void release() {
    const auto count = count_.load(std::memory_order_relaxed);
    if (count > 1) {
      count_.store(count - 1, std::memory_order_relaxed);
    } else {
      release_all();
    }
  }
  // Gives how often it was held.
  std::size_t release_all() {
    const auto count = count_.load(std::memory_order_relaxed);
    count_.store(0, std::memory_order_relaxed);
    thread_.store(0, std::memory_order_relaxed);
    lock_.release();
    return count;
  }

  // How often it is held, by whomever; as of a moment, if by another thread.
  std::size_t count() const {
    return lock_.holder().word == 0 ? 0 : count_.load(std::memory_order_relaxed);
  }

 private:
  SharedLock lock_;
  std::atomic<std::uint64_t> thread_ = 0;  // as this_thread() has it
  std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace mp::internal
