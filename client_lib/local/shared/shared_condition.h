#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/futex.h"
#include "client_lib/local/shared/monitor.h"

namespace mp::internal {

// Those who wait for a notification, in shared memory, in the order of their arrival.
//
//   free ── enter ──▶ waiting ── notify ──▶ notified ── leave ──▶ free
//     ▲                 │                      │
//     └─── its process has ended ──────────────┴──▶ the notification goes to the next that waited
//                                                   at the time
//
// A sleeper leaves when it has its lock again. So whoever is killed before has not had its
// notification, and the others find it there and pass it on: they look now and then, which also
// wakes those whose bell was not rung since who owed it has died.
//
// Who enters or notifies holds the lock that belongs to the condition.
class SharedCondition {
 public:
  static constexpr std::size_t kPlaces = 512;

  struct Sleeper {
    Word ticket;    // 0: free; a larger one came later
    Word who;       // a ProcessIdentity
    Word since;     // the time of arrival
    Word notified;  // the time when it was; 0: it was not
    FutexWord bell = 0;
  };

  // Errors: LimitExceeded if all places are taken by the living; nothing has changed then.
  Sleeper& enter();
  // Until it is notified, or the deadline.
  void sleep(Sleeper& sleeper, Deadline deadline);
  // True if it was notified.
  bool leave(Sleeper& sleeper);

  // Those who wait the longest, at most so many. Gives their number.
  std::size_t notify(std::size_t most);

  // How many wait, and were not notified.
  std::size_t waiting();

 private:
  static constexpr std::chrono::milliseconds kFirstLook{10};
  static constexpr std::chrono::milliseconds kLongestInterval{1000};

  // Those whose bells are to be rung once the monitor is left.
  class Bells {
   public:
    static constexpr std::size_t kMost = 32;
    bool is_full() const { return count_ == kMost; }
    std::size_t size() const { return count_; }
    void add(Sleeper& sleeper) { sleepers_[count_++] = &sleeper; }
    void ring() const;

   private:
    std::array<Sleeper*, kMost> sleepers_{};
    std::size_t count_ = 0;
  };

  // Those in use, and maybe some free ones between them.
  std::span<Sleeper> places() { return {places_.data(), in_use_.get()}; }
  Sleeper* free_place();
  // The first that was not notified, and came until then; nullptr if there is none.
  Sleeper* first(std::uint64_t until);
  void remove(InMonitor& in, Sleeper& sleeper);
  // Removes one that is dead; a notification that it had goes to another. What was set stands.
  void bury(InMonitor& in, Sleeper& dead, Bells& bells);
  enum class Which { kAnybody, kNotified };
  void bury_the_dead(InMonitor& in, Which which, Bells& bells);
  void notify(InMonitor& in, std::size_t most, Bells& bells);

  Monitor monitor_;
  Word last_ticket_;
  Word in_use_;
  std::array<Sleeper, kPlaces> places_{};
};

}  // namespace mp::internal
