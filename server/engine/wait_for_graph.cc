#include "server/engine/wait_for_graph.h"

#include <functional>
#include <utility>

namespace mp::server {

void WaitForGraph::add(Owner owner, Wait wait, const WaitsFor& what) {
  if (off_) return;
  const MutexLock lock(mutex_);
  if (wait.inside != 0) threads_[wait.inside] = owner;
  waits_[owner].push_back(std::move(wait));
  size_.store(waits_.size(), std::memory_order_relaxed);
  const auto waiting = std::bind_front(&WaitForGraph::has, std::cref(waits_), std::cref(threads_));
  if (is_hopeless(what, waiting)) add_suspect(owner);
}

Owner WaitForGraph::known_among(const Threads& threads, Owner owner) {
  if (owner.session != kThreadOfCall) return owner;
  const auto thread = threads.find(owner.handle);
  return thread == threads.end() ? owner : thread->second;
}

Owner WaitForGraph::known(Owner owner) const {
  if (owner.session != kThreadOfCall) return owner;
  const MutexLock lock(mutex_);
  return known_among(threads_, owner);
}

void WaitForGraph::remove(Owner owner, std::uint32_t shard, Ticket ticket) {
  if (off_) return;
  const MutexLock lock(mutex_);
  const auto at = waits_.find(owner);
  if (at == waits_.end()) return;
  std::vector<Wait>& waits = at->second;
  const auto wait = std::ranges::find_if(
      waits, [&](const Wait& one) { return one.shard == shard && one.ticket == ticket; });
  if (wait != waits.end()) {
    const CallId inside = wait->inside;
    waits.erase(wait);
    // A call that was given up may wait still, beside the next one of the same thread.
    if (std::ranges::find(waits, inside, &Wait::inside) == waits.end()) threads_.erase(inside);
  }
  if (at->second.empty()) {
    waits_.erase(at);
    size_.store(waits_.size(), std::memory_order_relaxed);
  } else {
    add_suspect(owner);  // it went on here, and says that it waits elsewhere
  }
}

std::vector<WaitForGraph::Wait> WaitForGraph::waits_of(Owner owner) const {
  const MutexLock lock(mutex_);
  const auto at = waits_.find(owner);
  return at == waits_.end() ? std::vector<Wait>() : at->second;
}

bool WaitForGraph::is_waiting(Owner owner) const {
  const MutexLock lock(mutex_);
  return waits_.contains(owner);
}

void WaitForGraph::suspect(Owner owner) {
  if (off_) return;
  const MutexLock lock(mutex_);
  add_suspect(owner);
}

void WaitForGraph::suspect_if_waiting(Owner owner) {
  const MutexLock lock(mutex_);
  if (waits_.contains(owner)) add_suspect(owner);
}

void WaitForGraph::add_suspect(Owner owner) {
  suspects_.push_back(owner);
  suspected_.store(suspects_.size(), std::memory_order_release);
}

std::optional<Owner> WaitForGraph::take_suspect() {
  const MutexLock lock(mutex_);
  if (suspects_.empty()) return std::nullopt;
  const Owner owner = suspects_.front();
  suspects_.pop_front();
  suspected_.store(suspects_.size(), std::memory_order_release);
  return owner;
}

}  // namespace mp::server
