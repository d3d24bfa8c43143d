#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"

namespace mp::server::test {

// A lock as simple as it can be told, and whoever stands in line for it: what property tests
// compare Lock, RLock and the lock of a Condition with. What an event answers is in `answers`.
class LockModel {
 public:
  struct Wish {
    Who who;
    std::optional<Duration> lease;
    std::uint64_t count = 1;
    std::string told = "granted";  // once it has the lock
    std::size_t condition = 0;     // for which it was notified, counted from 1; 0: none
  };

  explicit LockModel(Kind lock_kind) : kind(lock_kind) {}
  virtual ~LockModel() = default;
  LockModel(const LockModel&) = default;
  LockModel& operator=(const LockModel&) = default;

  void acquire(Time now, const Wish& wish) {
    if (reenters(wish.who)) {
      answers.push_back(absl::StrCat(wish.who.ticket, " granted, count ", ++holder->count));
      return;
    }
    line.push_back(wish);
    proceed(now);
  }
  // Who waits already is not served before the end of the batch.
  std::string acquire_in_batch(Time now, const Wish& wish) {
    if (holder && !reenters(wish.who)) return absl::StrCat(wish.who.ticket, " WOULD_BLOCK");
    std::deque<Wish> others;
    line.swap(others);
    acquire(now, wish);
    line.swap(others);
    std::string answer = answers.back();
    answers.pop_back();
    return answer;
  }
  std::string release(Who who) {
    const bool mine = holds(who);
    if (mine && --holder->count == 0) free(false);
    if (mine) return "done";
    const bool was_late = late_ == who.owner;
    return holder || was_late || kind == Kind::kRLock ? "NOT_OWNER" : "VALUE_ERROR";
  }

  // A waiter goes without the lock, and its session lives.
  bool leave(Ticket ticket) {
    return lose_if([&](const Wish& wish) { return wish.who.ticket == ticket; });
  }
  void end_session(SessionId session) {
    dead.insert(session);
    lose_if([&](const Wish& wish) { return wish.who.owner.session == session; });
    if (late_ && late_->session == session) late_.reset();
    if (holder && holder->who.owner.session == session) free(true);
  }
  // The outcome of the command that the lock was granted to, or entered by.
  void take_back(Ticket granted_to, bool after_death) {
    if (!holder || holder->who.ticket != granted_to) return;
    if (kind == Kind::kRLock && --holder->count != 0) return;
    free(after_death);
  }
  void turn_clock(Time now) {
    if (!holder || !lease_ends_ || *lease_ends_ > now) return;
    const Owner owner = holder->who.owner;
    free(true);
    late_ = owner;
  }
  // At the end of every event: whoever is first in line, and alive, gets the lock if it is free.
  void proceed(Time now) {
    while (!holder && !line.empty()) {
      const Wish wish = line.front();
      line.pop_front();
      if (dead.contains(wish.who.owner.session)) {
        lost(wish);
      } else {
        grant(now, wish);
      }
    }
  }

  bool holds(Who who) const { return holder && holder->who.owner == who.owner; }
  std::set<Ticket> waiting() const {
    std::set<Ticket> tickets;
    for (const Wish& wish : line) tickets.insert(wish.who.ticket);
    return tickets;
  }

  Kind kind;
  std::vector<std::string> answers;
  std::deque<Wish> line;
  std::optional<Wish> holder;
  std::set<SessionId> dead;  // swept or not

 protected:
  // Has left the line without the lock.
  virtual void lost(const Wish&) {}

  void free(bool by_death) {
    holder.reset();
    died_ = by_death;
  }
  template <class Condition>
  bool lose_if(Condition condition) {
    std::deque<Wish> before;
    std::vector<Wish> gone;
    line.swap(before);
    for (const Wish& wish : before) {
      if (condition(wish)) {
        gone.push_back(wish);
      } else {
        line.push_back(wish);
      }
    }
    for (const Wish& wish : gone) lost(wish);
    return !gone.empty();
  }

 private:
  bool reenters(Who who) const { return kind == Kind::kRLock && holds(who); }
  void grant(Time now, const Wish& wish) {
    holder = wish;
    late_.reset();
    lease_ends_.reset();
    if (wish.lease) lease_ends_ = now + *wish.lease;
    answers.push_back(absl::StrCat(
        wish.who.ticket, " ", wish.told,
        kind == Kind::kRLock && wish.condition == 0 ? absl::StrCat(", count ", wish.count) : "",
        died_ ? ", after a death" : ""));
    died_ = false;
  }

  std::optional<Time> lease_ends_;
  std::optional<Owner> late_;  // whose lease ran out, until the next grant
  bool died_ = false;
};

}  // namespace mp::server::test
