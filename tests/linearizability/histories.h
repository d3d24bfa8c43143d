#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "tests/linearizability/arena.h"
#include "tests/linearizability/checker.h"

namespace mp::linearizability {

inline constexpr auto kLong = std::chrono::seconds(20);  // far more than anything here takes

// 1, 2, …, or from the environment's MP_TEST_SEED on.
std::vector<unsigned> seeds(unsigned count);

// With these ends of sessions, in the history of each of so many objects.
History with_ends(History history, const std::vector<Happened::End>& ends, int objects);
// With all of them: who ends in order, and still holds what it has, is as dead as who was killed.
History with_all_ends(const History& history, const Happened& happened, int objects);

// The history, and for whatever these operations gave a client that was lost, without the manager
// having heard that it arrived, its return at any time after the client's end.
History with_returns(const Happened& happened, std::initializer_list<Code> givers);

// Histories of concurrent clients over one road, each with a killed client and cut connections.
//
// Which kinds, and how. P: each part is an object of its own to the checker, which is enough where
// no operation reads two of them.
//
//   dict, namespace     P, a register for each key or attribute that may be absent: reads, writes,
//                       atomic additions, exchanges, removals
//   value, array        P, a register for each number or element
//   list, set           as a whole: order, length, who takes what
//   queue               as a whole, bounded: first in first out, refusals, and each item once, but
//                       for what a killed getter may not have had; and in the end none is missing.
//                       The same of many at once: all or none, nothing between them, and putters
//                       in order of arrival. Also last in first out, and the smallest first
//   … until confirmed   what a dead getter has and did not confirm goes back to its place, with its
//                       deliveries; what was confirmed never comes again; in the end all of it was
//   lock, rlock         one holder, tokens that grow, who learns that its predecessor died; the end
//                       of a session is an operation that may have its moment at any later time
//   semaphore, bounded  the same with several permits
//   … as a signal       a count that no end of a session changes; also one that becomes a signal on
//                       the way
//   condition           with a lock of its own, and two over one lock: a wait is three operations,
//                       falling asleep, the end of its time, having the lock again; the first to
//                       sleep are the first to be woken, nobody is woken without a notify, and the
//                       wake-up of who dies passes on
//   event               a flag; a wait has its moment at the set() that lets it go on
//   barrier             a wait is two operations, arrival and departure: indexes in order of
//                       arrival, nobody departs before the last has arrived, deaths and time-outs
//                       break it
//   latch               a count, set anew at 0; a wait has its moment where it is 0 or broken, and
//                       the end of who owes breaks it
//   rwlock              many readers or one writer, tokens that grow, re-entries; every reader
//                       learns that a writer died, up to the next writer
//   own type            accounts as a whole, with a model of its own: calls one at a time, readers
//                       beside one another, calls inside calls, what is thrown or begins too late
//                       and changes nothing; what a dead caller has begun goes on
//   batch               over a dict, a value, a list and a queue, and over a lock, a set, an array
//                       and a namespace, as a whole: one moment for all of it, with conditions or
//                       undone; beside it single operations on the same
class Histories : public testing::TestWithParam<Road> {
 protected:
  // Makes of what has happened what a model reads.
  using View = std::function<History(const Happened&)>;

  static History as_it_is(const Happened& happened) { return happened.history; }

  // Plays some, and demands of each that it is linearizable, and that it was disturbed as planned.
  template <SequentialModel M>
  void check_histories(const Plan& plan, const View& view = as_it_is) {
    // A session stream's dead hold what they have for their time to live.
    for (const unsigned seed : seeds(GetParam() == Road::kInProcess ? 2 : 3)) {
      SCOPED_TRACE(testing::Message() << "MP_TEST_SEED=" << seed);
      const Happened happened = play(GetParam(), plan, seed);
      expect_disturbed(happened, plan);
      if (happened.unseen > 0) {
        std::printf(
            "a session ended unseen, the machine being slow: this history proves nothing\n");
        continue;
      }
      const History history = view(happened);
      const auto start = std::chrono::steady_clock::now();
      const Judgement judgement = check<M>(history);
      report(history, judgement.tried, std::chrono::steady_clock::now() - start);
      EXPECT_TRUE(judgement.linearizable()) << judgement.reason;
    }
  }

 private:
  void expect_disturbed(const Happened& happened, const Plan& plan) const;
  static void report(const History& history, std::size_t tried, std::chrono::nanoseconds time);
};

// NOLINTBEGIN(bugprone-macro-parentheses): Suite is a type
#define MP_HISTORIES(Suite)                                                                       \
  using Suite = Histories;                                                                        \
  INSTANTIATE_TEST_SUITE_P(                                                                       \
      Over, Suite, testing::Values(Road::kSocket, Road::kShared, Road::kRelay, Road::kInProcess), \
      testing::PrintToStringParamName())
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace mp::linearizability
