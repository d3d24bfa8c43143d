#include <algorithm>
#include <utility>

#include "client_lib/manager/near_cache.h"
#include "client_lib/manager/watch_mark.h"

namespace mp::internal {

CachedReplies::Known CachedReplies::find(std::string_view key, std::string& reply) const {
  const std::shared_lock lock(mutex_);
  const auto at = table_.find(key);
  if (at == table_.end()) return Known::kNothing;
  if (!at->second.present) return Known::kAbsent;
  reply = at->second.reply;
  return Known::kPresent;
}

std::size_t CachedReplies::bytes_of(const Table::value_type& entry) {
  constexpr std::size_t kBeside = sizeof(entry) + sizeof(void*) * 5;  // the nodes of both tables
  return kBeside + entry.first.size() + entry.second.reply.size();
}

void CachedReplies::erase(Table::iterator at) {
  bytes_ -= bytes_of(*at);
  order_.erase(at->second.place);
  table_.erase(at);
}

void CachedReplies::put(std::string_view key, std::optional<std::string_view> reply,
                        std::uint64_t version) {
  auto at = table_.find(key);
  if (at == table_.end()) {
    at = table_.emplace(std::string(key), Entry()).first;
    at->second.place = order_.insert(order_.end(), &at->first);
    bytes_ += bytes_of(*at);
  }
  bytes_ -= at->second.reply.size();
  at->second.reply = reply.value_or(std::string_view());
  at->second.present = reply.has_value();
  at->second.version = version;
  bytes_ += at->second.reply.size();
  while (bytes_ > most_bytes_) erase(table_.find(*order_.front()));
}

void CachedReplies::insert(std::string_view key, std::optional<std::string_view> reply,
                           std::uint64_t version, std::uint64_t mark) {
  const std::lock_guard lock(mutex_);
  if (version < version_ || !same_incarnation(mark, mark_)) return;
  const auto at = table_.find(key);
  if (at == table_.end() || at->second.version <= version) put(key, reply, version);
}

// Of keys that nobody has asked for nothing is kept.
void CachedReplies::apply(std::string_view key, std::optional<std::string_view> reply,
                          std::uint64_t version) {
  const std::lock_guard lock(mutex_);
  const auto at = table_.find(key);
  if (at != table_.end() && at->second.version < version) put(key, reply, version);
}

void CachedReplies::forget(std::string_view key, std::uint64_t version) {
  const std::lock_guard lock(mutex_);
  const auto at = table_.find(key);
  if (at != table_.end() && at->second.version < version) erase(at);
}

void CachedReplies::advance(std::uint64_t version) {
  const std::lock_guard lock(mutex_);
  version_ = std::max(version_, version);
}

void CachedReplies::restart(std::uint64_t version, std::uint64_t mark) {
  const std::lock_guard lock(mutex_);
  table_.clear();
  order_.clear();
  bytes_ = 0;
  version_ = version;
  mark_ = mark;
}

std::uint64_t CachedReplies::version() const {
  const std::shared_lock lock(mutex_);
  return version_;
}

}  // namespace mp::internal
