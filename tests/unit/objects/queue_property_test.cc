#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/objects/queue_model.h"
#include "tests/unit/objects/queue_wire.h"
#include "tests/unit/objects/random_history.h"

// Random sequences of events against the model. What the model cannot get wrong is then checked
// beside it: no item is lost or doubled. (That a waiter is answered once at most is seen to by the
// harness.)

namespace mp::server {
namespace {

using test::items_of;
using test::QueueModel;
using test::Result;
using test::Results;
using test::Who;

class QueueProperty : test::Dice {
 public:
  QueueProperty(unsigned seed, const QueueModel::Options& options)
      : Dice(seed), options_(options), model_(options), queue_(test::asking_for(options)) {}

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      one_event();
      check_waiters();
      check_counts();
      check_items();
    }
  }

 private:
  using Does = QueueModel::Does;

  Who somebody() {
    return {++last_ticket_, one_of(sessions_), static_cast<std::uint64_t>(below(2))};
  }

  void one_event() {
    const int dice = below(1000);
    if (dice < 170) return put();
    if (dice < 280) return put_many();
    if (dice < 450) return get();
    if (dice < 530) return get_many();
    if (dice < 610) return task_done();
    if (dice < 650) return join();
    if (dice < 730) return confirm();
    if (dice < 750) return enlist();
    if (dice < 760) return leave();
    if (dice < 860) return end_wait();
    if (dice < 920) return take_back();
    if (dice < 940) return kill();
    if (dice < 965) return sweep();
    if (dice < 980) return undone_batch();
    if (dice < 998) return turn_clock();
    shutdown();
  }

  // Commands.
  void put() {
    v1::QueuePutRequest request;
    QueueModel::Waiter waiter{.who = somebody(), .does = Does::kPut, .values = {some_value()}};
    request.mutable_value()->set_int_(waiter.values.front());
    delay(waiter, request);
    arrive(waiter, request);
  }
  void put_many() {
    QueueModel::Waiter waiter{.who = somebody(), .does = Does::kPut};
    v1::QueuePutManyRequest request;
    for (int left = below(4); left != 0; --left) {
      waiter.values.push_back(some_value());
      request.add_values()->set_int_(waiter.values.back());
    }
    delay(waiter, request);
    arrive(waiter, request);
  }
  // Several are equal.
  int some_value() { return below(20); }
  template <class Request>
  void delay(QueueModel::Waiter& waiter, Request& request) {
    if (below(6) != 0) return;
    const int seconds = 1 + below(5);
    request.mutable_delay()->set_seconds(seconds);
    waiter.due = model_.now + seconds;
  }
  void turn_clock() {
    for (int left = 1 + below(3); left != 0; --left) {  // each second is an event
      model_.turn_clock_to(model_.now + 1);
      compare(queue_.advance(std::chrono::seconds(1)));
    }
  }
  void get() { arrive({.who = somebody(), .does = Does::kGet, .most = 1}, v1::QueueGetRequest()); }
  void get_many() {
    v1::QueueGetManyRequest request;
    request.set_max(static_cast<std::uint64_t>(1 + below(3)));
    arrive({.who = somebody(), .does = Does::kGet, .most = request.max()}, request);
  }
  void join() { arrive({.who = somebody(), .does = Does::kJoin}, v1::QueueJoinRequest()); }
  void arrive(const QueueModel::Waiter& waiter, const google::protobuf::Message& request) {
    session_of_[waiter.who.ticket] = waiter.who.owner.session;
    model_.arrive(waiter);
    compare(queue_.run(waiter.who, request));
  }
  void task_done() {
    const Who who = somebody();
    const int number = below(2) == 0 ? 0 : some_number();
    v1::QueueTaskDoneRequest request;
    request.set_item(static_cast<std::uint64_t>(number));
    model_.task_done(who, number);
    compare(queue_.run(who, request));
  }
  void confirm() {
    const Who who = somebody();
    std::set<int> numbers;
    for (int left = below(3); left != 0; --left) numbers.insert(some_number());
    v1::QueueConfirmRequest request;
    for (const int number : numbers) request.add_items(static_cast<std::uint64_t>(number));
    model_.confirm(who, numbers);
    compare(queue_.run(who, request));
  }
  // Often of an item that is delivered.
  int some_number() {
    return model_.delivered.empty() || below(5) == 0 ? below(30) : one_of(model_.delivered).first;
  }
  void enlist() {
    const Who who = somebody();
    model_.enlist(who);
    compare(queue_.run(who, v1::QueueEnlistRequest()));
  }
  void leave() {
    const Who who = somebody();
    model_.leave(who);
    compare(queue_.run(who, v1::QueueLeaveRequest()));
  }
  void shutdown() {
    const Who who = somebody();
    v1::QueueShutdownRequest request;
    request.set_immediate(below(3) == 0);
    model_.shutdown(who, request.immediate());
    compare(queue_.run(who, request));
  }

  // Several commands that come to nothing.
  void undone_batch() {
    UndoLog undo;
    for (int left = 1 + below(6); left != 0; --left)
      queue_.run_in_batch(somebody(), *some_request(), undo);
    undo.run();
    model_.proceed();
    compare(queue_.settle());
  }
  std::unique_ptr<google::protobuf::Message> some_request() {
    const std::vector<std::pair<const google::protobuf::Descriptor*, std::string>> all = {
        {v1::QueuePutRequest::descriptor(), "value { int: 1 }"},
        {v1::QueuePutRequest::descriptor(), "value { int: 1 } delay { seconds: 1 }"},
        {v1::QueuePutManyRequest::descriptor(), "values { int: 9 } values { int: 2 }"},
        {v1::QueueGetRequest::descriptor(), ""},
        {v1::QueueGetManyRequest::descriptor(), "max: 2"},
        {v1::QueueTaskDoneRequest::descriptor(), ""},
        {v1::QueueConfirmRequest::descriptor(), absl::StrCat("items: ", some_number())},
        {v1::QueueLeaveRequest::descriptor(), ""},
        {v1::QueueShutdownRequest::descriptor(), below(2) == 0 ? "" : "immediate: true"},
    };
    const auto& [type, text] = one_of(all);
    return test::parsed(type, text);
  }

