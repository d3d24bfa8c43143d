#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/objects/event.h"
#include "tests/unit/objects/harness.h"

// Random sequences of events against a model: nobody waits while the flag is set, each wait is
// answered once at most, and nothing is left of a session that ended.

namespace mp::server {
namespace {

using test::Result;
using test::Results;
using test::Who;

class EventProperty {
 public:
  explicit EventProperty(unsigned seed) : random_(seed) {}

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      one_event();
    }
  }

 private:
  using Answers = std::map<Ticket, std::string>;

  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  template <class All>
  const auto& one_of(const All& all) {
    return *std::next(all.begin(), below(static_cast<int>(all.size())));
  }

  void one_event() {
    const int dice = below(100);
    if (dice < 45) {
      wait();
    } else if (dice < 70) {
      turn(below(2) == 0);
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
    if (below(4) == 0) request.mutable_timeout();
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
      set_ = below(2) == 0;
      if (set_) {
        event_.run_in_batch(who, v1::EventSetRequest(), undo);
      } else {
        event_.run_in_batch(who, v1::EventClearRequest(), undo);
      }
    }
    if (below(2) == 0) {
      undo.run();
      set_ = before;
    }
    check(event_.settle(), woken());
  }
  void end_wait() {
    if (waiting_.empty()) return;
    const Ticket ticket = one_of(waiting_).first;
    waiting_.erase(ticket);
    if (below(2) == 0) {
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

  std::mt19937 random_;
  test::Shell event_{v1::EventCreateRequest()};
  bool set_ = false;
  std::map<Ticket, SessionId> waiting_;
  std::set<SessionId> sessions_{1, 2, 3};
  SessionId last_session_ = 3;
  Ticket last_ticket_ = 0;
  std::set<Ticket> answered_;
};

TEST(EventPropertyTest, BehavesAsItsModelUnderRandomEvents) {
  for (const unsigned seed : test::seeds(1000)) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    EventProperty(seed).run(60);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace mp::server
