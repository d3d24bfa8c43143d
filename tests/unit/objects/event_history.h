#pragma once

#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/random_history.h"

namespace mp::server::test {

// Random events of an object that is waited for and owned, against a model, which has: `answers`,
// what the event answers in order; `dead`, the sessions that have ended; waiting(); leave(ticket),
// end_session(session) and turn_clock(now); proceed(now), the end of every event.
//
// That a waiter is answered once at most, and nothing is granted to the dead, is seen to by the
// harness.
template <class Model>
class EventHistory : protected Dice {
 public:
  EventHistory(unsigned seed, Model model, const google::protobuf::Message& create)
      : Dice(seed), model_(std::move(model)), object_(create) {}
  virtual ~EventHistory() = default;
  EventHistory(const EventHistory&) = delete;
  EventHistory& operator=(const EventHistory&) = delete;

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      one_event();
      EXPECT_EQ(alive_of(object_.parked()), alive_of(model_.waiting()));
      check();
    }
  }

 protected:
  // What it has given, and may be taken back.
  struct Given {
    Ticket granted_to;  // the command that its grant was for
    Result result;
  };

  virtual void acquire() = 0;
  virtual void release() = 0;
  // One operation, of the model and the object; true if it was done.
  virtual bool one_of_a_batch(UndoLog& undo) = 0;
  virtual void take_back_from_model(const Given& given) = 0;
  // What an outcome says, as the model says it.
  virtual std::string said(const Result& result) = 0;
  // The object is as the model.
  virtual void check() = 0;

  virtual void one_event() {
    const int dice = below(100);
    if (dice < 34) return acquire();
    if (dice < 59) return release();
    if (dice < 64) return batch();
    if (dice < 71) return end_wait();
    if (dice < 76) return take_back();
    if (dice < 86) return turn_clock();
    if (dice < 90) return kill();
    end_session();
  }

  // A few operations at once, which are undone if one of them fails, and sometimes so.
  void batch() {
    const Model before = model_;
    UndoLog undo;
    bool failed = false;
    for (int left = 1 + below(4); left > 0 && !failed; --left) failed = !one_of_a_batch(undo);
    if (failed || one_in(2)) {
      undo.run();
      model_ = before;
    }
    compare(object_.settle());
  }
  // True if it was no error.
  bool agree(const std::string& expected, const Result& result) {
    EXPECT_EQ(absl::StrCat(result.ticket, " ", said(result)), expected);
    return !result.outcome.has_error();
  }
  void end_wait() {
    const std::set<Ticket> all = alive_of(model_.waiting());
    if (all.empty()) return;
    const Ticket ticket = one_of(all);
    if (one_in(2)) {
      expire(ticket);
    } else {
      model_.leave(ticket);
      compare(object_.abandon(ticket));
    }
  }
  virtual void expire(Ticket ticket) {
    model_.leave(ticket);
    tell(ticket, "not granted");
    compare(object_.expire(ticket));
  }
  // Of some command of old, or of the last one; each once.
  void take_back() {
    if (given_.empty()) return;
    const auto at = one_in(2) ? std::prev(given_.end())
                              : std::next(given_.begin(), below(static_cast<int>(given_.size())));
    const Given given = at->second;
    given_.erase(at);
    take_back_from_model(given);
    compare(object_.take_back(given.result));
  }
  // The model is told the new time; the object's clock is turned to it.
  void turn_clock() {
    constexpr std::chrono::seconds kOne(1);
    model_.turn_clock(object_.now() + kOne);
    model_.proceed(object_.now() + kOne);
    compare(object_.advance(kOne));
  }
  void kill() {
    const SessionId session = people_.kill();
    model_.dead.insert(session);
    object_.kill(session);
  }
  void end_session() {
    const SessionId session = people_.sweep();
    model_.end_session(session);
    compare(one_in(2) ? object_.owner_gone(session) : object_.owner_closed(session));
    // Nothing of it is left, so that its end is no news.
    compare(object_.owner_gone(session));
  }

  // A time that something is held at most: on the wire too, or none.
  std::optional<Duration> some_lease(auto& request) {
    if (!one_in(3)) return std::nullopt;
    const int seconds = 1 + below(4);
    request.mutable_lease()->set_seconds(seconds);
    return std::chrono::seconds(seconds);
  }

  void tell(Ticket ticket, const std::string& what) {
    model_.answers.push_back(absl::StrCat(ticket, " ", what));
  }
  void compare(const Results& results) {
    model_.proceed(object_.now());
    std::vector<std::string> answers;
    for (const Result& result : results)
      answers.push_back(absl::StrCat(result.ticket, " ", said(result)));
    EXPECT_EQ(answers, model_.answers);
    model_.answers.clear();
  }
  // A grant and its token, 0 if it has none.
  void remember(const Result& result, std::uint64_t token) {
    Ticket granted_to = result.ticket;
    if (token != 0) {
      const auto [grant, is_new] = grants_.emplace(token, result.ticket);
      EXPECT_TRUE(!is_new || token == grants_.rbegin()->first) << "tokens only grow";
      granted_to = grant->second;
    }
    given_.emplace(result.ticket, Given{granted_to, result});
  }
  std::set<Ticket> alive_of(std::set<Ticket> tickets) const {
    std::erase_if(tickets, [&](Ticket ticket) { return object_.is_dead(ticket); });
    return tickets;
  }

  Model model_;
  Shell object_;
  Population people_{*this};
  std::map<std::uint64_t, Ticket> grants_;  // every token, and the command that it was granted to
  std::map<Ticket, Given> given_;           // what was granted and not taken back
};

}  // namespace mp::server::test
