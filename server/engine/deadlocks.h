#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "mp/v1/admin.pb.h"
#include "server/engine/deadlock_search.h"

namespace mp::server {

class Engine;

// Finds deadlocks among those whom the wait-for graph suspects, and ends them, or says so.
//
// A suspect is looked at one section after another first, which mostly finds that there is nothing.
// What looks like a deadlock is looked at again while the world stands still, so that there is no
// false alarm; and since a deadlock stays one, none is missed meanwhile. The youngest wait in it is
// refused: that is mostly the one that closed it.
//
// Thread-safe.
class Deadlocks {
 public:
  // `on_found` is told of each, outside of all sections.
  using OnFound = std::function<void(const v1::Deadlock&)>;
  Deadlocks(Engine& engine, DeadlockPolicy policy, OnFound on_found)
      : engine_(engine), policy_(policy), on_found_(std::move(on_found)), waits_(policy) {}

  WaitForGraph& waits() { return waits_; }

  // Looks at all suspects. Outside of all sections.
  void look() {
    if (waits_.has_suspects()) look_at_suspects();
  }

  // The last ones, newest first, and how many there were.
  void list(v1::WaitForGraphReply& reply) const;

 private:
  static constexpr std::size_t kMostKept = 100;

  void look_at_suspects();
  bool may_be_in_one(Owner suspect);
  std::optional<v1::Deadlock> end(Owner suspect);
  // False if it is there already.
  bool keep(std::vector<DeadlockEdge> cycle, const v1::Deadlock& deadlock);

  Engine& engine_;
  const DeadlockPolicy policy_;
  const OnFound on_found_;
  WaitForGraph waits_;
  mutable Mutex mutex_;
  struct Found {
    std::vector<DeadlockEdge> cycle;  // in the order of its waits
    v1::Deadlock shown;
  };
  std::deque<Found> found_ MP_GUARDED_BY(mutex_);  // newest first
  std::uint64_t count_ MP_GUARDED_BY(mutex_) = 0;
};

}  // namespace mp::server
