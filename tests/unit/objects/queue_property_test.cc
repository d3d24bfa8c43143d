#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"

// Random sequences of events against a model that says it simply: whenever something has happened,
// look through the waiters in order of arrival for the first that can proceed, until none can. What
// the model cannot get wrong is then checked beside it: no item is lost or doubled. (That a waiter
// is answered once at most is seen to by the harness.)

namespace mp::server {
namespace {

using test::Result;
using test::Results;
using test::Who;

class QueueModel {
 public:
  struct Waiter {
    Who who;
    int value;  // 0: a getter
  };

  explicit QueueModel(std::size_t maxsize) : maxsize_(maxsize) {}

  void arrive(Who who, int value) {
    waiters.push_back({who, value});
    proceed();
  }
  void leave(Ticket ticket) {
    std::erase_if(waiters, [&](const Waiter& w) { return w.who.ticket == ticket; });
  }
  void expire(Ticket ticket) {
    const auto at =
        std::ranges::find(waiters, ticket, [](const Waiter& w) { return w.who.ticket; });
    answers.push_back(absl::StrCat(ticket, at->value == 0 ? " EMPTY" : " FULL"));
    waiters.erase(at);
  }
  void end_session(SessionId session) {
    std::erase_if(waiters, [&](const Waiter& w) { return w.who.owner.session == session; });
  }
  void shutdown(Who who, bool immediate) {
    answers.push_back(absl::StrCat(who.ticket, " done"));
    open = false;
    dropping = dropping || immediate;
    if (immediate) {
      for (const auto& [number, value] : items) dropped.insert(value);
      items.clear();
    }
    proceed();
  }
  void take_back(int number, int value) {
    if (dropping) {
      dropped.insert(value);
    } else {
      items[number] = value;
    }
    proceed();
  }
  void proceed() {
    const auto can = [&](const Waiter& w) {
      if (w.value == 0) return !items.empty() || !open;
      return !open || maxsize_ == 0 || items.size() < maxsize_;
    };
    for (auto at = waiters.begin(); at != waiters.end();) {
      if (!can(*at)) {
        ++at;
        continue;
      }
      const Waiter waiter = *at;
      waiters.erase(at);
      complete(waiter);
      at = waiters.begin();
    }
  }

  std::vector<std::string> answers;
  std::deque<Waiter> waiters;
  std::map<int, int> items;  // by number
  std::set<int> accepted;    // values
  std::set<int> dropped;
  bool open = true;
  bool dropping = false;

 private:
  void complete(const Waiter& waiter) {
    std::string answer = "SHUT_DOWN";
    if (waiter.value == 0 && !items.empty()) {
      const auto [number, value] = *items.begin();
      items.erase(items.begin());
      answer = absl::StrCat("value=", value, " item=", number, " deliveries=1");
    } else if (waiter.value != 0 && open) {
      items[++last_number_] = waiter.value;
      accepted.insert(waiter.value);
      answer = "done";
    }
    answers.push_back(absl::StrCat(waiter.who.ticket, " ", answer));
  }

  std::size_t maxsize_;
  int last_number_ = 0;
};

class QueueProperty {
 public:
  QueueProperty(unsigned seed, std::uint64_t maxsize)
      : random_(seed), model_(maxsize), queue_([&] {
          v1::QueueCreateRequest request;
          request.set_maxsize(maxsize);
          return request;
        }()) {}

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      one_event();
      check_waiters();
      check_items();
    }
  }

 private:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  template <class All>
  const auto& one_of(const All& all) {
    return *std::next(all.begin(), below(static_cast<int>(all.size())));
  }
  Who somebody() { return {++last_ticket_, one_of(sessions_)}; }

  void one_event() {
    const int dice = below(100);
    if (dice < 35) {
      put(somebody());
    } else if (dice < 70) {
      get(somebody());
    } else if (dice < 80) {
      end_wait();
    } else if (dice < 90) {
      take_back(below(100));
    } else if (dice < 93) {
      const SessionId session = one_of(sessions_);
      dying_.insert(session);
      queue_.kill(session);
      forget_waiters_of(session);
    } else if (dice < 99) {
      end_session(dying_.empty() ? one_of(sessions_) : one_of(dying_));
    } else if (below(6) == 0) {
      const bool immediate = below(3) == 0;
      const Who who = somebody();
      model_.shutdown(who, immediate);
      v1::QueueShutdownRequest request;
      request.set_immediate(immediate);
      compare(queue_.run(who, request));
    }
  }

