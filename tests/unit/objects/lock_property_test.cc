#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"

// Random sequences of events against a model. Beside it: tokens only grow, and of all tokens ever
// given the holder's alone is held. (That a waiter is answered once at most is seen to by the
// harness.)

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Result;
using test::Results;
using test::Who;

class LockModel {
 public:
  struct Request {
    Who who;
    std::optional<Duration> lease;
  };

  void acquire(Time now, const Request& request) {
    waiters.push_back(request);
    proceed(now);
  }
  void release(Time now, Who who) {
    const bool mine = holder && holder->who.owner == who.owner;
    answers.push_back(absl::StrCat(who.ticket, mine                          ? " done"
                                               : holder || late == who.owner ? " NOT_OWNER"
                                                                             : " VALUE_ERROR"));
    if (mine) free(now, false);
  }
  void leave(Ticket ticket) {
    std::erase_if(waiters, [&](const Request& w) { return w.who.ticket == ticket; });
  }
  void forget_waiters_of(SessionId session) {
    std::erase_if(waiters, [&](const Request& w) { return w.who.owner.session == session; });
  }
  void end_session(Time now, SessionId session) {
    forget_waiters_of(session);
    if (late && late->session == session) late.reset();
    if (holder && holder->who.owner.session == session) free(now, true);
  }
  void take_back(Time now, Ticket ticket, bool died) {
    if (holder && holder->who.ticket == ticket) free(now, died);
  }
  void turn_clock(Time now) {
    if (!holder || !lease_ends || *lease_ends > now) return;
    late = holder->who.owner;
    free(now, true);
  }

  std::vector<std::string> answers;
  std::deque<Request> waiters;
  std::optional<Request> holder;

 private:
  void free(Time now, bool died) {
    holder.reset();
    died_ = died;
    proceed(now);
  }
  void proceed(Time now) {
    if (holder || waiters.empty()) return;
    holder = waiters.front();
    waiters.pop_front();
    late.reset();
    lease_ends.reset();
    if (holder->lease) lease_ends = now + *holder->lease;
    answers.push_back(absl::StrCat(holder->who.ticket, " granted", died_ ? " after a death" : ""));
    died_ = false;
  }

  std::optional<Time> lease_ends;
  std::optional<Owner> late;  // whose lease ran out, until the next grant
  bool died_ = false;
};

class LockProperty {
 public:
  explicit LockProperty(unsigned seed) : random_(seed), lock_(v1::LockCreateRequest()) {}

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      one_event();
      check_waiters_and_holder();
      check_tokens();
    }
  }

 private:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  template <class All>
  const auto& one_of(const All& all) {
    return *std::next(all.begin(), below(static_cast<int>(all.size())));
  }
  Who somebody() {
    return {++last_ticket_, one_of(sessions_), static_cast<std::uint64_t>(below(2))};
  }

  void one_event() {
    const int dice = below(100);
    if (dice < 35) {
      acquire(somebody());
    } else if (dice < 60) {
      release();
    } else if (dice < 70) {
      end_wait();
    } else if (dice < 75) {
      take_back();
    } else if (dice < 85) {
      // The model is told the new time; the lock's clock is turned to it.
      model_.turn_clock(lock_.now() + 1s);
      compare(lock_.advance(1s));
    } else if (dice < 90) {
      const SessionId session = one_of(sessions_);
      lock_.kill(session);
      dying_.insert(session);
      model_.forget_waiters_of(session);
      replace(session);
    } else {
      const SessionId session = dying_.empty() ? one_of(sessions_) : one_of(dying_);
      model_.end_session(lock_.now(), session);
      compare(lock_.owner_gone(session));
      dying_.erase(session);
      replace(session);
    }
  }

  void acquire(Who who) {
    LockModel::Request request{who, {}};
    v1::LockAcquireRequest wire;
    if (below(3) == 0) {
      request.lease = std::chrono::seconds(1 + below(4));
      wire.mutable_lease()->set_seconds(*request.lease / 1s);
    }
    model_.acquire(lock_.now(), request);
    compare(lock_.run(who, wire));
  }
  // Mostly by whoever holds the lock, unless its session is ending.
  void release() {
    Who who = somebody();
    if (model_.holder && below(4) != 0) who.owner = model_.holder->who.owner;
    if (dying_.contains(who.owner.session)) return;
    model_.release(lock_.now(), who);
    compare(lock_.run(who, v1::LockReleaseRequest()));
  }
  void end_wait() {
    if (model_.waiters.empty()) return;
    const Ticket ticket = one_of(model_.waiters).who.ticket;
    model_.leave(ticket);
    if (below(2) == 0) {
      model_.answers.push_back(absl::StrCat(ticket, " not granted"));
      compare(lock_.expire(ticket));
    } else {
      compare(lock_.abandon(ticket));
    }
  }
  // Of some grant of old, or of the last one.
  void take_back() {
    if (grants_.empty()) return;
    const Result given = below(2) == 0 ? grants_.rbegin()->second : one_of(grants_).second;
    model_.take_back(lock_.now(), given.ticket, given.outcome.lock_acquire().previous_owner_died());
    compare(lock_.take_back(given));
  }
  void replace(SessionId session) {
    if (sessions_.erase(session) != 0) sessions_.insert(++last_session_);
  }

  void compare(const Results& results) {
    std::vector<std::string> answers;
    for (const Result& result : results) {
      std::string answer = " " + test::text(result.outcome);
      if (result.outcome.has_lock_acquire()) {
        const v1::LockAcquireReply& reply = result.outcome.lock_acquire();
        answer = reply.acquired() ? " granted" : " not granted";
        if (reply.previous_owner_died()) answer += " after a death";
        if (reply.acquired()) remember(result);
      }
      answers.push_back(absl::StrCat(result.ticket, answer));
    }
    EXPECT_EQ(answers, model_.answers);
    model_.answers.clear();
  }
  void remember(const Result& grant) {
    const std::uint64_t token = grant.outcome.lock_acquire().token();
    if (!grants_.empty()) {
      EXPECT_GT(token, grants_.rbegin()->first);
    }
    grants_.emplace(token, grant);
  }

  void check_waiters_and_holder() {
    std::set<Ticket> expected;
    for (const auto& waiter : model_.waiters) expected.insert(waiter.who.ticket);
    std::set<Ticket> parked = lock_.parked();
    std::erase_if(parked, [&](Ticket ticket) { return !expected.contains(ticket); });
    EXPECT_EQ(parked, expected);
    const std::vector<Holding> holders = lock_.object().holders();
    ASSERT_EQ(holders.size(), model_.holder ? 1U : 0U);
    if (model_.holder) {
      EXPECT_EQ(holders[0].owner, model_.holder->who.owner);
    }
  }
  void check_tokens() {
    for (const auto& [token, grant] : grants_) {
      const bool current = model_.holder && model_.holder->who.ticket == grant.ticket;
      EXPECT_EQ(lock_.object().holds_token(token), current) << token;
    }
  }

  std::mt19937 random_;
  LockModel model_;
  test::Shell lock_;
  std::set<SessionId> sessions_{1, 2, 3};
  std::set<SessionId> dying_;
  SessionId last_session_ = 3;
  Ticket last_ticket_ = 0;
  std::map<std::uint64_t, Result> grants_;  // by token
};

TEST(LockPropertyTest, BehavesAsItsModelUnderRandomEvents) {
  for (const unsigned seed : test::seeds(100)) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    LockProperty(seed).run(200);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace mp::server
