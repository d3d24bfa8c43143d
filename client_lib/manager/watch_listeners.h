#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace mp::internal {

// Who is told of a watch's events by the thread whose reply brought news.
class WatchListener {
 public:
  virtual ~WatchListener() = default;
  // Reads all events up to this mark (watch_mark.h), and tells them.
  virtual void tell(std::uint64_t mark) = 0;
};

// Keeps this thread's replies from telling anybody: it is inside the library, or being told.
class NothingIsTold {
 public:
  NothingIsTold() { ++depth; }
  ~NothingIsTold() { --depth; }
  NothingIsTold(const NothingIsTold&) = delete;
  NothingIsTold& operator=(const NothingIsTold&) = delete;
  static bool here() { return depth != 0; }

 private:
  static thread_local int depth;
};

// The listeners of one session. Thread-safe.
class WatchListeners {
 public:
  void add(const std::shared_ptr<WatchListener>& listener);
  // Whether there may be one: a relaxed load.
  bool any() const { return any_.load(std::memory_order_relaxed); }
  void tell(const std::atomic<std::uint64_t>& mark);

  // Around a fork; a child has none of its parent's.
  void lock_for_fork() { mutex_.lock(); }
  void unlock_after_fork() { mutex_.unlock(); }
  void forget_in_child();

 private:
  std::vector<std::shared_ptr<WatchListener>> live();

  std::atomic<bool> any_{false};
  std::mutex mutex_;
  std::vector<std::weak_ptr<WatchListener>> listeners_;  // guarded by mutex_
};

}  // namespace mp::internal
