#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "mp/internal/timeout.h"
#include "mp/shutdown_options.h"

namespace mp::internal {

// Who may go to the items of a queue between threads, and when: all that a threads::Queue is but
// its items, which are guarded by the Turn that this gives.
class ThreadQueueGate {
 public:
  using Turn = std::unique_lock<std::mutex>;

  explicit ThreadQueueGate(std::size_t maxsize) : maxsize_(maxsize) {}

  // With room for so many items. Without the mutex if there was none for so long.
  // Errors: ShutDown; ValueError if there never will be.
  Turn enter_to_put(std::size_t items, Timeout timeout);
  void have_put(const Turn& turn, std::size_t items);

  // With an item at least. Without the mutex if there was none for so long.
  // Errors: ShutDown, if there is none and never will be; ValueError if `max` is 0.
  Turn enter_to_get(std::size_t max, Timeout timeout);
  void have_taken(const Turn& turn, std::size_t items);

  // Gives how many tasks are left. Errors: ValueError if none is unfinished.
  std::size_t task_done();
  // False if tasks were unfinished for so long.
  bool join(Timeout timeout);

  // With the mutex, for whoever drops the items.
  Turn shut_down(ShutdownOptions how);

  std::size_t maxsize() const { return maxsize_; }
  std::size_t size() const { return read(size_); }
  std::size_t unfinished() const { return read(unfinished_); }
  std::size_t waiting_getters() const { return read(waiting_getters_); }
  std::size_t waiting_putters() const { return read(waiting_putters_); }
  bool is_shut_down() const { return read(is_shut_down_); }

 private:
  template <class T>
  T read(const T& guarded) const {
    const std::scoped_lock lock(mutex_);
    return guarded;
  }

  const std::size_t maxsize_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable emptied_;
  std::condition_variable finished_;

  // Guarded by mutex_.
  std::size_t size_ = 0;
  std::size_t unfinished_ = 0;
  std::size_t waiting_getters_ = 0;
  std::size_t waiting_putters_ = 0;
  bool is_shut_down_ = false;
};

// Errors: ValueError, "cannot get: this handle of the queue is closed".
[[noreturn]] void throw_handle_closed(const char* verb);

}  // namespace mp::internal
