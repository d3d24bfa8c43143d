#pragma once

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "mp/v1/semaphore.pb.h"
#include "tests/unit/objects/harness.h"

namespace mp::server::test {

// A semaphore as simple as it can be told: what a property test compares the real one with. What an
// event answers is in `answers`.
class SemaphoreModel {
 public:
  struct Wish {
    Who who;
    std::optional<Duration> lease;
  };
  struct Permit {
    Ticket granted_to;
    Owner owner;
    std::optional<Time> lease_ends;
  };

  explicit SemaphoreModel(const v1::SemaphoreCreateRequest& request)
      : bounded(request.bounded()),
        signal(request.signal()),
        value(request.value()),
        most(bounded ? value : std::numeric_limits<std::int64_t>::max()) {}

  void acquire(Time now, const Wish& wish) {
    if (wish.who.owner.session == 0 && !signal) {
      answers.push_back(absl::StrCat(wish.who.ticket, " NO_SESSION"));
    } else {
      line.push_back(wish);
      proceed(now);
    }
  }
  // Who waits already is not served before the end of the batch.
  std::string acquire_in_batch(Time now, const Wish& wish) {
    if (wish.who.owner.session == 0 && !signal) return absl::StrCat(wish.who.ticket, " NO_SESSION");
    if (value == 0) return absl::StrCat(wish.who.ticket, " WOULD_BLOCK");
    grant(now, wish);
    std::string answer = answers.back();
    answers.pop_back();
    return answer;
  }
  // `permit`: the command that the permit with the token of the request was granted to, or 0.
  std::string release(Owner owner, std::uint64_t count, Ticket permit) {
    if (count > most - value) return "VALUE_ERROR";
    if (permit != 0 && !signal) {
      if (count != 1 || !is_held(permit)) return "NOT_OWNER";
      end_if([&](const Permit& each) { return each.granted_to == permit; });
    } else if (!signal && !end_last(owner, count)) {
      signal = true;
      permits.clear();
    }
    value += count;
    return "done";
  }

  void leave(Ticket ticket) {
    std::erase_if(line, [&](const Wish& wish) { return wish.who.ticket == ticket; });
  }
  void end_session(SessionId session) {
    dead.insert(session);
    std::erase_if(line, [&](const Wish& wish) { return wish.who.owner.session == session; });
    come_back(end_if([&](const Permit& each) { return each.owner.session == session; }));
  }
  void take_back(Ticket granted_to, bool after_death) {
    const bool ended = end_if([&](const Permit& p) { return p.granted_to == granted_to; }) != 0;
    if ((!ended && !signal) || value == most) return;
    ++value;
    died += after_death ? 1U : 0U;
  }
  // Leases end one after the other, and each time somebody may go on.
  void turn_clock(Time now) {
    const auto over = [&](const Permit& each) {
      return each.lease_ends && *each.lease_ends <= now;
    };
    for (auto at = permits.begin(); (at = std::ranges::find_if(permits, over)) != permits.end();) {
      permits.erase(at);
      come_back(1);
      proceed(now);
    }
  }
  // At the end of every event: whoever is first in line, and alive, gets what there is.
  void proceed(Time now) {
    while (value != 0 && !line.empty()) {
      const Wish wish = line.front();
      line.pop_front();
      if (!dead.contains(wish.who.owner.session)) grant(now, wish);
    }
  }

  bool is_held(Ticket granted_to) const {
    return std::ranges::find(permits, granted_to, &Permit::granted_to) != permits.end();
  }
  std::set<Ticket> waiting() const {
    std::set<Ticket> tickets;
    for (const Wish& wish : line) tickets.insert(wish.who.ticket);
    return tickets;
  }
  std::string state() const {
    const auto said = [](bool yes) { return yes ? "True" : "False"; };
    return absl::StrCat("value=", value, " bounded=", said(bounded), " signal=", said(signal));
  }

  bool bounded;
  bool signal;
  std::uint64_t value;
  std::uint64_t most;
  std::uint64_t died = 0;  // of them: came back from the dead
  std::vector<Permit> permits;
  std::deque<Wish> line;
  std::set<SessionId> dead;  // swept or not
  std::vector<std::string> answers;

 private:
  void grant(Time now, const Wish& wish) {
    --value;
    answers.push_back(absl::StrCat(wish.who.ticket, " granted", signal ? ", nobody's" : "",
                                   died != 0 ? ", after a death" : ""));
    died -= std::min<std::uint64_t>(died, 1);
    if (signal) return;
    permits.push_back({wish.who.ticket, wish.who.owner, {}});
    if (wish.lease) permits.back().lease_ends = now + *wish.lease;
  }
  template <class Condition>
  std::uint64_t end_if(Condition condition) {
    return std::erase_if(permits, condition);
  }
  // False if the owner has none.
  bool end_last(Owner owner, std::uint64_t count) {
    bool any = false;
    for (; count != 0; --count) {
      const auto last = std::find_if(permits.rbegin(), permits.rend(),
                                     [&](const Permit& each) { return each.owner == owner; });
      if (last == permits.rend()) break;
      permits.erase(std::next(last).base());
      any = true;
    }
    return any;
  }
  void come_back(std::uint64_t ended) {
    ended = std::min(ended, most - value);
    value += ended;
    died += ended;
  }
};

}  // namespace mp::server::test
