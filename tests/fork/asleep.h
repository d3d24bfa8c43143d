#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <thread>

namespace mp::test {

// Waits until this process, or thread, sleeps in the kernel, or has ended.
void wait_until_asleep(pid_t task);

// A thread that waits for something: where the constructor returns, it does, or is done already.
class WaitingThread {
 public:
  explicit WaitingThread(std::function<void()> wait);

  void join() { thread_.join(); }
  bool is_done() const { return is_done_.load(); }

 private:
  std::atomic<pid_t> task_ = 0;
  std::atomic<bool> is_done_ = false;
  std::jthread thread_;
};

}  // namespace mp::test
