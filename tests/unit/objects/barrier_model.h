#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"

namespace mp::server::test {

// A barrier as simple as it can be told: what a property test compares the real one with. Nothing
// is put off here, but that the line moves on at the end of each event: proceed().
class BarrierModel {
 public:
  struct Waiter {
    Who who;
    bool has_action;
  };
  struct Action {
    Owner runner;
    std::map<std::uint64_t, Who> members;  // by index
  };
  enum class Broken { kNot, kByDeath, kOtherwise };

  explicit BarrierModel(std::uint64_t number_of_parties) : parties(number_of_parties) {}

  static std::string passage(std::uint64_t index, std::uint64_t generation, bool runs_action) {
    return absl::StrCat("index ", index, " of generation ", generation,
                        runs_action ? ", runs" : "");
  }

  enum class Patience { kNone, kForever };
  void wait(const Waiter& waiter, Patience patience) {
    if (waiter.has_action && waiter.who.owner.session == 0) {
      answers[waiter.who.ticket] = "NO_SESSION";
    } else if (broken != Broken::kNot) {
      answers[waiter.who.ticket] = "BROKEN_BARRIER";
    } else {
      line.push_back(waiter);
      const bool is_last = !action && line.size() == parties && all_alive();
      if (patience == Patience::kNone && !is_last) time_out();
    }
  }
  // Somebody's time has run out.
  void time_out() { break_by(Broken::kOtherwise); }
  std::string finish(Owner caller, std::uint64_t of_generation, bool failed) {
    if (!action || of_generation != generation) return "BROKEN_BARRIER";
    if (action->runner.session != caller.session) return "NOT_OWNER";
    if (failed) {
      break_by(Broken::kOtherwise);
      return "done";
    }
    std::uint64_t passed = 1;
    for (const auto& [index, who] : action->members) {
      know(who.owner);
      if (dying.contains(who.owner.session)) {
        passed_over.insert(who.ticket);
      } else {
        ++passed;
        answers[who.ticket] = passage(index, generation, false);
      }
    }
    if (passed == parties) complete.insert(generation);
    know(action->runner);
    action.reset();
    ++generation;
    return "done";
  }
  void abort() { break_by(Broken::kOtherwise); }
  void reset() {
    fail_all();
    broken = Broken::kNot;
    ++generation;
  }
  std::string enlist(Owner caller) {
    if (caller.session == 0) return "NO_SESSION";
    know(caller);
    return "done";
  }
  void abandon(Ticket ticket) {
    std::erase_if(line, [&](const Waiter& w) { return w.who.ticket == ticket; });
    if (action) std::erase_if(action->members, [&](auto& m) { return m.second.ticket == ticket; });
  }
  // A session has died, or was closed.
  void end_session(SessionId session, bool died) {
    const auto its_wait = [&](const Who& who) { return who.owner.session == session; };
    bool breaks = action && action->runner.session == session;
    breaks |= std::erase_if(line, [&](const Waiter& w) { return its_wait(w.who); }) != 0;
    if (action) {
      breaks |= std::erase_if(action->members, [&](auto& m) { return its_wait(m.second); }) != 0;
    }
    const bool was_known =
        std::erase_if(known, [&](const auto& party) { return party.first == session; }) != 0;
    breaks |= died && was_known;
    if (breaks && broken == Broken::kNot) {
      for (const Waiter& waiter : line) know(waiter.who.owner);
      if (action) {
        for (const auto& [index, who] : action->members) know(who.owner);
        if (action->runner.session != session) know(action->runner);
      }
      break_by(Broken::kByDeath);
    }
    if (broken == Broken::kByDeath && known.empty()) {
      broken = Broken::kNot;
      ++generation;
    }
  }
  void take_back(std::uint64_t of_generation, bool runs_action) {
    if (runs_action && action && generation == of_generation) break_by(Broken::kOtherwise);
  }

  void proceed() {
    while (!action && line.size() >= parties && all_alive()) {
      const auto end_of_generation = line.begin() + static_cast<std::ptrdiff_t>(parties);
      const std::vector<Waiter> all(line.begin(), end_of_generation);
      line.erase(line.begin(), end_of_generation);
      if (std::ranges::any_of(all, &Waiter::has_action)) {
        begin_action(all);
      } else {
        for (std::uint64_t index = 0; index < parties; ++index) {
          know(all[index].who.owner);
          answers[all[index].who.ticket] = passage(index, generation, false);
        }
        complete.insert(generation++);
      }
    }
  }

  std::set<Ticket> waiting() const {
    std::set<Ticket> all;
    for (const Waiter& waiter : line) all.insert(waiter.who.ticket);
    if (!action) return all;
    for (const auto& [index, who] : action->members) all.insert(who.ticket);
    return all;
  }
  std::string state() const {
    return absl::StrCat("parties=", parties, " waiting=", waiting().size(),
                        " broken=", broken == Broken::kNot ? "False" : "True",
                        " generation=", generation, " known=", known.size());
  }

  std::uint64_t parties;
  std::uint64_t generation = 1;
  Broken broken = Broken::kNot;
  std::vector<Waiter> line;
  std::optional<Action> action;
  std::set<std::pair<SessionId, std::uint64_t>> known;
  std::set<SessionId> dying;         // not swept yet
  std::set<Ticket> passed_over;      // of the dying
  std::set<std::uint64_t> complete;  // generations that all have passed
  std::map<Ticket, std::string> answers;

 private:
  void begin_action(const std::vector<Waiter>& all) {
    action.emplace();
    bool chosen = false;
    for (std::uint64_t index = parties; index-- > 0;) {
      const Who& who = all[index].who;
      if (all[index].has_action && !chosen) {
        chosen = true;
        action->runner = who.owner;
        answers[who.ticket] = passage(index, generation, true);
      } else {
        action->members.emplace(index, who);
      }
    }
  }
  bool all_alive() const {
    return std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(parties),
                       [&](const Waiter& w) { return !dying.contains(w.who.owner.session); });
  }
  void know(Owner owner) {
    if (owner.session != 0) known.emplace(owner.session, owner.handle);
  }
  void break_by(Broken reason) {
    fail_all();
    broken = reason;
  }
  void fail_all() {
    for (const Ticket ticket : waiting()) answers[ticket] = "BROKEN_BARRIER";
    line.clear();
    action.reset();
  }
};

}  // namespace mp::server::test
