#pragma once

#include <iterator>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"

// What random histories are made of: chance, sessions that come and go, and operations that are
// undone.

namespace mp::server::test {

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  bool one_in(int many) { return below(many) == 0; }
  template <class All>
  const auto& one_of(const All& all) {
    return *std::next(all.begin(), below(static_cast<int>(all.size())));
  }
  std::mt19937& engine() { return random_; }

 private:
  std::mt19937 random_;
};

// Processes with two owner handles each. One that ends is replaced by a new one.
class Population {
 public:
  explicit Population(Dice& dice) : dice_(dice) {}

  Who somebody() {
    return {++last_ticket_, dice_.one_of(living_), static_cast<std::uint64_t>(dice_.below(2))};
  }
  SessionId one() { return dice_.one_of(living_); }
  // Marks one as ended, and gives it; it is swept later.
  SessionId kill() {
    const SessionId session = one();
    dying_.insert(session);
    replace(session);
    return session;
  }
  // One that is swept now: of those that are marked, if there are any.
  SessionId sweep() {
    const SessionId session = dying_.empty() ? one() : dice_.one_of(dying_);
    dying_.erase(session);
    replace(session);
    return session;
  }
  bool is_dying(SessionId session) const { return dying_.contains(session); }

 private:
  void replace(SessionId session) {
    if (living_.erase(session) != 0) living_.insert(++last_session_);
  }

  Dice& dice_;
  std::set<SessionId> living_{1, 2, 3};
  std::set<SessionId> dying_;
  SessionId last_session_ = 3;
  Ticket last_ticket_ = 0;
};

// Operations on one object that nobody waits for, against a model of its contents that can be
// copied. A quarter of them are done in batches, of which half are undone.
template <class Model>
class OperationHistory : protected Dice {
 public:
  virtual ~OperationHistory() = default;
  OperationHistory(const OperationHistory&) = delete;
  OperationHistory& operator=(const OperationHistory&) = delete;

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      if (one_in(4)) {
        one_batch();
      } else {
        one_operation(nullptr);
      }
      check();
    }
  }

 protected:
  OperationHistory(unsigned seed, const google::protobuf::Message& create)
      : Dice(seed), object_(create) {}

  // `log`: of the batch that it is part of, or null.
  virtual void one_operation(UndoLog* log) = 0;
  // The object is as the model.
  virtual void check() = 0;

  std::string answer(const google::protobuf::Message& request, UndoLog* log) {
    return log == nullptr ? object_.ask(request)
                          : text(object_.run_in_batch(1, request, *log).outcome);
  }
  void expect(const google::protobuf::Message& request, const std::string& expected, UndoLog* log) {
    EXPECT_EQ(answer(request, log), expected)
        << request.GetTypeName() << " {" << request.ShortDebugString() << "}";
  }

  Model model_{};
  Shell object_;

 private:
  void one_batch() {
    const Model before = model_;
    UndoLog log;
    for (int left = 1 + below(8); left > 0; --left) one_operation(&log);
    if (one_in(2)) return;
    log.run();
    model_ = before;
  }
};

// Runs `history` with one seed after the other, until one fails.
template <class History>
void for_each_seed(unsigned count, History history) {
  for (const unsigned seed : seeds(count)) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    history(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace mp::server::test
