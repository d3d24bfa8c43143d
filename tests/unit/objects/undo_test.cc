#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"
#include "tests/unit/objects/undo_examples.h"

// Every mutating operation of every kind, from many states: done in a batch and undone, it leaves
// no trace; failed, it has changed nothing. A row without a case here fails the first test.

namespace mp::server {
namespace {

using test::Examples;
using test::examples;
using test::Result;
using test::Results;
using test::Shell;
using test::Step;
using test::Who;

const KindTable& kind_of(const Examples& example) {
  return *std::ranges::find(kinds(), example.service, &KindTable::service);
}

// "RLock/Acquire" is of the lock that an object has.
std::unique_ptr<google::protobuf::Message> request_of(const KindTable& kind, const Step& step) {
  const std::string_view rpc = step.rpc;
  const std::size_t slash = rpc.find('/');
  const KindTable& of =
      slash == std::string_view::npos
          ? kind
          : *std::ranges::find(kinds(), "mp.v1." + std::string(rpc.substr(0, slash)),
                               &KindTable::service);
  const std::string_view name = slash == std::string_view::npos ? rpc : rpc.substr(slash + 1);
  return test::parsed(std::ranges::find(of.operations, name, &Operation::rpc)->request(),
                      step.request);
}

// An object in one of its states, and what can be told about it.
class Subject {
 public:
  Subject(const Examples& example, const Examples::State& state)
      : kind_(kind_of(example)), shell_(*test::parsed(kind_.create_request(), state.create)) {
    for (const Step& step : state.before) {
      if (step.rpc == test::kClockTurns) {
        shell_.advance(Duration(1));
      } else {
        shell_.run(next(step.session), *request_of(kind_, step));
      }
    }
  }

  Result try_in_batch(const Step& step, UndoLog& log) {
    return shell_.run_in_batch(next(step.session), *request_of(kind_, step), log);
  }

  // All that can be seen of it now and, by using it up, later.
  std::string dump() {
    for (const Operation& row : kind_.operations) {
      // A scan's shape never comes back; its entries are those of the other reads.
      if (row.effect == Effect::kReads && row.rpc != "Scan")
        line(row.rpc, shell_.ask(*test::new_message(row.request())));
    }
    for (const std::uint64_t id : shell_.refs()) line("ref", absl::StrCat(id));
    for (const Ticket ticket : shell_.parked()) line("waits", absl::StrCat(ticket));
    show("at once", shell_.settle());
    show_holders();
    show("later", shell_.advance(std::chrono::seconds(3)));
    show_holders();
    switch (kind_.kind) {
      case Kind::kQueue:
        use_up_queue();
        break;
      case Kind::kLock:
        use_up_lock();
        break;
      default:
        break;
    }
    return std::exchange(dump_, {});
  }

 private:
  Who next(int session) { return {++last_ticket_, static_cast<SessionId>(session)}; }
  Who late(SessionId session, std::uint64_t handle = 0) {
    return {++last_late_ticket_, session, handle};
  }

  void line(std::string_view what, const std::string& text) {
    absl::StrAppend(&dump_, std::string(what), ": ", text, "\n");
  }
  void show(std::string_view what, Results results) {
    for (Result& result : results) {
      // An acquisition that was undone has used a token up; nobody has seen it.
      if (result.outcome.has_lock_acquire()) result.outcome.mutable_lock_acquire()->clear_token();
      if (result.outcome.has_rwlock_acquire_read())
        result.outcome.mutable_rwlock_acquire_read()->clear_token();
      if (result.outcome.has_rwlock_acquire_write())
        result.outcome.mutable_rwlock_acquire_write()->clear_token();
      line(what, absl::StrCat(result.ticket, " ", test::text(result.outcome)));
    }
  }
  void show_holders() {
    for (const Holding& held : shell_.object().holders()) {
      line("held", absl::StrCat(held.owner.session, " since ",
                                held.since.time_since_epoch().count(), " until ",
                                held.lease_ends ? held.lease_ends->time_since_epoch().count() : 0));
    }
  }
  void use_up_queue() {
    v1::QueueGetRequest get;
    get.mutable_timeout();
    v1::QueuePutRequest put;
    put.mutable_value()->set_str("probe");
    put.mutable_timeout();
    for (int i = 0; i < 6; ++i) show("get", shell_.run(late(90), get));
    for (int i = 0; i < 3; ++i) show("put", shell_.run(late(90), put));
    for (int i = 0; i < 3; ++i) show("get", shell_.run(late(90), get));
  }
  void use_up_lock() {
    while (!shell_.object().holders().empty()) {
      const Owner owner = shell_.object().holders()[0].owner;
      show("release", shell_.run(late(owner.session, owner.handle), v1::LockReleaseRequest()));
    }
    show("acquire", shell_.run(late(90), v1::LockAcquireRequest()));
  }

