#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "client_lib/local/os/deadline.h"

namespace mp::internal {

// One that waits for the first of several things.
class Watcher {
 public:
  void tell();
  // False if nobody has told it anything, since it last returned, by then.
  bool wait(const Deadline& deadline);

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  bool is_told_ = false;  // guarded by mutex_
};

// What a thread can wait for among other things.
class Watched {
 public:
  Watched() = default;
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  virtual ~Watched() = default;

  virtual bool is_ready() const = 0;

  // Told of every change from now on.
  void add(Watcher& watcher);
  void remove(Watcher& watcher);

 protected:
  // Wakes who waits for this alone, and tells the watchers. Under the mutex.
  void tell_all();

  mutable std::mutex mutex_;
  std::condition_variable changed_;

 private:
  std::vector<Watcher*> watchers_;  // guarded by mutex_
};

}  // namespace mp::internal
