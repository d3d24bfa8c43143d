#include "client_lib/manager/references.h"

#include <utility>

namespace mp::internal {

Reference::~Reference() { table_->drop(id_, count_); }

std::shared_ptr<Reference> References::granted(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<Reference>& entry = table_[id];
  std::shared_ptr<Reference> reference = entry.lock();
  if (!reference) {
    reference = std::make_shared<Reference>(shared_from_this(), id);
    entry = reference;
  }
  ++reference->count_;
  return reference;
}

std::shared_ptr<Reference> References::unowned(std::uint64_t id) {
  return std::make_shared<Reference>(shared_from_this(), id);
}

std::shared_ptr<Reference> References::find(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto at = table_.find(id);
  return at == table_.end() ? nullptr : at->second.lock();
}

void References::drop(std::uint64_t id, std::uint32_t count) {
  const std::lock_guard lock(mutex_);
  const auto at = table_.find(id);
  // Another handle may have been made since the last one of this one's copies went.
  if (at != table_.end() && at->second.expired()) table_.erase(at);
  if (count != 0) releases_.push_back({id, count});
}

std::vector<References::Release> References::take_releases() {
  const std::lock_guard lock(mutex_);
  return std::exchange(releases_, {});
}

std::vector<std::uint64_t> References::ids() {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> ids;
  for (const auto& [id, reference] : table_) ids.push_back(id);
  return ids;
}

void References::set_counts(std::uint32_t count) {
  std::vector<std::shared_ptr<Reference>>
      live;  // outlives the lock: the last of a reference may be here
  const std::lock_guard lock(mutex_);
  releases_.clear();
  for (const auto& [id, entry] : table_) {
    if (auto reference = entry.lock()) {
      reference->count_ = count;
      live.push_back(std::move(reference));
    }
  }
}

}  // namespace mp::internal
