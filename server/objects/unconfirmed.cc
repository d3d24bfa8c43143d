#include "server/objects/unconfirmed.h"

#include <algorithm>
#include <utility>

namespace mp::server {

void Unconfirmed::add(Delivered delivered) {
  ++counts_[delivered.to.session];
  const std::uint64_t number = delivered.item.number;
  items_.emplace(number, std::move(delivered));
}

std::optional<Unconfirmed::Delivered> Unconfirmed::take(std::uint64_t number) {
  auto node = items_.extract(number);
  if (node.empty()) return std::nullopt;
  const auto count = counts_.find(node.mapped().to.session);
  if (--count->second == 0) counts_.erase(count);
  return std::move(node.mapped());
}

std::vector<QueuedItem> Unconfirmed::take_all_of(SessionId session) {
  std::vector<QueuedItem> all;
  if (counts_.erase(session) == 0) return all;
  for (auto at = items_.end(); at != items_.begin();) {
    --at;
    if (at->second.to.session != session) continue;
    all.push_back(std::move(at->second.item));
    at = items_.erase(at);
  }
  return all;
}

bool Unconfirmed::is_of(std::uint64_t number, SessionId session) const {
  const auto at = items_.find(number);
  return at != items_.end() && at->second.to.session == session;
}

std::optional<std::uint64_t> Unconfirmed::first_of(Owner owner) const {
  if (!counts_.contains(owner.session)) return std::nullopt;
  const auto of_owner = [&](const auto& each) { return each.second.to == owner; };
  const auto of_session = [&](const auto& each) { return each.second.to.session == owner.session; };
  auto at = std::ranges::find_if(items_, of_owner);
  if (at == items_.end()) at = std::ranges::find_if(items_, of_session);
  return at->first;
}

bool Unconfirmed::may_return_to(SessionId session) const {
  return counts_.size() > (counts_.contains(session) ? 1U : 0U);
}

}  // namespace mp::server
