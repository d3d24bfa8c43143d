#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>

#include "server/objects/step.h"

namespace mp::server {

// The parties of a barrier that are known. What counts is their session, whose death breaks the
// barrier; its owner handles are told apart up to a bound, so that a process whose threads come and
// go does not fill the memory.
class KnownParties {
 public:
  explicit KnownParties(std::uint64_t parties) : most_handles_(std::max(parties, kMostHandles)) {}

  bool would_add(Owner owner) const {
    if (owner.session == 0) return false;
    const auto at = sessions_.find(owner.session);
    return at == sessions_.end() ||
           (at->second.size() < most_handles_ && !at->second.contains(owner.handle));
  }
  // True if it was added.
  bool add(Owner owner) {
    if (!would_add(owner)) return false;
    sessions_[owner.session].insert(owner.handle);
    ++size_;
    return true;
  }
  // One that was added.
  void remove(Owner owner) {
    const auto at = sessions_.find(owner.session);
    if (at == sessions_.end()) return;
    size_ -= at->second.erase(owner.handle);
    if (at->second.empty()) sessions_.erase(at);
  }
  // All of a session; false if there are none.
  bool forget(SessionId session) {
    const auto node = sessions_.extract(session);
    if (node.empty()) return false;
    size_ -= node.mapped().size();
    return true;
  }
  // Calls `visit` with each, in the order of their sessions.
  template <class Visit>
  void visit(Visit visit) const {
    for (const auto& [session, handles] : sessions_) {
      for (const std::uint64_t handle : handles) visit(Owner{.session = session, .handle = handle});
    }
  }
  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  static constexpr std::uint64_t kMostHandles = 64;

  const std::uint64_t most_handles_;  // of one session
  std::uint64_t size_ = 0;
  std::map<SessionId, std::set<std::uint64_t>> sessions_;
};

}  // namespace mp::server
