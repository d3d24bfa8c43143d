#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/engine/deadlock_policy.h"
#include "server/engine/mutex.h"
#include "server/engine/session.h"
#include "server/objects/custom_type.h"
#include "server/objects/object.h"

namespace mp::server {

// Could `wait` last for ever? `stuck` tells of an owner whether it can do nothing any more.
//
// A hold that has a lease ends by itself, and what nobody holds may be given by anybody.
template <class Stuck>
bool is_hopeless(const WaitsFor& wait, Stuck stuck) {
  const auto keeps = [&](const Holding& holding) {
    return !holding.lease_ends && stuck(holding.owner);
  };
  if (wait.needs == WaitsFor::Needs::kAnyToLetGo)
    return !wait.holders.empty() && std::ranges::all_of(wait.holders, keeps);
  const auto stays = [&](const WaitsFor::Ahead& other) { return stuck(other.owner); };
  return std::ranges::any_of(wait.holders, keeps) &&
         (wait.ahead.empty() || std::ranges::any_of(wait.ahead, stays));
}

// Who waits and does nothing else meanwhile: the owners whose commands said so (caller_blocks), and
// where they are parked. Whom they wait for stands in the objects.
//
// An owner who becomes part of a cycle does so by one of few events: it begins to wait for a
// holder, or is granted something while it waits for something else. Then it is a suspect, and
// somebody looks (deadlocks.h) who is in no section.
//
// Thread-safe. Taken inside shards' sections; it never enters a shard itself. Without anybody who
// waits it costs a look at a number.
class WaitForGraph {
 public:
  struct Wait {
    std::uint32_t shard = 0;
    Ticket ticket = 0;
    std::shared_ptr<Session> session;
    CallId inside = 0;  // the owner's thread runs this call of a user's method; 0: none
  };

  // kOff: it keeps nothing, and suspects nobody.
  explicit WaitForGraph(DeadlockPolicy policy) : off_(policy == DeadlockPolicy::kOff) {}

  // The owner waits for these from now on. Only what could be a cycle makes a suspect.
  void add(Owner owner, Wait wait, const WaitsFor& what);
  void remove(Owner owner, std::uint32_t shard, Ticket ticket);
  // The owner was given something to hold.
  void granted(Owner owner) {
    if (size_.load(std::memory_order_relaxed) != 0) suspect_if_waiting(owner);
  }

  std::vector<Wait> waits_of(Owner owner) const;
  bool is_waiting(Owner owner) const;
  // Who that is, if it stands for the thread of a call that waits (kThreadOfCall); else the same.
  Owner known(Owner owner) const;

  void suspect(Owner owner);
  bool has_suspects() const { return suspected_.load(std::memory_order_acquire) != 0; }
  std::optional<Owner> take_suspect();

 private:
  using Waits = absl::flat_hash_map<Owner, std::vector<Wait>>;
  using Threads = absl::flat_hash_map<CallId, Owner>;

  static Owner known_among(const Threads& threads, Owner owner);
  static bool has(const Waits& waits, const Threads& threads, Owner owner) {
    return waits.contains(known_among(threads, owner));
  }
  void suspect_if_waiting(Owner owner);
  void add_suspect(Owner owner) MP_REQUIRES(mutex_);

  const bool off_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> suspected_{0};
  mutable Mutex mutex_;
  Waits waits_ MP_GUARDED_BY(mutex_);
  Threads threads_ MP_GUARDED_BY(mutex_);  // that run calls, and wait
  std::deque<Owner> suspects_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
