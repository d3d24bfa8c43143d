#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "server/objects/step.h"

namespace mp::server {

// The one thread that lets time pass in an idle manager: it sleeps until something is due. Without
// deadlines it sleeps for ever and costs nothing.
class Ticker {
 public:
  // `tick` does what is due and returns when it wants to be called next. The first call comes after
  // the first wake_at().
  explicit Ticker(std::function<Time()> tick);
  ~Ticker();

  // Something is due at `when`, perhaps earlier than known so far. Cheap if not.
  void wake_at(Time when);

 private:
  void run();

  const std::function<Time()> tick_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Time next_ = Time::max();
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mp::server
