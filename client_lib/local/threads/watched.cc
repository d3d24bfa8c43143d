#include "client_lib/local/threads/watched.h"

#include <utility>

#include "client_lib/local/threads/wait_until.h"

namespace mp::internal {

void Watcher::tell() {
  const std::scoped_lock lock(mutex_);
  is_told_ = true;
  told_.notify_one();
}

bool Watcher::wait(const Deadline& deadline) {
  std::unique_lock lock(mutex_);
  wait_until(told_, lock, deadline, [this] { return is_told_; });
  return std::exchange(is_told_, false);
}

void Watched::add(Watcher& watcher) {
  const std::scoped_lock lock(mutex_);
  watchers_.push_back(&watcher);
}

void Watched::remove(Watcher& watcher) {
  const std::scoped_lock lock(mutex_);
  std::erase(watchers_, &watcher);
}

void Watched::tell_all() {
  changed_.notify_all();
  for (Watcher* const watcher : watchers_) watcher->tell();
}

}  // namespace mp::internal
