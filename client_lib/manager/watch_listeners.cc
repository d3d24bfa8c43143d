#include "client_lib/manager/watch_listeners.h"

#include <utility>

namespace mp::internal {

thread_local int NothingIsTold::depth = 0;

void WatchListeners::add(const std::shared_ptr<WatchListener>& listener) {
  const std::lock_guard lock(mutex_);
  listeners_.push_back(listener);
  any_.store(true, std::memory_order_relaxed);
}

std::vector<std::shared_ptr<WatchListener>> WatchListeners::live() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<WatchListener>> found;
  std::erase_if(listeners_, [&](const std::weak_ptr<WatchListener>& weak) {
    auto listener = weak.lock();
    if (listener != nullptr) found.push_back(std::move(listener));
    return weak.expired();
  });
  if (listeners_.empty()) any_.store(false, std::memory_order_relaxed);
  return found;
}

// What is told may bring news itself, which is told then.
void WatchListeners::tell(const std::atomic<std::uint64_t>& mark) {
  if (!any() || NothingIsTold::here()) return;
  const NothingIsTold telling;
  const auto listeners = live();
  for (std::uint64_t told = 0, now = mark.load(std::memory_order_acquire); told != now;
       now = mark.load(std::memory_order_acquire)) {
    for (const auto& listener : listeners) listener->tell(now);
    told = now;
  }
}

void WatchListeners::forget_in_child() {
  listeners_.clear();
  any_.store(false, std::memory_order_relaxed);
}

}  // namespace mp::internal
