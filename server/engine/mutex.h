#pragma once

#include <mutex>

// A std::mutex that Clang's -Wthread-safety understands. Not absl::Mutex: ThreadSanitizer reports
// false races in the packaged one.
#if defined(__clang__)
#define MP_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define MP_THREAD_ANNOTATION(x)
#endif
#define MP_GUARDED_BY(x) MP_THREAD_ANNOTATION(guarded_by(x))
#define MP_REQUIRES(x) MP_THREAD_ANNOTATION(requires_capability(x))

namespace mp::server {

class MP_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() MP_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() MP_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class MP_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) MP_THREAD_ANNOTATION(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() MP_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace mp::server
