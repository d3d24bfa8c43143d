#include <map>
#include <set>

#include "server/objects/event.h"
#include "tests/unit/objects/random_history.h"

// Random sequences of events against a model: nobody waits while the flag is set, each wait is
// answered once at most, and nothing is left of a session that ended.

namespace mp::server {
namespace {

using test::Result;
using test::Results;
using test::Who;

class EventProperty : test::Dice {
 public:
  explicit EventProperty(unsigned seed) : Dice(seed) {}

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      one_event();
    }
  }

 private:
  using Answers = std::map<Ticket, std::string>;

  void one_event() {
    const int dice = below(100);
    if (dice < 45) {
      wait();
    } else if (dice < 70) {
      turn(one_in(2));
    } else if (dice < 80) {
      batch();
    } else if (dice < 90) {
      end_wait();
    } else {
      end_session();
    }
  }

  void wait() {
    const Who who(++last_ticket_, one_of(sessions_));
    v1::EventWaitRequest request;
    if (one_in(4)) request.mutable_timeout();
    Answers expected;
    if (set_ || request.has_timeout()) {
      expected[who.ticket] = set_ ? "True" : "False";
    } else {
      waiting_[who.ticket] = who.owner.session;
    }
    check(event_.run(who, request), expected);
  }
  void turn(bool set) {
    const Who who(++last_ticket_, one_of(sessions_));
    set_ = set;
    Answers expected = woken();
    expected[who.ticket] = "done";
    check(set ? event_.run(who, v1::EventSetRequest()) : event_.run(who, v1::EventClearRequest()),
          expected);
  }
  // What it leaves the flag at is what counts; nothing if it is undone.
  void batch() {
    const bool before = set_;
    UndoLog undo;
    for (int left = 1 + below(3); left > 0; --left) {
      const Who who(++last_ticket_, one_of(sessions_));
      set_ = one_in(2);
      if (set_) {
        event_.run_in_batch(who, v1::EventSetRequest(), undo);
      } else {
        event_.run_in_batch(who, v1::EventClearRequest(), undo);
      }
    }
    if (one_in(2)) {
      undo.run();
      set_ = before;
    }
    check(event_.settle(), woken());
  }
  void end_wait() {
    if (waiting_.empty()) return;
    const Ticket ticket = one_of(waiting_).first;
    waiting_.erase(ticket);
    if (one_in(2)) {
      check(event_.abandon(ticket), {});
    } else {
      check(event_.expire(ticket), {{ticket, "False"}});
    }
  }
  void end_session() {
    const SessionId session = one_of(sessions_);
    std::erase_if(waiting_, [&](const auto& waiter) { return waiter.second == session; });
    sessions_.erase(session);
    sessions_.insert(++last_session_);
    check(event_.owner_gone(session), {});
  }

  // Whom the flag wakes now.
  Answers woken() {
    Answers all;
    if (!set_) return all;
    for (const auto& [ticket, session] : waiting_) all[ticket] = "True";
    waiting_.clear();
    return all;
  }
  void check(const Results& results, const Answers& expected) {
    Answers answers;
    for (const Result& result : results) {
      EXPECT_TRUE(answered_.insert(result.ticket).second) << result.ticket << " is answered twice";
      answers[result.ticket] = test::text(result.outcome);
    }
    EXPECT_EQ(answers, expected);
    std::set<Ticket> waiting;
    for (const auto& [ticket, session] : waiting_) waiting.insert(ticket);
    EXPECT_EQ(event_.parked(), waiting);
    EXPECT_EQ(event_.ask(v1::EventIsSetRequest()), set_ ? "True" : "False");
  }

  test::Shell event_{v1::EventCreateRequest()};
  bool set_ = false;
  std::map<Ticket, SessionId> waiting_;
  std::set<SessionId> sessions_{1, 2, 3};
  SessionId last_session_ = 3;
  Ticket last_ticket_ = 0;
  std::set<Ticket> answered_;
};

TEST(EventPropertyTest, BehavesAsItsModelUnderRandomEvents) {
  test::for_each_seed(1000, [](unsigned seed) { EventProperty(seed).run(60); });
}

}  // namespace
}  // namespace mp::server
