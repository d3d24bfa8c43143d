#pragma once

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"

namespace mp::server::test {

// A read-write lock as simple as it can be told, and whoever stands in line for it: what a property
// test compares the real one with. What an event answers is in `answers`.
class RWLockModel {
 public:
  struct Wish {
    Who who;
    bool writes;
    std::optional<Duration> lease;
  };
  struct Hold {
    Ticket granted_to;
    Owner owner;
    bool writes;
    std::uint64_t count;
    std::optional<Time> lease_ends;
  };

  // Granted, refused, or none: it stands in line.
  std::optional<std::string> acquire(Time now, const Wish& wish, bool may_pass_the_line = false) {
    const Owner owner = wish.who.owner;
    if (Hold* mine = hold(owner, wish.writes)) {
      ++mine->count;
      return absl::StrCat(wish.who.ticket, " granted");
    }
    if (wish.writes && hold(owner, false) != nullptr)
      return absl::StrCat(wish.who.ticket, " DEADLOCK");
    if (hold(owner, true) == nullptr) {
      const bool line_is_empty =
          std::ranges::none_of(line, [&](const Wish& w) { return alive(w); });
      if (!is_free(wish.writes) || !(line_is_empty || may_pass_the_line)) return std::nullopt;
    }
    return grant(now, wish);
  }
  std::string release(Who who, bool writes) {
    Hold* mine = hold(who.owner, writes);
    if (mine == nullptr) return "NOT_OWNER";
    if (--mine->count == 0) drop(mine);
    return "done";
  }
  bool leave(Ticket ticket) {
    return std::erase_if(line, [&](const Wish& w) { return w.who.ticket == ticket; }) != 0;
  }
  void end_session(SessionId session) {
    dead.insert(session);
    std::erase_if(line, [&](const Wish& w) { return w.who.owner.session == session; });
    end_if([&](const Hold& h) { return h.owner.session == session; });
  }
  void turn_clock(Time now) {
    end_if([&](const Hold& h) { return h.lease_ends && *h.lease_ends <= now; });
  }
  void take_back(Ticket granted_to, bool after_death) {
    const auto at = std::ranges::find(holds, granted_to, &Hold::granted_to);
    if (at == holds.end() || --at->count != 0) return;
    if (at->writes) writer_died = after_death;
    holds.erase(at);
  }
  // At the end of every event.
  void proceed(Time now) {
    while (!line.empty()) {
      const Wish first = line.front();
      if (alive(first) && !is_free(first.writes)) return;
      line.pop_front();
      if (!alive(first)) continue;
      answers.push_back(*acquire(now, first, true));
      std::erase_if(line, [&](const Wish& w) {
        const bool same = w.who.owner == first.who.owner;
        if (same) answers.push_back(*acquire(now, w, true));
        return same;
      });
    }
  }

  Hold* hold(Owner owner, bool writes) {
    const auto at = std::ranges::find_if(
        holds, [&](const Hold& h) { return h.owner == owner && h.writes == writes; });
    return at == holds.end() ? nullptr : &*at;
  }
  std::set<Ticket> waiting() const {
    std::set<Ticket> tickets;
    for (const Wish& wish : line) tickets.insert(wish.who.ticket);
    return tickets;
  }

  std::vector<std::string> answers;
  std::deque<Wish> line;
  std::vector<Hold> holds;
  std::set<SessionId> dead;  // swept or not
  bool writer_died = false;

 private:
  bool alive(const Wish& wish) const { return !dead.contains(wish.who.owner.session); }
  bool is_free(bool to_write) const {
    return std::ranges::none_of(holds, [&](const Hold& h) { return h.writes || to_write; });
  }
  std::string grant(Time now, const Wish& wish) {
    holds.push_back({wish.who.ticket, wish.who.owner, wish.writes, 1, {}});
    if (wish.lease) holds.back().lease_ends = now + *wish.lease;
    const bool died = writer_died;
    if (wish.writes) writer_died = false;
    return absl::StrCat(wish.who.ticket, " granted", died ? ", after a death" : "");
  }
  void drop(const Hold* which) { holds.erase(holds.begin() + (which - holds.data())); }
  template <class Condition>
  void end_if(Condition condition) {
    std::erase_if(holds, [&](const Hold& h) {
      if (!condition(h)) return false;
      writer_died |= h.writes;
      return true;
    });
  }
};

}  // namespace mp::server::test
