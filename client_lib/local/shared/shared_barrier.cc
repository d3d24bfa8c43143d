#include "client_lib/local/shared/shared_barrier.h"

#include <algorithm>
#include <chrono>
#include <new>

#include "client_lib/local/shared/identity.h"

namespace mp::internal {
namespace {

using std::chrono::steady_clock;

constexpr std::uint64_t kBringsAction = std::uint64_t{1} << 63U;
constexpr std::uint64_t kIdentity = (std::uint64_t{1} << ProcessIdentity::kBits) - 1;

constexpr std::uint64_t word_of(SharedBarrier::Outcome outcome) {
  return static_cast<std::uint64_t>(outcome);
}

}  // namespace

// When one who sleeps looks around: soon, then ever more seldom. Wake-ups put none of it off.
class SharedBarrier::Looks {
 public:
  explicit Looks(Deadline deadline) : deadline_(deadline) { set_out(); }

  bool is_over() const { return is_over_; }
  bool is_due() const { return is_due_; }

  void sleep(const FutexWord& bell, std::uint32_t heard) {
    futex_wait(bell, heard, deadline_ ? std::min(look_at_, *deadline_) : look_at_);
    is_due_ = look_at_ <= steady_clock::now();
    if (is_due_) interval_ = std::min(2 * interval_, kLongest);
    set_out();
  }

 private:
  static constexpr std::chrono::milliseconds kFirst{10};
  static constexpr std::chrono::milliseconds kLongest{100};

  void set_out() {
    const auto now = steady_clock::now();
    is_over_ = deadline_ && *deadline_ <= now;
    if (look_at_ <= now) look_at_ = now + interval_;
  }