  const KindTable& kind_;
  Shell shell_;
  Ticket last_ticket_ = 0;
  Ticket last_late_ticket_ = 1000;
  std::string dump_;
};

std::string describe(const Examples& example, const Examples::State& state, const Step& step) {
  std::string text = absl::StrCat(example.service, " created with {", state.create, "}");
  for (const Step& before : state.before)
    absl::StrAppend(&text, ", ", before.rpc, " {", before.request, "}");
  return absl::StrCat(text, ", then ", step.rpc, " {", step.request, "}");
}

// Calls visit(example, state, step) for each operation in each state.
template <class Visit>
void for_each_case(Visit visit) {
  for (const Examples& example : examples()) {
    for (const Examples::State& state : example.states) {
      for (const Step& step : example.operations) {
        SCOPED_TRACE(describe(example, state, step));
        visit(example, state, step);
      }
    }
  }
}

TEST(UndoTest, EveryMutatingOperationHasAnExampleThatSucceeds) {
  std::set<std::string> succeeded;
  for_each_case([&](const Examples& example, const Examples::State& state, const Step& step) {
    Subject subject(example, state);
    UndoLog log;
    if (subject.try_in_batch(step, log).outcome.has_error()) return;
    succeeded.insert(absl::StrCat(example.service, "/", step.rpc));
  });
  const std::set<std::string> always_waits = {"mp.v1.Barrier/Wait", "mp.v1.Condition/Wait",
                                              "mp.v1.Custom/Call"};
  for (const KindTable& kind : kinds()) {
    if (kind.kind == Kind::kWatch) continue;  // over another object: watch_test.cc
    for (const Operation& row : kind.operations) {
      const std::string name = absl::StrCat(std::string(kind.service), "/", std::string(row.rpc));
      const bool expected = row.effect != Effect::kReads && !always_waits.contains(name);
      EXPECT_EQ(succeeded.contains(name), expected) << name;
    }
  }
}

TEST(UndoTest, AnOperationThatIsUndoneLeavesNoTrace) {
  for_each_case([](const Examples& example, const Examples::State& state, const Step& step) {
    Subject untouched(example, state);
    Subject subject(example, state);
    UndoLog log;
    subject.try_in_batch(step, log);
    log.run();
    EXPECT_EQ(subject.dump(), untouched.dump());
  });
}

TEST(UndoTest, AnOperationThatFailsHasChangedNothing) {
  for_each_case([](const Examples& example, const Examples::State& state, const Step& step) {
    Subject untouched(example, state);
    Subject subject(example, state);
    UndoLog log;
    if (!subject.try_in_batch(step, log).outcome.has_error()) return;
    EXPECT_EQ(subject.dump(), untouched.dump());
  });
}

TEST(UndoTest, AWholeBatchThatIsUndoneLeavesNoTrace) {
  const auto one_of = [](std::mt19937 & random, const auto& all) -> const auto& {
    return all[std::uniform_int_distribution<std::size_t>(0, all.size() - 1)(random)];
  };
  for (const unsigned seed : test::seeds(1000)) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 random(seed);
    const Examples& example = one_of(random, examples());
    const Examples::State& state = one_of(random, example.states);
    Subject untouched(example, state);
    Subject subject(example, state);
    UndoLog log;
    std::string batch;
    for (int i = 0; i < 6; ++i) {
      const Step& step = one_of(random, example.operations);
      const Result result = subject.try_in_batch(step, log);
      absl::StrAppend(&batch, step.rpc, " {", step.request, "}: ", test::text(result.outcome),
                      "\n");
    }
    log.run();
    ASSERT_EQ(subject.dump(), untouched.dump()) << example.service << " {" << state.create << "}\n"
                                                << batch;
  }
}

}  // namespace
}  // namespace mp::server
