#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/futex.h"
#include "client_lib/local/shared/identity.h"
#include "client_lib/local/shared/monitor.h"

// Those who wait for something that lies in shared memory, in the order of their arrival.
//
// Who comes may take what is there without standing in line: on a busy lock that saves two
// wake-ups for each time it changes hands. But only past a first in line who has not waited for
// long (kPatience): what comes free after that is kept for the first. A first who does not come
// for it (kGrace: its process is stopped, or the machine is very busy) is passed over, though it
// keeps its place. So nobody starves, and nobody waits for who does not move.
//
// The dead do not count: those who wait look now and then whether the others still run, and
// whether a wake-up was lost with who owed it.

namespace mp::internal {

class Line {
 public:
  static constexpr std::size_t kPlaces = 64;
  static constexpr std::chrono::milliseconds kPatience{1};
  static constexpr std::chrono::milliseconds kGrace{20};
  // How soon one who waits looks around for the first time, and how seldom it comes to do so: the
  // first in line, and the others. Wake-ups put none of it off.
  static constexpr std::chrono::milliseconds kFirstLook{10};
  static constexpr std::chrono::milliseconds kFirstsInterval{100};
  static constexpr std::chrono::milliseconds kOthersInterval{1000};

  struct Place {
    Word ticket;       // 0: free; a larger one came later
    Word who;          // a ProcessIdentity
    Word since;        // the time of arrival
    Word offered;      // the time when it was told that there is something for it; 0: it was not
    Word passed_over;  // it did not come when it was told
    Word asked;        // another one asked it to look closely
    FutexWord bell = 0;
  };

  // All in the monitor.
  bool is_empty() const { return count_.get() == 0; }
  std::size_t size() const { return count_.get(); }

  // nullptr if all places are taken by the living.
  Place* enter(InMonitor& in);
  void leave(InMonitor& in, Place& place);

  // The first of those that were not passed over, or else of all; nullptr if there is none.
  Place* first();

  // Whether who stands there may go: nullptr for one who does not stand in line. See above.
  bool may_go(InMonitor& in, const Place* place);

  // Until the first is one that lives. What was set before stands.
  void drop_dead_firsts(InMonitor& in);
  void drop_all_the_dead(InMonitor& in);

  // Says to the first that there is something for it; ring() it afterwards, outside of the monitor.
  // nullptr if nobody waits or the first knows already.
  Place* offer(InMonitor& in) { return is_empty() ? nullptr : offer_to_first(in); }

  template <class Use>
  void for_each(Use&& use) {
    auto left = size();
    for (auto place = places_.begin(); left > 0 && place != places_.end(); ++place) {
      if (place->ticket.get() == 0) continue;
      --left;
      use(*place);
    }
  }

  // Wakes who stands there, if it sleeps, or will in a moment.
  static void ring(Place& place) {
    place.bell.fetch_add(1, std::memory_order_release);
    futex_wake(place.bell);
  }
  // One of those who found no place.
  void ring_the_lobby() {
    lobby_.fetch_add(1, std::memory_order_release);
    futex_wake(lobby_);
  }
  FutexWord& lobby() { return lobby_; }

 private:
  Place* free_place();
  Place* offer_to_first(InMonitor& in);

  Word count_;
  Word last_ticket_;
  FutexWord lobby_ = 0;
  std::array<Place, kPlaces> places_{};
};

// The time as words of shared memory have it: nanoseconds of the monotonic clock, never 0.
std::uint64_t now_word();

// What came of an attempt to take what one waits for.
enum class Attempt {
  kFailed,            // and changed nothing
  kTaken,             //
  kTakenAndMoreLeft,  // for the next in line
};

// One thread's wait: what wait_in_line() consists of.
class Wait {
 public:
  Wait(Monitor& monitor, Line& line, Deadline deadline);
  ~Wait();
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  // Whether it is our turn, as far as others are concerned.
  bool may_go(InMonitor& in) {
    if (place_ != nullptr && place_->asked.get() != 0) looks_closely_ = true;
    if (looks_closely_) line_.drop_dead_firsts(in);
    return line_.may_go(in, place_);
  }
  bool looks_closely() const { return looks_closely_; }
  bool is_over() const { return is_over_; }

  // We have it: out of the line, and all that was set stands. Returns who is to be rung.
  Line::Place* succeed(InMonitor& in, Attempt attempt);
  // Into the line, if we do not stand there; what was set stands. Returns who is to be rung.
  Line::Place* stay(InMonitor& in);
  // Outside of the monitor, after stay(): until something may have changed.
  void sleep();

 private:
  Line::Place* look_around(InMonitor& in);
  void leave(InMonitor& in);
  bool is_in_lobby() { return bell_ == &line_.lobby(); }

  Monitor& monitor_;
  Line& line_;
  const Deadline deadline_;
  Line::Place* place_ = nullptr;
  FutexWord* bell_ = nullptr;
  std::uint32_t heard_ = 0;
  std::chrono::steady_clock::time_point look_at_;
  std::chrono::milliseconds interval_ = Line::kFirstLook;
  const Line::Place* asked_ = nullptr;  // whether it still moves
  bool is_first_ = false;
  bool has_room_for_the_lobby_ = false;
  bool looks_closely_;
  bool is_over_;
};

// An attempt as below, if nobody stands in line: what most calls come to.
template <class Try>
bool try_before_line(Monitor& monitor, const Line& line, Try&& attempt) {
  InMonitor in(monitor);
  if (!line.is_empty() || attempt(in, false) == Attempt::kFailed) return false;
  in.commit();
  return true;
}

// Waits in line until an attempt succeeds; false at the deadline.
//
// `attempt(in, closely)` runs in the monitor, and gives an Attempt. `closely`: it may cost system
// calls, as the question does whether a holder lives; so it is after a while, and before giving up.
// `line` lies in the object whose monitor it is.

template <class Try>
bool wait_in_line(Monitor& monitor, Line& line, Deadline deadline, Try&& attempt) {
  Wait wait(monitor, line, deadline);
  for (;;) {
    Line::Place* next = nullptr;
    auto result = Attempt::kFailed;
    {
      InMonitor in(monitor);
      if (wait.may_go(in)) result = attempt(in, wait.looks_closely());
      if (result != Attempt::kFailed) {
        next = wait.succeed(in, result);
      } else if (!wait.is_over()) {
        next = wait.stay(in);
      }
    }
    if (next != nullptr) Line::ring(*next);
    if (result != Attempt::kFailed) return true;
    if (wait.is_over()) return false;
    wait.sleep();
  }
}

}  // namespace mp::internal
