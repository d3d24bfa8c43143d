#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/line.h"
#include "client_lib/local/shared/monitor.h"

namespace mp::internal {

// Permits in shared memory that belong to the processes that acquired them: what a process holds
// when it ends comes back.
//
//             acquire                      release by who holds fewer,
//   value ───────────────▶ an owner's      or more owners than kMostOwners
//     ▲ ▲                    │   │   owned ────────────────────────────────▶ signal: nobody's
//     │ └────── release ─────┘   │
//     └──── the owner has ended ─┘
//
// Invariant: value + what the owners hold = bound, until it is a signal; value <= bound always.
class SharedPermits {
 public:
  static constexpr std::uint64_t kMostOwners = 4096;

  enum class Acquired {
    kNo,           // not within the time
    kYes,          //
    kFromTheDead,  // a permit that came back
  };

  // In memory of this size.
  static std::size_t size_for(std::uint64_t bound);
  explicit SharedPermits(std::uint64_t bound);

  Acquired acquire(Deadline deadline);

  // False if there would be more than `bound`: nothing has changed then.
  bool release(std::uint64_t permits);

  // Looks first whether owners have ended.
  std::uint64_t value();

  // As it stands: who was killed in a release() that makes it one has not made it one.
  bool is_signal();

  std::uint64_t bound() const { return bound_; }

 private:
  struct Owner {
    Word who;  // 0: free
    Word permits;
  };

  static std::uint64_t owners_for(std::uint64_t bound);

  // Behind this object. Those in use, and maybe some more.
  std::span<Owner> owners() { return {first_owner(), owners_in_use_.get()}; }
  Owner* first_owner() { return reinterpret_cast<Owner*>(this + 1); }

  bool is_signal(const InMonitor&) const { return is_signal_.get() != 0; }
  Attempt attempt(InMonitor& in, bool closely, Acquired& result);
  void own(InMonitor& in, Owner* owner);
  Owner* find(std::uint64_t who);
  Owner* free_owner();
  bool release_mine(InMonitor& in, std::uint64_t permits);
  // What was set before stands.
  void take_back_from_the_dead(InMonitor& in);

  const std::uint64_t bound_;
  Word value_;
  Word returned_;  // so many of them were the deads'
  Word is_signal_;
  Word owners_in_use_;
  Monitor monitor_;
  Line line_;
};

}  // namespace mp::internal