  const Deadline deadline_;
  steady_clock::time_point look_at_;
  std::chrono::milliseconds interval_ = kFirst;
  bool is_due_ = false;
  bool is_over_ = false;
};

std::size_t SharedBarrier::size_for(std::size_t parties) {
  return sizeof(SharedBarrier) + 2 * parties * sizeof(Word);
}

SharedBarrier::SharedBarrier(std::size_t parties, Timeout timeout)
    : parties_(parties), timeout_(timeout ? timeout->count() : -1) {
  auto* const places = reinterpret_cast<Word*>(this + 1);
  for (std::size_t i = 0; i < 2 * parties; ++i) new (places + i) Word;
}

Timeout SharedBarrier::timeout() const {
  return timeout_ < 0 ? Timeout() : std::chrono::nanoseconds(timeout_);
}

bool SharedBarrier::is_dead(const Round& round, std::size_t index) {
  const auto who = place(round, index).get() & kIdentity;
  return who != 0 && !is_running({who});
}

void SharedBarrier::ring(Round& round) {
  round.bell.fetch_add(1, std::memory_order_release);
  futex_wake(round.bell, kAll);
}

bool SharedBarrier::open_current(InMonitor& in, bool looks) {
  Round& round = current();
  if (round.number.get() == current_.get()) return true;
  for (std::size_t i = 0; looks && i < parties_; ++i) {
    if (!is_dead(round, i)) continue;
    leave(in, round, i);
    in.commit();
  }
  if (round.present.get() != 0) return false;
  in.set(round.number, current_.get());
  in.set(round.arrived, 0);
  in.set(round.outcome, word_of(Outcome::kOpen));
  in.set(round.actor, 0);
  return true;
}

SharedBarrier::Result SharedBarrier::arrive(InMonitor& in, Brings brings) {
  Round& round = current();
  const std::size_t index = round.arrived.get();
  const std::uint64_t flag = brings == Brings::kAction ? kBringsAction : 0;
  in.set(place(round, index), this_process().word | flag);
  in.add(round.arrived, 1);
  in.add(round.present, 1);
  const Result result{Outcome::kOpen, index, round.number.get()};
  if (index + 1 == parties_) complete(in, round);
  in.commit();
  return result;
}

// Of those that bring an action, the last one runs it.
void SharedBarrier::complete(InMonitor& in, Round& round) {
  for (std::size_t i = 0; i < parties_; ++i)
    if (is_dead(round, i)) return end(in, Outcome::kPartyDied);
  for (std::size_t i = parties_; i > 0; --i) {
    if ((place(round, i - 1).get() & kBringsAction) == 0) continue;
    in.set(round.actor, i);
    in.set(round.outcome, word_of(Outcome::kActing));
    return;
  }
  end(in, Outcome::kPassed);
}

void SharedBarrier::end(InMonitor& in, Outcome outcome) {
  Round& round = current();
  const bool is_begun = round.number.get() == current_.get();
  if (is_begun && round.is_open()) in.set(round.outcome, word_of(outcome));
  if (outcome == Outcome::kPassed || outcome == Outcome::kReset) {
    if (is_begun) in.add(current_, 1);
    in.set(broken_, 0);
  } else {
    in.set(broken_, word_of(outcome));
  }
  in.commit();
}

void SharedBarrier::break_if_dead(InMonitor& in, Round& round, std::size_t index) {
  if (round.is_open() && is_dead(round, index)) end(in, Outcome::kPartyDied);
}

void SharedBarrier::leave(InMonitor& in, Round& round, std::size_t index) {
  in.set(place(round, index), 0);
  in.set(round.present, round.present.get() - 1);
}

// Until there is a place. False if the barrier is broken.
bool SharedBarrier::enter(Deadline deadline, Brings brings, Result& result) {
  Looks looks(deadline);
  for (bool is_first = true;; is_first = false) {
    bool rings = false;
    std::uint32_t heard = 0;
    Round* round = nullptr;
    {
      InMonitor in(monitor_);
      round = &current();
      if (broken_.get() == 0 && open_current(in, is_first || looks.is_due())) {
        result = arrive(in, brings);
        rings = !round->is_open() || round->actor.get() != 0;
      } else if (broken_.get() == 0 && looks.is_over()) {
        end(in, Outcome::kTimedOut);
        rings = true;
      }
      result.outcome = Outcome{broken_.get()};
      heard = round->bell.load(std::memory_order_acquire);
    }
    if (rings) ring(*round);
    if (result.round != kNoRound) return true;
    if (result.outcome != Outcome::kOpen) return false;
    looks.sleep(round->bell, heard);
  }
}

void SharedBarrier::await(Deadline deadline, Result& result) {
  Looks looks(deadline);
  Round& mine = round(result.round);
  for (;;) {
    bool rings = false;
    std::uint32_t heard = 0;
    {
      InMonitor in(monitor_);
      const bool was_open = mine.is_open();
      if (was_open && mine.actor.get() == result.index + 1) {
        result.outcome = Outcome::kActing;
        return;
      }
      if (was_open && looks.is_over()) end(in, Outcome::kTimedOut);
      if (looks.is_due())
        break_if_dead(in, mine, (result.index + mine.arrived.get() - 1) % mine.arrived.get());
      result.outcome = mine.result();
      rings = was_open && !mine.is_open();
      if (!mine.is_open()) {
        leave(in, mine, result.index);
        in.commit();
        rings = rings || (mine.present.get() == 0 && current_.get() >= result.round + 2);
      }
      heard = mine.bell.load(std::memory_order_acquire);
    }
    if (rings) ring(mine);
    if (!is_unfinished(result.outcome)) return;
    looks.sleep(mine.bell, heard);
  }
}

SharedBarrier::Result SharedBarrier::wait(Deadline deadline, Brings brings) {
  Result result;
  if (enter(deadline, brings, result)) await(deadline, result);
  return result;
}

SharedBarrier::Outcome SharedBarrier::finish(const Result& acting, Outcome outcome) {
  Round& mine = round(acting.round);
  Outcome result{};
  bool was_open = false;
  {
    InMonitor in(monitor_);
    was_open = mine.is_open();
    if (was_open) end(in, outcome);
    result = mine.result();
    leave(in, mine, acting.index);
    in.commit();
  }
  ring(mine);
  return result;
}

void SharedBarrier::reset() {
  Round* round = nullptr;
  {
    InMonitor in(monitor_);
    round = &current();
    if (broken_.get() == 0 && round->number.get() == current_.get() && round->arrived.get() == 0)
      return;
    end(in, Outcome::kReset);
  }
  ring(*round);
}

void SharedBarrier::abort() {
  Round* round = nullptr;
  {
    InMonitor in(monitor_);
    if (broken_.get() != 0) return;
    round = &current();
    end(in, Outcome::kAborted);
  }
  ring(*round);
}

void SharedBarrier::look_at_all(InMonitor& in) {
  Round& round = current();
  if (round.number.get() != current_.get()) return;
  for (std::size_t i = 0; i < round.arrived.get(); ++i) break_if_dead(in, round, i);
}

std::size_t SharedBarrier::n_waiting() {
  Round* round = nullptr;
  std::size_t waiting = 0;
  {
    InMonitor in(monitor_);
    round = &current();
    if (round->number.get() != current_.get() || !round->is_open()) return 0;
    look_at_all(in);
    if (round->is_open()) waiting = round->present.get();
  }
  if (waiting == 0) ring(*round);
  return waiting;
}

bool SharedBarrier::is_broken() {
  n_waiting();
  const InMonitor in(monitor_);
  return broken_.get() != 0;
}

}  // namespace mp::internal
