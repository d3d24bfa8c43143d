#pragma once

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/lock_model.h"

namespace mp::server::test {

// A lock, and conditions over it, which are counted from 1.
//
// A notification is for one who waits: if that one ends, or gives up, before it has the lock, or
// its outcome is lost, it is passed on to the next one. (If the outcome had arrived all the same,
// two have it: a waiter that wakes in vain does no harm, and one that sleeps for ever does.)
class ConditionModel : public LockModel {
  static auto find(auto& waiters, Ticket ticket) {
    return std::ranges::find_if(waiters,
                                [&](const Wish& wish) { return wish.who.ticket == ticket; });
  }

 public:
  ConditionModel(Kind lock_kind, std::size_t conditions)
      : LockModel(lock_kind), asleep(conditions), wakes(conditions) {}

  // False: the caller does not hold the lock.
  bool wait(Who who, std::size_t condition) {
    if (!holds(who)) return false;
    asleep[condition - 1].push_back({.who = who,
                                     .lease = holder->lease,
                                     .count = holder->count,
                                     .told = {},
                                     .condition = condition});
    free(false);
    return true;
  }
  std::string notify(Who who, std::size_t condition, std::uint64_t count) {
    if (!holds(who)) return "NOT_OWNER";
    std::uint64_t& woken = wakes[condition - 1];
    const std::uint64_t more = std::min<std::uint64_t>(count, asleep[condition - 1].size() - woken);
    woken += more;
    return absl::StrCat(more);
  }
  // Nothing to one who is on its way to the lock already.
  void time_out(Ticket ticket) {
    for (std::deque<Wish>& waiters : asleep) {
      const auto at = find(waiters, ticket);
      if (at == waiters.end()) continue;
      Wish wish = *at;
      waiters.erase(at);
      send(wish, "timed out");
    }
  }
  void leave(Ticket ticket) {
    for (std::deque<Wish>& waiters : asleep) {
      if (const auto at = find(waiters, ticket); at != waiters.end()) waiters.erase(at);
    }
    LockModel::leave(ticket);
  }
  void end_session(SessionId session) {
    LockModel::end_session(session);
    for (std::deque<Wish>& waiters : asleep)
      std::erase_if(waiters, [&](const Wish& w) { return w.who.owner.session == session; });
  }
  void take_back_wait(Ticket ticket, std::size_t condition, const v1::ConditionWaitReply& reply) {
    if (holder && holder->who.ticket == ticket) free(reply.previous_owner_died());
    if (reply.notified()) ++wakes[condition - 1];
  }
  void proceed(Time now) {
    for (std::size_t condition = 1; condition <= asleep.size(); ++condition) {
      while (wakes[condition - 1] != 0 && wake_next(condition)) --wakes[condition - 1];
      wakes[condition - 1] = 0;
    }
    LockModel::proceed(now);
  }

  std::set<Ticket> waiting() const {
    std::set<Ticket> tickets = LockModel::waiting();
    for (const std::deque<Wish>& waiters : asleep) {
      for (const Wish& wish : waiters) tickets.insert(wish.who.ticket);
    }
    return tickets;
  }

  std::vector<std::deque<Wish>> asleep;
  std::vector<std::uint64_t> wakes;  // how many of them are notified, before the next proceed()

 private:
  void send(Wish wish, const std::string& told) {
    wish.told = told;
    line.push_back(wish);
  }
  // The first who is alive goes into the lock's line; false if there is none.
  bool wake_next(std::size_t condition) {
    std::deque<Wish>& waiters = asleep[condition - 1];
    while (!waiters.empty() && dead.contains(waiters.front().who.owner.session))
      waiters.pop_front();
    if (waiters.empty()) return false;
    send(waiters.front(), "notified");
    waiters.pop_front();
    return true;
  }
  void lost(const Wish& wish) override {
    if (wish.condition != 0 && wish.told == "notified") wake_next(wish.condition);
  }
};

}  // namespace mp::server::test
