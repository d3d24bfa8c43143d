#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/workshop.h"

// Batches over a lock, a set, an array and a namespace: a grant is a part of the batch like any
// other, is undone with it, and passes on with what its dead holder did not get to do.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kObject = 0;
constexpr int kTools = static_cast<int>(Workshop::kTools);

MP_HISTORIES(BatchKindsHistories);

class Worker {
 public:
  explicit Worker(Client& client) : client_(client) {}

  void step() {
    const int tool = client_.any(kTools);
    switch (client_.any(10)) {
      case 0:
        return read();
      case 1:
        return spoil(tool);
      case 2:
        return use(tool);
      case 3:
        return take_off(tool);
      case 4:
        return look();
      case 5:
        return holds_ ? release() : acquire(client_.any(3) * 1ms);
      default:
        return holds_ ? move(tool) : take(tool);
    }
  }

  // Nobody is left who has the bench.
  void finish() {
    acquire(kLong);
    EXPECT_TRUE(holds_);
    read();
    release();
    read();
  }

 private:
  using Number = std::int64_t;

  // The grant, as the thread that has it sees it.
  Result grant(const Numbers& got = {}) const {
    return {.value = static_cast<Number>(bench_.token()),
            .extra = bench_.previous_owner_died() ? 1 : 0,
            .got = got};
  }

  void read() {
    const Result all = client_.run(kObject, Code::kRead, [&] {
      Batch batch = client_.manager().batch();
      auto tools = batch.on(tools_).items();
      auto is_held = batch.on(bench_).locked();
      auto uses = batch.on(uses_).copy();
      auto steps = batch.on(tally_).get<Number>("steps");
      batch.commit();
      std::vector<Number> numbers = uses.get();
      numbers.push_back(steps.get());
      Number bits = 0;
      for (const Number tool : tools.get()) bits |= Number{1} << tool;
      return Result{.value = bits, .extra = is_held.get() ? 1 : 0, .got = Numbers::of(numbers)};
    });
    seen_ = all.got;
  }

  void take(int tool) {
    const Result taken = client_.run(kObject, Code::kTake, tool, [&] {
      Batch batch = client_.manager().batch();
      auto granted = batch.on(bench_).acquire();
      auto is_new = batch.on(tools_).add(tool);
      auto used = batch.on(uses_).add(tool, 1);
      auto steps = batch.on(tally_).add<Number>("steps", 1);
      return unless<WouldBlock>([&] {
        batch.commit();
        if (!granted.get()) throw std::logic_error("a batch was committed without its grant");
        return grant(Numbers::of({is_new.get() ? 1 : 0, used.get(), steps.get()}));
      });
    });
    holds_ = taken.outcome == Outcome::kDone;
  }

  // What is demanded: now and then that all is as it was seen.
  Numbers demand(int tool) {
    if (seen_.empty() || client_.any(2) == 0) return {};
    return Numbers::of({seen_.items[static_cast<std::size_t>(tool)], seen_.items[Workshop::kTools],
                        client_.any(2)});
  }

  void move(int tool) {
    if (client_.any(2) == 0) read();  // to have seen what is there
    const Numbers given = demand(tool);
    const Result moved = client_.run(
        {.object = kObject, .code = Code::kMove, .argument = tool, .given = given}, [&] {
          Batch batch = client_.manager().batch();
          if (!given.empty()) {
            batch.if_equal(uses_, tool, given.items[0]).if_equal(tally_, "steps", given.items[1]);
            if (given.items[2] == 1) batch.if_contains(tools_, tool);
          }
          auto released = batch.on(bench_).release();
          auto was_there = batch.on(tools_).discard(tool);
          auto steps = batch.on(tally_).add<Number>("steps", 1);
          if (!batch.commit()) return kRefusal;
          released.get();
          return Result{.got = Numbers::of({was_there.get() ? 1 : 0, steps.get()})};
        });
    holds_ = moved.outcome != Outcome::kDone;
  }

  void spoil(int tool) {
    client_.run(kObject, Code::kSpoil, tool, [&] {
      Batch batch = client_.manager().batch();
      if (holds_) {
        batch.on(bench_).release();
      } else {
        static_cast<void>(batch.on(bench_).acquire());
      }
      batch.on(tools_).symmetric_difference_update({Number{tool}});
      batch.on(uses_).fill(-1);
      batch.on(tally_).set("steps", -1);
      batch.on(tools_).remove(kTools);
      return unless<WouldBlock>([&] { return unless<KeyError>([&] { return batch.commit(); }); });
    });
  }

  void acquire(TimeLimit patience) {
    const Result got = client_.run(kObject, Code::kAcquire, [&] {
      if (!bench_.acquire(patience)) return kRefusal;
      return grant();
    });
    holds_ = got.outcome == Outcome::kDone;
  }

  void release() {
    client_.run(kObject, Code::kRelease, [&] { bench_.release(); });
    holds_ = false;
  }

  void use(int tool) {
    const Number times = 1 + client_.any(3);
    client_.run(kObject, Code::kAdd, tool, times, [&] { return uses_.add(tool, times); });
  }

  void take_off(int tool) {
    client_.run(kObject, Code::kErase, tool, [&] { return tools_.discard(tool); });
  }

  void look() {
    client_.run(kObject, Code::kGet, [&] { return tally_.get<Number>("steps"); });
  }

  static NamespaceProxy tally(const Manager& manager) {
    auto tally = manager.namespace_("tally");
    tally.add<Number>("steps", 0);  // so that it is there
    return tally;
  }

  Client& client_;
  LockProxy bench_ = client_.manager().lock("bench");
  SetProxy<Number> tools_ = client_.manager().set<Number>("tools");
  ArrayProxy<Number> uses_ = client_.manager().array<Number>("uses", Workshop::kTools);
  NamespaceProxy tally_ = tally(client_.manager());
  Numbers seen_;
  bool holds_ = false;
};

TEST_P(BatchKindsHistories, AreThoseOfOneMomentForLocksSetsArraysAndNamespaces) {
  check_histories<Workshop>(
      {.work = [](Client& client) -> Plan::Step {
         return [worker = Worker(client)]() mutable { worker.step(); };
       },
       .finish = [](Client& client, const Happened&) { Worker(client).finish(); },
       .steps = 50},
      [](const Happened& happened) { return with_all_ends(happened.history, happened, 1); });
}

}  // namespace
}  // namespace mp::linearizability
