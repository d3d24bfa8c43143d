#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "server/engine/mutex.h"
#include "server/objects/workshop.h"

namespace mp::server {

// All calls of users' methods that wait or run, and which waits for which: a call inside another
// one is waited for by that, whether its method waits for the answer or not; and a call that has
// not begun waits for those that have its object.
//
// Invariant: no call waits for itself, by however many others.
// Thread-safe.
class CallGraph {
 public:
  // Calls inside one another, the outermost included.
  static constexpr std::size_t kMostDepth = 64;

  explicit CallGraph(std::uint64_t most_calls) : most_calls_(most_calls) {}

  // LIMIT_EXCEEDED past the limits. What `inside` names may be over: then it is inside none.
  absl::StatusOr<CallId> arrive(CallId inside, std::uint64_t object, Access access);
  // DEADLOCK if the call would wait for itself.
  absl::Status wait(CallId call);
  void begin(CallId call);
  void leave(CallId call);

  // Does a call that is inside another one wait for the object?
  bool awaited_inside(std::uint64_t object) const;
  // The object that this call waits for, if it is inside another one; else 0.
  std::uint64_t awaited_inside_by(CallId call) const;
  bool shares_already(CallId call) const;
  // 0: it is inside none.
  CallId parent_of(CallId call) const;
  std::size_t calls() const;

 private:
  struct Call {
    CallId parent = 0;
    std::uint64_t object = 0;
    Access access = Access::kAlone;
    std::size_t depth = 1;
    bool runs = false;
    bool waits = false;
    std::vector<CallId> children;
  };
  using Set = absl::flat_hash_set<CallId>;

  // Does anything that `call` waits for wait for one of `chain`?
  bool leads_to(CallId call, const Set& chain, Set& seen) const MP_REQUIRES(mutex_);
  void stop_waiting(Call& call) MP_REQUIRES(mutex_);
  bool object_leads_to(const Call& waiting, const Set& chain, Set& seen) const MP_REQUIRES(mutex_);

  const std::uint64_t most_calls_;
  mutable Mutex mutex_;
  CallId last_ MP_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<CallId, Call> calls_ MP_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::uint64_t, std::vector<CallId>> running_ MP_GUARDED_BY(mutex_);
  // By object: the calls that run, and how many wait inside others.
  absl::flat_hash_map<std::uint64_t, std::size_t> awaited_inside_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
