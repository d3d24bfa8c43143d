#pragma once

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/unit/objects/harness.h"

namespace mp::server::test {

// What a queue does, said simply: whenever something has happened, let the first of the putters
// proceed if it can, and then the first of the getters, until neither can.
class QueueModel {
 public:
  struct Options {
    std::size_t maxsize = 0;
    bool until_confirmed = false;
    bool close_when_producers_gone = false;
    v1::Order order = v1::FIFO;
    int max_deliveries = 0;
  };
  enum class Does { kPut, kGet, kJoin };
  struct Waiter {
    Who who;
    Does does;
    std::vector<int> values{};  // put
    std::size_t most = 0;       // got
    int due = 0;                // when they enter the queue; 0: at once
  };
  struct Item {
    int value;
    int deliveries;
    Owner owner{};  // of one that is delivered
  };

  explicit QueueModel(const Options& options) : options_(options) {}

  void arrive(const Waiter& waiter) {
    const Ticket ticket = waiter.who.ticket;
    if (waiter.does == Does::kPut) {
      if (options_.maxsize != 0 && waiter.values.size() > options_.maxsize)
        return answer(ticket, "VALUE_ERROR");
      if (!open) return answer(ticket, "SHUT_DOWN");
      add_producer(waiter.who);
    }
    waiters.push_back(waiter);
    proceed();
  }
  void leave_line(Ticket ticket) {
    std::erase_if(waiters, [&](const Waiter& w) { return w.who.ticket == ticket; });
    proceed();
  }
  void expire(Ticket ticket) {
    const auto at =
        std::ranges::find(waiters, ticket, [](const Waiter& w) { return w.who.ticket; });
    answer(ticket, at->does == Does::kPut   ? "FULL"
                   : at->does == Does::kGet ? "EMPTY"
                                            : "finished=false");
    leave_line(ticket);
  }
  // It is dead, and not swept yet: nothing is granted to it any more.
  void kill(SessionId session) {
    std::erase_if(waiters, [&](const Waiter& w) { return w.who.owner.session == session; });
  }
  void sweep(SessionId session) {
    kill(session);
    for (auto at = delivered.begin(); at != delivered.end();) {
      const auto one = at++;
      if (one->second.owner.session == session) come_back(delivered.extract(one), 0);
    }
    remove_producer(session);
    proceed();
  }
  void shutdown(Who who, bool immediate) {
    answer(who.ticket, "done");
    open = false;
    if (immediate) {
      dropping_ = true;
      while (!items.empty()) drop(items.extract(items.begin()).mapped().value);
      while (!delayed.empty()) drop(delayed.extract(delayed.begin()).mapped());
    }
    proceed();
  }
  // The outcome with this item never arrived.
  void take_back(int number, const Item& item) {
    if (options_.until_confirmed) {
      auto node = delivered.extract(number);
      if (!node.empty()) come_back(std::move(node), 1);
    } else {
      std::map<int, Item> one{{number, item}};
      come_back(one.extract(number), 1);
    }
  }
  void task_done(Who who, int number) {
    int done = 0;
    if (unfinished == 0) return answer(who.ticket, "VALUE_ERROR");
    if (options_.until_confirmed) {
      done = number != 0 ? number : oldest_of(who);
      const bool confirmed_before =
          number == 0 && done == 0 && unfinished > items.size() + delayed.size() + delivered.size();
      if (!confirmed_before && !confirm_one(who, done)) return answer(who.ticket, "VALUE_ERROR");
    }
    --unfinished;
    answer(who.ticket, absl::StrCat("unfinished=", unfinished));
    proceed();
  }
  void confirm(Who who, const std::set<int>& numbers) {
    const bool all_theirs =
        std::ranges::all_of(numbers, [&](int number) { return is_theirs(who, number); });
    if (!options_.until_confirmed || !all_theirs) return answer(who.ticket, "VALUE_ERROR");
    for (const int number : numbers) confirm_one(who, number);
    answer(who.ticket, "done");
    proceed();
  }
  void enlist(Who who) {
    if (!open) return answer(who.ticket, "SHUT_DOWN");
    add_producer(who);
    answer(who.ticket, "done");
  }
  void leave(Who who) {
    answer(who.ticket, "done");
    remove_producer(who.owner.session);
    proceed();
  }
  void turn_clock_to(int time) {
    now = time;
    while (!delayed.empty() && delayed.begin()->first.first <= now) {
      items.insert(
          {++last_number_, {.value = delayed.extract(delayed.begin()).mapped(), .deliveries = 0}});
    }
    proceed();
  }
  void proceed() {
    for (bool moved = true; moved;) {
      moved = step(Does::kPut);
      moved = step(Does::kGet) || moved;
    }
    if (!open) answer_all(Does::kPut, "SHUT_DOWN");
    if (!open) answer_if("SHUT_DOWN", [&](const Waiter& w) { return is_over_for(w); });
    if (unfinished == 0) answer_all(Does::kJoin, "finished=true");
  }