  void put(Who who) {
    model_.arrive(who, ++last_value_);
    v1::QueuePutRequest request;
    request.mutable_value()->set_int_(last_value_);
    compare(queue_.run(who, request));
  }
  void get(Who who) {
    session_of_[who.ticket] = who.owner.session;
    model_.arrive(who, 0);
    compare(queue_.run(who, v1::QueueGetRequest()));
  }
  void end_wait() {
    if (model_.waiters.empty()) return;
    const Ticket ticket = one_of(model_.waiters).who.ticket;
    if (below(2) == 0) {
      model_.expire(ticket);
      compare(queue_.expire(ticket));
    } else {
      model_.leave(ticket);
      compare(queue_.abandon(ticket));
    }
  }
  // The outcome of some getter never arrived.
  void take_back(int which) {
    if (given_.empty()) return;
    const auto at = std::next(given_.begin(), which % static_cast<int>(given_.size()));
    const Result result = at->second;
    given_.erase(at);
    const v1::QueueGetReply& reply = result.outcome.queue_get();
    model_.take_back(static_cast<int>(reply.item()), static_cast<int>(reply.value().int_()));
    compare(queue_.take_back(result));
  }
  // A session that ends gives back what it had not acknowledged, in whatever order.
  void end_session(SessionId session) {
    forget_waiters_of(session);
    compare(queue_.owner_gone(session));
    for (int i = 0; i < static_cast<int>(given_.size());) {
      if (session_of_[std::next(given_.begin(), i)->first] == session) {
        take_back(i);
      } else {
        ++i;
      }
    }
    sessions_.erase(session);
    dying_.erase(session);
    sessions_.insert(++last_session_);
  }
  void forget_waiters_of(SessionId session) {
    model_.end_session(session);
    sessions_.erase(session);
    if (sessions_.empty()) sessions_.insert(++last_session_);
  }

  void compare(const Results& results) {
    std::vector<std::string> answers;
    for (const Result& result : results) {
      answers.push_back(absl::StrCat(result.ticket, " ", test::text(result.outcome)));
      if (result.outcome.has_queue_get()) given_.emplace(result.ticket, result);
    }
    // A waiter whose session is ending may still be told of a shutdown; nobody listens.
    std::erase_if(answers, [&](const std::string& answer) {
      const auto ticket = static_cast<Ticket>(std::stoull(answer));
      return answer.ends_with("SHUT_DOWN") && dead_ticket(ticket);
    });
    EXPECT_EQ(answers, model_.answers);
    model_.answers.clear();
  }
  bool dead_ticket(Ticket ticket) {
    return std::ranges::none_of(model_.answers, [&](const std::string& answer) {
      return answer.starts_with(absl::StrCat(ticket, " "));
    });
  }

  void check_waiters() {
    std::set<Ticket> expected;
    for (const auto& waiter : model_.waiters) expected.insert(waiter.who.ticket);
    std::set<Ticket> parked = queue_.parked();
    std::erase_if(parked, [&](Ticket ticket) { return !expected.contains(ticket); });
    EXPECT_EQ(parked, expected);
    EXPECT_EQ(queue_.object().length(), model_.items.size());
  }
  // Every value that was accepted is in one place: with a getter, in the queue, or dropped.
  void check_items() {
    std::multiset<int> places(model_.dropped.begin(), model_.dropped.end());
    for (const auto& [number, value] : model_.items) places.insert(value);
    for (const auto& [ticket, result] : given_) {
      places.insert(static_cast<int>(result.outcome.queue_get().value().int_()));
    }
    EXPECT_TRUE(std::ranges::equal(places, model_.accepted));
  }

  std::mt19937 random_;
  QueueModel model_;
  test::Shell queue_;
  std::set<SessionId> sessions_{1, 2, 3};
  std::set<SessionId> dying_;
  SessionId last_session_ = 3;
  Ticket last_ticket_ = 0;
  int last_value_ = 0;
  std::map<Ticket, Result> given_;
  std::map<Ticket, SessionId> session_of_;
};

TEST(QueuePropertyTest, BehavesAsItsModelUnderRandomEvents) {
  for (const unsigned seed : test::seeds(150)) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    QueueProperty(seed, seed % 4).run(200);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace mp::server
