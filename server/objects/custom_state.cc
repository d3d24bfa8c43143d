#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/objects/custom.h"

// What others see of an object of a user's own type.

namespace mp::server {

std::size_t Custom::heap_bytes() const {
  std::size_t bytes = waiters_.size() * sizeof(Waiters<Wanted>::Waiter) +
                      running_.size() * sizeof(decltype(running_)::value_type);
  for (const auto& waiter : waiters_) {
    for (const std::string& argument : waiter.detail.arguments) bytes += argument.size();
  }
  return bytes;
}

std::string Custom::note() const {
  if (type_ == nullptr) return {};
  return state_ == State::kReady ? type_->name() : absl::StrCat(type_->name(), ", in construction");
}

std::vector<Holding> Custom::holders() const {
  std::vector<Holding> holders;
  for (const auto& [call, running] : running_)
    holders.push_back({.owner = running.owner, .since = running.since, .lease_ends = {}});
  return holders;
}

WaitsFor Custom::waits_for(Ticket ticket) const {
  WaitsFor wait;
  const auto add = [&](const auto& entry) {
    wait.holders.push_back({.owner = {.session = kThreadOfCall, .handle = entry.first},
                            .since = entry.second.since,
                            .lease_ends = {}});
  };
  const auto own = std::find_if(running_.rbegin(), running_.rend(),
                                [&](const auto& entry) { return entry.second.ticket == ticket; });
  const auto* waiter = waiters_.find_from_end(ticket);
  if (own != running_.rend()) {
    add(*own);
  } else {
    std::ranges::for_each(running_, add);
  }
  wait.until_granted = waiter == nullptr;  // it runs, or waits for the constructor, which does
  if (waiter == nullptr || !runs_shared()) return wait;
  if (access_of(waiter->detail.method) == Access::kAlone) return wait;
  for (const auto& other : waiters_) {
    if (other.ticket == ticket) break;
    if (access_of(other.detail.method) == Access::kAlone)
      wait.ahead.push_back({other.ticket, other.owner, other.detail.since});
  }
  if (wait.ahead.empty()) wait.holders.clear();
  return wait;
}

void Custom::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  for (const auto& waiter : waiters_) std::ranges::for_each(waiter.detail.refs, visit);
  for (const auto& [call, running] : running_) std::ranges::for_each(running.refs, visit);
}

}  // namespace mp::server