  static std::string text(int number, const Item& item) {
    return absl::StrCat(item.value, "#", number, "x", item.deliveries);
  }

  std::vector<std::string> answers;
  std::deque<Waiter> waiters;
  std::map<int, Item> items;  // by number
  std::map<int, Item> delivered;
  std::map<std::pair<int, int>, int> delayed;  // values by when they are due, and order of the puts
  std::multiset<int> accepted;                 // values
  std::multiset<int> confirmed;
  std::multiset<int> dropped;
  std::set<SessionId> producers;
  std::size_t unfinished = 0;
  std::size_t dead = 0;
  int now = 0;
  bool open = true;

 private:
  void answer(Ticket ticket, const std::string& outcome) {
    answers.push_back(absl::StrCat(ticket, " ", outcome));
  }
  void answer_all(Does does, const std::string& outcome) {
    answer_if(outcome, [&](const Waiter& w) { return w.does == does; });
  }
  template <class Condition>
  void answer_if(const std::string& outcome, Condition condition) {
    std::erase_if(waiters, [&](const Waiter& w) {
      const bool meets = condition(w);
      if (meets) answer(w.who.ticket, outcome);
      return meets;
    });
  }
  // A getter for whom nothing is left that could come back.
  bool is_over_for(const Waiter& w) const {
    const auto of_another = [&](const auto& each) {
      return each.second.owner.session != w.who.owner.session;
    };
    return w.does == Does::kGet &&
           (dropping_ || (delayed.empty() && std::ranges::none_of(delivered, of_another)));
  }
  // One behind the first of its sort that cannot waits too.
  bool step(Does does) {
    const auto at = std::ranges::find(waiters, does, &Waiter::does);
    if (at == waiters.end() || !can(*at)) return false;
    const Waiter waiter = *at;
    waiters.erase(at);
    complete(waiter);
    return true;
  }
  bool can(const Waiter& w) const {
    if (w.does == Does::kGet) return !items.empty();
    return w.does == Does::kPut && open &&
           (options_.maxsize == 0 ||
            items.size() + delayed.size() + w.values.size() <= options_.maxsize);
  }
  void complete(const Waiter& waiter) {
    if (waiter.does == Does::kPut) {
      for (const int value : waiter.values) {
        if (waiter.due > now) {
          delayed.insert({{waiter.due, ++last_delayed_}, value});
        } else {
          items.insert({++last_number_, {.value = value, .deliveries = 0}});
        }
        accepted.insert(value);
        ++unfinished;
      }
      return answer(waiter.who.ticket, "done");
    }
    std::vector<std::string> got;
    while (got.size() < waiter.most && !items.empty()) {
      auto node = items.extract(next());
      ++node.mapped().deliveries;
      node.mapped().owner = waiter.who.owner;
      got.push_back(text(node.key(), node.mapped()));
      if (options_.until_confirmed) delivered.insert(std::move(node));
    }
    answer(waiter.who.ticket, absl::StrJoin(got, " "));
  }
  std::map<int, Item>::const_iterator next() const {
    if (options_.order == v1::LIFO) return std::prev(items.end());
    if (options_.order == v1::FIFO) return items.begin();
    return std::ranges::min_element(items, {}, [](const auto& item) { return item.second.value; });
  }
  void come_back(std::map<int, Item>::node_type node, int never_arrived) {
    node.mapped().deliveries -= never_arrived;
    const bool is_dead = never_arrived == 0 && options_.max_deliveries != 0 &&
                         node.mapped().deliveries >= options_.max_deliveries;
    if (dropping_ || is_dead) {
      drop(node.mapped().value);
      if (!dropping_) ++dead;
    } else {
      items.insert(std::move(node));
      unfinished = std::max(unfinished, items.size() + delayed.size());
    }
  }
  void drop(int value) {
    dropped.insert(value);
    if (unfinished != 0) --unfinished;
  }
  bool is_theirs(Who who, int number) const {
    const auto at = delivered.find(number);
    return at != delivered.end() && at->second.owner.session == who.owner.session;
  }
  bool confirm_one(Who who, int number) {
    if (!is_theirs(who, number)) return false;
    confirmed.insert(delivered.extract(number).mapped().value);
    return true;
  }
  int oldest_of(Who who) const {
    int of_session = 0;
    for (const auto& [number, item] : delivered) {
      if (item.owner == who.owner) return number;
      if (of_session == 0 && is_theirs(who, number)) of_session = number;
    }
    return of_session;
  }
  void add_producer(Who who) {
    if (options_.close_when_producers_gone) producers.insert(who.owner.session);
  }
  void remove_producer(SessionId session) {
    if (producers.erase(session) != 0 && producers.empty()) open = false;
  }

  const Options options_;
  bool dropping_ = false;
  int last_number_ = 0;
  int last_delayed_ = 0;
};

}  // namespace mp::server::test
