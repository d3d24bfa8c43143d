#pragma once

#include <cstddef>
#include <cstdint>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/futex.h"
#include "client_lib/local/shared/monitor.h"

namespace mp::internal {

// Where a number of threads of some processes wait for one another, in shared memory, round by
// round.
//
//                           the last one comes, and
//                      somebody brings an action   it is done
//            ┌─▶ open ───────────────────────▶ acting ──▶ passed ──▶ the next round
//            │    │  └─────── nobody does ──────────────────▲
//   reset ───┘    │ a timeout, abort, the death of one that waits, the action throws; while acting
//   too
//                 └──────────────────────────────────────▶ broken, until reset
//
// Each who waits has a place, until it has learnt how its round has ended. Two rounds have places,
// since who is early begins the next one while the last of the one before still wake up; only the
// round after that needs them all gone (or dead).
//
// Of those who wait, each looks now and then whether the one that came before it lives; and who
// completes a round, whether all do.
class SharedBarrier {
 public:
  enum class Outcome : std::uint64_t {
    kOpen,
    kActing,
    kPassed,
    kTimedOut,
    kAborted,
    kReset,
    kPartyDied,
    kActionFailed,
  };
  static constexpr bool is_unfinished(Outcome outcome) {
    return outcome == Outcome::kOpen || outcome == Outcome::kActing;
  }

  static constexpr std::uint64_t kNoRound = ~std::uint64_t{0};

  // What came of a wait. kActing: this one is to run the action, and to say finish().
  struct Result {
    Outcome outcome = Outcome::kOpen;
    std::size_t index = 0;  // in the order of arrival
    std::uint64_t round = kNoRound;
  };

  enum class Brings { kNoAction, kAction };

  static constexpr std::size_t kMostParties = std::size_t{1} << 22U;  // more than there are threads

  // In memory of this size.
  static std::size_t size_for(std::size_t parties);
  SharedBarrier(std::size_t parties, Timeout timeout);

  Result wait(Deadline deadline, Brings brings);
  // By who ran the action. What came of the round.
  Outcome finish(const Result& acting, Outcome outcome);

  void reset();
  void abort();

  std::size_t parties() const { return parties_; }
  Timeout timeout() const;
  // Both look first whether those who wait live.
  std::size_t n_waiting();
  bool is_broken();

 private:
  struct Round {
    Word number;
    Word arrived;
    Word present;  // of those, have not left yet
    Word outcome;
    Word actor;  // its index and 1
    FutexWord bell = 0;

    Outcome result() const { return Outcome{outcome.get()}; }
    bool is_open() const { return is_unfinished(result()); }
  };
  class Looks;

  Round& round(std::uint64_t number) { return rounds_[number % 2]; }
  Round& current() { return round(current_.get()); }
  // Behind this object: who has the place, and in the highest bit whether it brings an action.
  Word& place(const Round& round, std::size_t index) {
    const std::size_t first = &round == &rounds_[0] ? 0 : parties_;
    return reinterpret_cast<Word*>(this + 1)[first + index];
  }
  bool is_dead(const Round& round, std::size_t index);
  // False if places of the round before last are still taken: by the living, if `looks`.
  bool open_current(InMonitor& in, bool looks);
  Result arrive(InMonitor& in, Brings brings);
  void complete(InMonitor& in, Round& round);
  // Of the current round. What was set stands.
  void end(InMonitor& in, Outcome outcome);
  void break_if_dead(InMonitor& in, Round& round, std::size_t index);
  void leave(InMonitor& in, Round& round, std::size_t index);
  bool enter(Deadline deadline, Brings brings, Result& result);
  void await(Deadline deadline, Result& result);
  void ring(Round& round);
  void look_at_all(InMonitor& in);

  const std::size_t parties_;
  const std::int64_t timeout_;  // in nanoseconds; negative: none
  Word current_;
  Word broken_;  // the current round's Outcome; 0: it is not
  Round rounds_[2];
  Monitor monitor_;
};

}  // namespace mp::internal
