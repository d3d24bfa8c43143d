#include "server/engine/ticker.h"

#include <utility>

namespace mp::server {

Ticker::Ticker(std::function<Time()> tick) : tick_(std::move(tick)), thread_([this] { run(); }) {}

Ticker::~Ticker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Ticker::wake_at(Time when) {
  {
    const std::lock_guard lock(mutex_);
    if (when >= next_) return;
    next_ = when;
  }
  changed_.notify_one();
}

void Ticker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (next_ == Time::max()) {
      changed_.wait(lock);
      continue;
    }
    if (std::chrono::steady_clock::now() < next_) {
      changed_.wait_until(lock, next_);
      continue;
    }
    next_ = Time::max();  // what becomes due while ticking lowers it again
    lock.unlock();
    const Time next = tick_();
    lock.lock();
    next_ = std::min(next_, next);
  }
}

}  // namespace mp::server
