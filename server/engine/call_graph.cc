#include "server/engine/call_graph.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

absl::StatusOr<CallId> CallGraph::arrive(CallId inside, std::uint64_t object, Access access) {
  const MutexLock lock(mutex_);
  if (calls_.size() >= most_calls_) {
    return error(v1::LIMIT_EXCEEDED,
                 absl::StrCat(most_calls_,
                              " calls of methods wait or run, and no more may (limit "
                              "--max-custom-calls); nothing was changed"));
  }
  const auto parent = calls_.find(inside);
  Call call{.parent = 0, .object = object, .access = access, .children = {}};
  if (parent != calls_.end() && parent->second.runs) {
    call.parent = inside;
    call.depth = parent->second.depth + 1;
    if (call.depth > kMostDepth) {
      return error(v1::LIMIT_EXCEEDED, absl::StrCat("the call would be inside ", kMostDepth,
                                                    " others, and may be inside ", kMostDepth - 1,
                                                    "; nothing was changed"));
    }
  }
  const CallId id = ++last_;
  if (call.parent != 0) parent->second.children.push_back(id);
  calls_.emplace(id, std::move(call));
  return id;
}

absl::Status CallGraph::wait(CallId id) {
  const MutexLock lock(mutex_);
  Call& call = calls_.at(id);
  Set chain;
  for (CallId up = call.parent; up != 0; up = calls_.at(up).parent) chain.insert(up);
  Set seen;
  if (!chain.empty() && object_leads_to(call, chain, seen)) {
    return error(v1::DEADLOCK,
                 "the call would wait for a method that waits for it: one that it was made in has "
                 "the object, or waits for who has it; nothing was changed");
  }
  call.waits = true;
  if (call.depth > 1) ++awaited_inside_[call.object];
  return absl::OkStatus();
}

void CallGraph::stop_waiting(Call& call) {
  if (!call.waits) return;
  call.waits = false;
  if (call.depth == 1) return;
  const auto awaited = awaited_inside_.find(call.object);
  if (--awaited->second == 0) awaited_inside_.erase(awaited);
}

std::uint64_t CallGraph::awaited_inside_by(CallId id) const {
  const MutexLock lock(mutex_);
  const auto at = calls_.find(id);
  return at == calls_.end() || at->second.depth == 1 ? 0 : at->second.object;
}

bool CallGraph::awaited_inside(std::uint64_t object) const {
  const MutexLock lock(mutex_);
  return awaited_inside_.contains(object);
}

// Who has the object must end before any other begins, but for those that share it.
bool CallGraph::object_leads_to(const Call& waiting, const Set& chain, Set& seen) const {
  const auto running = running_.find(waiting.object);
  if (running == running_.end()) return false;
  return std::ranges::any_of(running->second,
                             [&](CallId call) { return leads_to(call, chain, seen); });
}

bool CallGraph::leads_to(CallId id, const Set& chain, Set& seen) const {
  if (chain.contains(id)) return true;
  if (!seen.insert(id).second) return false;
  return std::ranges::any_of(calls_.at(id).children, [&](CallId child) {
    const Call& call = calls_.at(child);
    if (call.runs) return leads_to(child, chain, seen);
    return call.waits && object_leads_to(call, chain, seen);
  });
}

void CallGraph::begin(CallId id) {
  const MutexLock lock(mutex_);
  Call& call = calls_.at(id);
  call.runs = true;
  stop_waiting(call);
  running_[call.object].push_back(id);
}

void CallGraph::leave(CallId id) {
  const MutexLock lock(mutex_);
  const auto at = calls_.find(id);
  if (at == calls_.end()) return;
  stop_waiting(at->second);
  const Call call = std::move(at->second);
  calls_.erase(at);
  if (const auto parent = calls_.find(call.parent); parent != calls_.end())
    std::erase(parent->second.children, id);
  for (const CallId child : call.children) {
    if (const auto orphan = calls_.find(child); orphan != calls_.end()) orphan->second.parent = 0;
  }
  if (!call.runs) return;
  const auto running = running_.find(call.object);
  std::erase(running->second, id);
  if (running->second.empty()) running_.erase(running);
}

bool CallGraph::shares_already(CallId id) const {
  const MutexLock lock(mutex_);
  const Call& call = calls_.at(id);
  for (CallId up = call.parent; up != 0;) {
    const Call& outer = calls_.at(up);
    if (outer.object == call.object && outer.access == Access::kShared) return true;
    up = outer.parent;
  }
  return false;
}

CallId CallGraph::parent_of(CallId id) const {
  const MutexLock lock(mutex_);
  const auto at = calls_.find(id);
  return at == calls_.end() ? 0 : at->second.parent;
}

std::size_t CallGraph::calls() const {
  const MutexLock lock(mutex_);
  return calls_.size();
}

}  // namespace mp::server