  // What befalls them.
  void end_wait() {
    if (model_.waiters.empty()) return;
    const Ticket ticket = one_of(model_.waiters).who.ticket;
    if (below(2) == 0) {
      model_.expire(ticket);
      compare(queue_.expire(ticket));
    } else {
      model_.leave_line(ticket);
      compare(queue_.abandon(ticket));
    }
  }
  void take_back() {
    if (!given_.empty()) take_back(one_of(given_).first);
  }
  // This outcome never arrived.
  void take_back(Ticket ticket) {
    const Result result = given_.extract(ticket).mapped();
    for (const auto& [number, item] : items_of(result.outcome)) model_.take_back(number, item);
    model_.proceed();
    compare(queue_.take_back(result));
  }
  void kill() {
    const SessionId session = one_of(sessions_);
    dying_.insert(session);
    queue_.kill(session);
    model_.kill(session);
    replace(session);
  }
  // A session that ends gives back what it had not acknowledged, in whatever order; what had to be
  // confirmed has come back by then.
  void sweep() {
    const SessionId session = dying_.empty() ? one_of(sessions_) : one_of(dying_);
    model_.sweep(session);
    compare(queue_.owner_gone(session));
    std::vector<Ticket> theirs;
    for (const auto& [ticket, result] : given_) {
      if (session_of_[ticket] == session) theirs.push_back(ticket);
    }
    for (const Ticket ticket : theirs) {
      if (options_.until_confirmed) {
        given_.erase(ticket);
      } else {
        take_back(ticket);
      }
    }
    dying_.erase(session);
    replace(session);
  }
  void replace(SessionId session) {
    if (sessions_.erase(session) != 0) sessions_.insert(++last_session_);
  }

  void compare(const Results& results) {
    std::vector<std::string> answers;
    for (const Result& result : results) {
      answers.push_back(absl::StrCat(result.ticket, " ", test::text_of(result.outcome)));
      if (!items_of(result.outcome).empty()) given_.emplace(result.ticket, result);
    }
    // A waiter whose session is ending may still be told of a shutdown; nobody listens.
    std::erase_if(answers, [&](const std::string& answer) {
      const SessionId session = session_of_[static_cast<Ticket>(std::stoull(answer))];
      return answer.ends_with("SHUT_DOWN") && session != 0 && !sessions_.contains(session);
    });
    EXPECT_EQ(answers, model_.answers);
    model_.answers.clear();
  }

  void check_waiters() {
    std::set<Ticket> expected;
    for (const auto& waiter : model_.waiters) expected.insert(waiter.who.ticket);
    std::set<Ticket> parked = queue_.parked();
    std::erase_if(parked, [&](Ticket ticket) { return !expected.contains(ticket); });
    EXPECT_EQ(parked, expected);
  }
  void check_counts() {
    model_.proceed();  // after a death that no event has told of yet
    compare(queue_.settle());
    const Results results = queue_.run(Who(++last_ticket_, 1), v1::QueueSizeRequest());
    ASSERT_EQ(results.size(), 1U);
    const v1::QueueSizeReply& size = results[0].outcome.queue_size();
    EXPECT_EQ(size.size(), model_.items.size());
    EXPECT_EQ(size.shut_down(), !model_.open);
    EXPECT_EQ(size.unfinished(), model_.unfinished);
    EXPECT_EQ(size.unconfirmed(), model_.delivered.size());
    EXPECT_EQ(size.producers(), model_.producers.size());
    EXPECT_EQ(size.delayed(), model_.delayed.size());
    EXPECT_EQ(size.dropped(), model_.dead);
  }
  // Every value that was accepted is in one place: in the queue, with a getter, confirmed or
  // dropped.
  void check_items() {
    std::multiset<int> places = model_.dropped;
    places.insert(model_.confirmed.begin(), model_.confirmed.end());
    for (const auto& [number, item] : model_.items) places.insert(item.value);
    for (const auto& [due, value] : model_.delayed) places.insert(value);
    for (const auto& [number, item] : model_.delivered) places.insert(item.value);
    for (const auto& [ticket, result] : given_) {
      if (options_.until_confirmed) continue;
      for (const auto& [number, item] : items_of(result.outcome)) places.insert(item.value);
    }
    EXPECT_EQ(places, model_.accepted);
  }

  const QueueModel::Options options_;
  QueueModel model_;
  test::Shell queue_;
  std::set<SessionId> sessions_{1, 2, 3};
  std::set<SessionId> dying_;
  SessionId last_session_ = 3;
  Ticket last_ticket_ = 0;
  std::map<Ticket, Result> given_;  // and not known to have arrived
  std::map<Ticket, SessionId> session_of_;
};

TEST(QueuePropertyTest, BehavesAsItsModelUnderRandomEvents) {
  test::for_each_seed(2000, [](unsigned seed) {
    const QueueModel::Options options{.maxsize = seed % 5,
                                      .until_confirmed = seed % 2 == 0,
                                      .close_when_producers_gone = seed % 3 == 0,
                                      .order = static_cast<v1::Order>(seed / 2 % 3),
                                      .max_deliveries = seed % 8 == 0 ? 2 : 0};
    QueueProperty(seed, options).run(100);
  });
}

}  // namespace
}  // namespace mp::server
