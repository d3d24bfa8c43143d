#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "server/objects/count_down_latch.h"
#include "tests/unit/objects/random_history.h"

// Random sequences of events against a model as simple as it can be told. Beside it: each wait is
// answered once at most, nobody waits where the count is 0 or the latch is broken, and nothing is
// left of a session that ended.

namespace mp::server {
namespace {

using test::Result;
using test::Results;
using test::Who;

struct LatchModel {
  std::uint64_t count;
  std::uint64_t generation = 1;
  bool broken = false;
  std::map<SessionId, std::uint64_t> owed{};

  void count_down(SessionId session, std::uint64_t n) {
    n = std::min(n, count);
    count -= n;
    if (const auto at = owed.find(session);
        at != owed.end() && (at->second -= std::min(at->second, n)) == 0)
      owed.erase(at);
    if (count != 0) return;
    owed.clear();
    broken = false;
  }
  bool try_set(std::uint64_t n) {
    if (count != 0 && !broken) return false;
    *this = {.count = n, .generation = generation + 1};
    return true;
  }
  std::string enlist(SessionId session, std::uint64_t n) {
    if (session == 0) return "NO_SESSION";
    if (broken) return "BROKEN_BARRIER";
    if (promised() + n > count) return "VALUE_ERROR";
    owed[session] += n;
    return "done";
  }
  void end(SessionId session) {
    if (owed.erase(session) != 0) broken = true;
  }
  std::uint64_t promised() const {
    std::uint64_t sum = 0;
    for (const auto& [session, n] : owed) sum += n;
    return sum;
  }
  std::string text() const {
    return absl::StrCat("count=", count, " generation=", generation, " promised=", promised(),
                        " broken=", broken ? "True" : "False");
  }
};

v1::CountDownLatchCreateRequest create_request(std::uint64_t count) {
  v1::CountDownLatchCreateRequest request;
  request.set_count(count);
  return request;
}

class CountDownLatchProperty : test::Dice {
 public:
  explicit CountDownLatchProperty(unsigned seed)
      : Dice(seed),
        model_{.count = static_cast<std::uint64_t>(below(5))},
        latch_(create_request(model_.count)) {}

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      one_event();
    }
  }

 private:
  using Answers = std::map<Ticket, std::string>;
  struct Waiter {
    SessionId session;
    std::uint64_t generation;
  };

  void one_event() {
    const int dice = below(100);
    if (dice < 35) return wait();
    if (dice < 78) return operation();
    if (dice < 86) return batch();
    if (dice < 93) return end_wait();
    end_session();
  }

  Who somebody() {
    return {++last_ticket_, one_in(10) ? 0 : one_of(sessions_),
            static_cast<std::uint64_t>(below(2))};
  }

  void wait() {
    const Who who = somebody();
    v1::CountDownLatchWaitRequest request;
    if (one_in(4)) request.mutable_timeout();
    Answers expected;
    if (model_.count == 0) {
      expected[who.ticket] = "True";
    } else if (model_.broken) {
      expected[who.ticket] = "BROKEN_BARRIER";
    } else if (request.has_timeout()) {
      expected[who.ticket] = "False";
    } else {
      waiting_[who.ticket] = {who.owner.session, model_.generation};
    }
    check(latch_.run(who, request), expected);
  }

  // Of the model and, by `run`, of the latch; gives what it should have answered.
  template <class Run>
  std::string one_operation(const Who& who, const Run& run) {
    const auto n = static_cast<std::uint64_t>(1 + below(3));
    const int dice = below(10);
    if (dice < 5) {
      v1::CountDownLatchCountDownRequest request;
      request.set_count(n);
      if (one_in(3)) request.set_generation(model_.generation - static_cast<unsigned>(below(2)));
      const bool late = request.generation() != 0 && request.generation() != model_.generation;
      const std::uint64_t before = model_.count;
      if (!late) model_.count_down(who.owner.session, n);
      run(request);
      return absl::StrCat("count=", model_.count, " generation=", model_.generation,
                          " counted=", before - model_.count);
    }
    if (dice < 7) {
      v1::CountDownLatchTrySetCountRequest request;
      request.set_count(n);
      const bool set = model_.try_set(n);
      run(request);
      return absl::StrCat("set=", set ? "True" : "False", " generation=", model_.generation);
    }
    v1::CountDownLatchEnlistRequest request;
    request.set_count(n);
    std::string answer = model_.enlist(who.owner.session, n);
    run(request);
    return answer;
  }
  void operation() {
    const Who who = somebody();
    Results results;
    const std::string answer =
        one_operation(who, [&](const auto& request) { results = latch_.run(who, request); });
    Answers expected = let_go();
    expected[who.ticket] = answer;
    check(results, expected);
  }
  // What it leaves is what counts; nothing if it fails or is undone.
  void batch() {
    const LatchModel before = model_;
    UndoLog undo;
    bool failed = false;
    for (int left = 1 + below(4); left > 0 && !failed; --left) {
      const Who who = somebody();
      Result result;
      const std::string answer = one_operation(
          who, [&](const auto& request) { result = latch_.run_in_batch(who, request, undo); });
      EXPECT_EQ(test::text(result.outcome), answer);
      failed = result.outcome.has_error();
    }
    if (failed || one_in(2)) {
      undo.run();
      model_ = before;
    }
    check(latch_.settle(), let_go());
  }
  void end_wait() {
    if (waiting_.empty()) return;
    const Ticket ticket = one_of(waiting_).first;
    waiting_.erase(ticket);
    if (one_in(2)) return check(latch_.abandon(ticket), {});
    check(latch_.expire(ticket), {{ticket, "False"}});
  }
  void end_session() {
    const SessionId session = one_of(sessions_);
    std::erase_if(waiting_, [&](const auto& waiter) { return waiter.second.session == session; });
    sessions_.erase(session);
    sessions_.insert(++last_session_);
    model_.end(session);
    check(one_in(2) ? latch_.owner_gone(session) : latch_.owner_closed(session), let_go());
  }

  // Who need not wait any more, and why.
  Answers let_go() {
    Answers all;
    std::erase_if(waiting_, [&](const auto& waiter) {
      const bool reached = model_.count == 0 || waiter.second.generation != model_.generation;
      if (reached || model_.broken) all[waiter.first] = reached ? "True" : "BROKEN_BARRIER";
      return reached || model_.broken;
    });
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
    for (const auto& [ticket, waiter] : waiting_) waiting.insert(ticket);
    EXPECT_EQ(latch_.parked(), waiting);
    EXPECT_EQ(latch_.ask(v1::CountDownLatchGetCountRequest()), model_.text());
    EXPECT_EQ(latch_.object().holders().size(), model_.owed.size());
  }

  LatchModel model_;
  test::Shell latch_;
  std::map<Ticket, Waiter> waiting_;
  std::set<SessionId> sessions_{1, 2, 3};
  SessionId last_session_ = 3;
  Ticket last_ticket_ = 0;
  std::set<Ticket> answered_;
};

TEST(CountDownLatchPropertyTest, BehavesAsItsModelUnderRandomEvents) {
  test::for_each_seed(2000, [](unsigned seed) { CountDownLatchProperty(seed).run(60); });
}

}  // namespace
}  // namespace mp::server
