#include "server/objects/barrier.h"
#include "tests/unit/objects/barrier_model.h"
#include "tests/unit/objects/random_history.h"

// Random sequences of events against a model. Beside it: who waits is answered once at most, and
// the indexes of a generation are all different and, where nobody leaves it, a permutation.

namespace mp::server {
namespace {

using test::BarrierModel;
using test::Result;
using test::Results;
using test::Who;

v1::BarrierCreateRequest create_request(std::uint64_t parties) {
  v1::BarrierCreateRequest request;
  request.set_parties(parties);
  return request;
}

class BarrierProperty : test::Dice {
 public:
  explicit BarrierProperty(unsigned seed)
      : Dice(seed),
        model_(1 + static_cast<std::uint64_t>(below(4))),
        barrier_(create_request(model_.parties)) {}

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step, ", ", model_.parties, " parties"));
      one_event();
      check();
    }
    check_indexes();
  }

 private:
  Who somebody() {
    const SessionId session = one_in(10) ? 0 : one_of(sessions_);
    return {++last_ticket_, session, static_cast<std::uint64_t>(below(2))};
  }

  void one_event() {
    const int dice = below(100);
    if (dice < 50) {
      wait();
    } else if (dice < 68) {
      finish();
    } else if (dice < 76) {
      batch();
    } else if (dice < 84) {
      end_wait();
    } else if (dice < 88) {
      take_back();
    } else if (dice < 94) {
      reset();
    } else if (dice < 96) {
      kill();
    } else {
      end_session();
    }
  }

  void wait() {
    v1::BarrierWaitRequest request;
    request.set_has_action(one_in(4));
    if (one_in(15)) request.mutable_timeout();
    const Who who = somebody();
    using Patience = BarrierModel::Patience;
    model_.wait({who, request.has_action()},
                request.has_timeout() ? Patience::kNone : Patience::kForever);
    compare(barrier_.run(who, request));
  }
  // Mostly by whoever runs the action, if that is still alive.
  void finish() {
    const Who who = finisher();
    const v1::BarrierFinishRequest request = finish_request();
    model_.answers[who.ticket] = model_.finish(who.owner, request.generation(), request.failed());
    compare(barrier_.run(who, request));
  }
  Who finisher() {
    Who who = somebody();
    if (!model_.action || one_in(8)) return who;
    const SessionId runner = model_.action->runner.session;
    if (!model_.dying.contains(runner)) who.owner.session = runner;
    return who;
  }
  v1::BarrierFinishRequest finish_request() {
    v1::BarrierFinishRequest request;
    request.set_generation(one_in(8) ? model_.generation - 1 : model_.generation);
    request.set_failed(one_in(8));
    return request;
  }
  void reset() {
    const Who who = somebody();
    model_.reset();
    model_.answers[who.ticket] = "done";
    compare(barrier_.run(who, v1::BarrierResetRequest()));
  }

  // A few operations at once, which are undone if one of them fails, and sometimes so.
  void batch() {
    const BarrierModel before = model_;
    UndoLog undo;
    bool failed = false;
    for (int left = 1 + below(4); left > 0 && !failed; --left) failed = !one_of_a_batch(undo);
    if (failed || one_in(2)) {
      undo.run();
      model_ = before;
    }
    compare(barrier_.settle());
  }
  bool one_of_a_batch(UndoLog& undo) {
    const Who who = finisher();
    const auto agrees = [&](const google::protobuf::Message& request, const std::string& expected) {
      const std::string actual = test::text(barrier_.run_in_batch(who, request, undo).outcome);
      EXPECT_EQ(actual, expected);
      return expected == "done";
    };
    switch (below(5)) {
      case 0:
        model_.abort();
        return agrees(v1::BarrierAbortRequest(), "done");
      case 1:
        model_.reset();
        return agrees(v1::BarrierResetRequest(), "done");
      case 2:
        return agrees(v1::BarrierEnlistRequest(), model_.enlist(who.owner));
      case 3:
        return agrees(v1::BarrierWaitRequest(), "WOULD_BLOCK");
      default: {
        const v1::BarrierFinishRequest request = finish_request();
        return agrees(request, model_.finish(who.owner, request.generation(), request.failed()));
      }
    }
  }

  void end_wait() {
    const std::set<Ticket> waiting = model_.waiting();
    if (waiting.empty()) return;
    const Ticket ticket = one_of(waiting);
    if (one_in(3)) {
      model_.time_out();
      compare(barrier_.expire(ticket));
    } else {
      model_.abandon(ticket);
      compare(barrier_.abandon(ticket));
    }
  }
  // Of some answer of old, or of the last one.
  void take_back() {
    if (passed_.empty()) return;
    const Result given = one_in(2) ? passed_.back() : one_of(passed_);
    const v1::BarrierWaitReply& reply = given.outcome.barrier_wait();
    model_.take_back(reply.generation(), reply.run_action());
    compare(barrier_.take_back(given));
  }
  void kill() {
    const SessionId session = one_of(sessions_);
    barrier_.kill(session);
    model_.dying.insert(session);
    replace(session);
  }
  void end_session() {
    const SessionId session = model_.dying.empty() ? one_of(sessions_) : one_of(model_.dying);
    const bool died = one_in(2);
    model_.end_session(session, died);
    model_.dying.erase(session);
    compare(died ? barrier_.owner_gone(session) : barrier_.owner_closed(session));
    check();
    // Nothing of it is left, so that its end is no news.
    compare(barrier_.owner_gone(session));
    replace(session);
  }
  void replace(SessionId session) {
    if (sessions_.erase(session) != 0) sessions_.insert(++last_session_);
  }

  void compare(const Results& results) {
    model_.proceed();
    std::map<Ticket, std::string> answers;
    for (const Result& result : results) {
      EXPECT_TRUE(answered_.insert(result.ticket).second) << result.ticket << " is answered twice";
      std::string& answer = answers[result.ticket] = test::text(result.outcome);
      if (!result.outcome.has_barrier_wait() || result.outcome.has_error()) continue;
      const v1::BarrierWaitReply& reply = result.outcome.barrier_wait();
      answer = BarrierModel::passage(reply.index(), reply.generation(), reply.run_action());
      EXPECT_TRUE(passages_[reply.generation()].insert(reply.index()).second) << answer << " twice";
      passed_.push_back(result);
    }
    EXPECT_EQ(answers, model_.answers);
    model_.answers.clear();
  }
  void check() {
    std::set<Ticket> parked = barrier_.parked();
    std::erase_if(parked, [&](Ticket ticket) { return model_.passed_over.contains(ticket); });
    EXPECT_EQ(parked, model_.waiting());
    EXPECT_EQ(barrier_.ask(v1::BarrierStateRequest()), model_.state());
    if (model_.broken != BarrierModel::Broken::kNot) {
      EXPECT_EQ(parked.size(), 0U);
    }
    if (!model_.action && model_.dying.empty()) {
      EXPECT_LT(parked.size(), model_.parties);
    }
  }
  void check_indexes() {
    for (const auto& [generation, indexes] : passages_) {
      EXPECT_LT(*indexes.rbegin(), model_.parties) << generation;
    }
    for (const std::uint64_t generation : model_.complete) {
      EXPECT_EQ(passages_[generation].size(), model_.parties) << generation;
    }
  }

  BarrierModel model_;
  test::Shell barrier_;
  std::set<SessionId> sessions_{1, 2, 3, 4};
  SessionId last_session_ = 4;
  Ticket last_ticket_ = 0;
  std::set<Ticket> answered_;
  std::vector<Result> passed_;
  std::map<std::uint64_t, std::set<std::uint64_t>> passages_;  // indexes by generation
};

TEST(BarrierPropertyTest, BehavesAsItsModelUnderRandomEvents) {
  test::for_each_seed(2000, [](unsigned seed) { BarrierProperty(seed).run(60); });
}

}  // namespace
}  // namespace mp::server
