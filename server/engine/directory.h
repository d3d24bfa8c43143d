#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "server/engine/absl_view.h"
#include "server/engine/mutex.h"

namespace mp::server {

// What the shards of one manager share: how many objects they hold, and which names are not in the
// shard that they hash to, since their objects were made for another one, or had another name.
// Thread-safe.
//
// A name moves only inside the sections of all shards. Who looks for it before entering a section
// may find where it was a moment ago; who is about to make it must look again inside.
class Directory {
 public:
  std::uint64_t objects() const { return objects_.load(std::memory_order_relaxed); }
  void count_object() { objects_.fetch_add(1, std::memory_order_relaxed); }
  void uncount_object() { objects_.fetch_sub(1, std::memory_order_relaxed); }

  // The shard of a name that has moved.
  std::optional<std::uint32_t> shard_of(std::string_view name) const {
    if (moved_count_.load(std::memory_order_acquire) == 0) return std::nullopt;
    const MutexLock lock(mutex_);
    const auto at = moved_.find(absl_view(name));
    return at == moved_.end() ? std::nullopt : std::optional(at->second);
  }
  void move(std::string_view name, std::uint32_t shard) {
    const MutexLock lock(mutex_);
    moved_[absl_view(name)] = shard;
    moved_count_.store(moved_.size(), std::memory_order_release);
  }
  void forget(std::string_view name) {
    if (moved_count_.load(std::memory_order_acquire) == 0) return;
    const MutexLock lock(mutex_);
    moved_.erase(absl_view(name));
    moved_count_.store(moved_.size(), std::memory_order_release);
  }

 private:
  std::atomic<std::uint64_t> objects_{0};
  std::atomic<std::size_t> moved_count_{0};
  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, std::uint32_t> moved_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
