#include <gtest/gtest.h>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/ledger.h"

// Batches over several objects: each is one moment for all of them, or changes nothing; to those
// too who use the same objects one by one.

namespace mp::linearizability {
namespace {

constexpr int kObject = 0;
constexpr int kAccounts = static_cast<int>(Ledger::kAccounts);

MP_HISTORIES(BatchHistories);

std::int64_t number(std::size_t size) { return static_cast<std::int64_t>(size); }

class Bookkeeper {
 public:
  explicit Bookkeeper(Client& client) : client_(client) {
    for (int account = 0; account < kAccounts; ++account) accounts_.setdefault(account, 100);
  }

  void step() {
    const int account = client_.any(kAccounts);
    const std::int64_t amount = 1 + client_.any(9);
    switch (client_.any(9)) {
      case 0:
        return read();
      case 1:
        return static_cast<void>(take(account, amount));
      case 2:
        return spoil(account);
      case 3:
        return put();
      case 4:
        return look(account);
      case 5:
        return add(account, amount);
      default:
        return move(account, amount);
    }
  }

  void read() {
    const Result all = client_.run(kObject, Code::kRead, [&] {
      Batch batch = client_.manager().batch();
      auto first = batch.on(accounts_).at(0);
      auto second = batch.on(accounts_).at(1);
      auto third = batch.on(accounts_).at(2);
      auto moves = batch.on(moves_).get();
      auto lines = batch.on(journal_).size();
      auto jobs = batch.on(jobs_).qsize();
      batch.commit();
      return Result{.value = number(lines.get()),
                    .extra = number(jobs.get()),
                    .got = Numbers::of({first.get(), second.get(), third.get(), moves.get()})};
    });
    seen_ = all.got;
  }

  // The jobs that are left, and all that is there then.
  void finish() {
    while (take(0, 1)) continue;
    read();
    for (int account = 0; account < kAccounts; ++account) look(account);
  }

 private:
  void put() {
    const std::int64_t job = client_.unique();
    client_.run(kObject, Code::kPut, job, [&] { jobs_.put(job); });
  }

  void look(int account) {
    client_.run(kObject, Code::kGet, account, [&] { return accounts_.at(account); });
  }

  void add(int account, std::int64_t amount) {
    client_.run(kObject, Code::kAdd, account, amount,
                [&] { return accounts_.add(account, amount); });
  }

  // What is demanded: now and then that the account, or the number of moves, is as it was seen.
  Numbers demand(int account) {
    switch (seen_.empty() ? 3 : client_.any(4)) {
      case 0:
        return Numbers::of({seen_.items[static_cast<std::size_t>(account)], kAbsent});
      case 1:
        return Numbers::of({kAbsent, seen_.items[Ledger::kAccounts]});
      default:
        return {};
    }
  }

  void move(int from, std::int64_t amount) {
    const Numbers given = demand(from);
    client_.run({.object = kObject,
                 .code = Code::kMove,
                 .argument = from,
                 .desired = amount,
                 .given = given},
                [&] { return moved(from, amount, given); });
    if (!given.empty()) read();  // to have seen what is there
  }

  Result moved(int from, std::int64_t amount, const Numbers& given) {
    const int to = static_cast<int>(Ledger::after(static_cast<std::size_t>(from)));
    Batch batch = client_.manager().batch();
    if (!given.empty() && given.items[0] != kAbsent)
      batch.if_equal(accounts_, from, given.items[0]);
    if (!given.empty() && given.items[1] != kAbsent) batch.if_equal(moves_, given.items[1]);
    auto left = batch.on(accounts_).add(from, -amount);
    auto there = batch.on(accounts_).add(to, amount);
    auto moves = batch.on(moves_).add(1);
    batch.on(journal_).append(amount);
    auto lines = batch.on(journal_).size();
    if (!batch.commit()) return kRefusal;
    return {.got = Numbers::of({left.get(), there.get(), moves.get(), number(lines.get())})};
  }

  bool take(int account, std::int64_t amount) {
    const Result taken = client_.run(kObject, Code::kTake, account, amount, [&] {
      Batch batch = client_.manager().batch();
      auto sum = batch.on(accounts_).add(account, amount);
      auto job = batch.on(jobs_).get();
      batch.on(journal_).append(amount);
      auto lines = batch.on(journal_).size();
      return unless<WouldBlock>([&] {
        batch.commit();
        return Result{.value = job.get(), .got = Numbers::of({sum.get(), number(lines.get())})};
      });
    });
    return taken.outcome == Outcome::kDone;
  }

  void spoil(int account) {
    client_.run(kObject, Code::kSpoil, account, [&] {
      Batch batch = client_.manager().batch();
      batch.on(accounts_).set(account, -1);
      batch.on(moves_).set(-1);
      batch.on(journal_).clear();
      batch.on(jobs_).put(-1);
      batch.on(accounts_).pop(kAccounts);
      return unless<KeyError>([&] { return batch.commit(); });
    });
  }

  Client& client_;
  DictProxy<int, std::int64_t> accounts_ = client_.manager().dict<int, std::int64_t>("accounts");
  ValueProxy<std::int64_t> moves_ = client_.manager().value<std::int64_t>("moves");
  ListProxy<std::int64_t> journal_ = client_.manager().list<std::int64_t>("journal");
  QueueProxy<std::int64_t> jobs_ = client_.manager().queue<std::int64_t>("jobs");
  Numbers seen_;
};

TEST_P(BatchHistories, AreThoseOfOneMomentForAllObjects) {
  check_histories<Ledger>(
      {.work = [](Client& client) -> Plan::Step {
         return [keeper = Bookkeeper(client)]() mutable { keeper.step(); };
       },
       .finish = [](Client& client, const Happened&) { Bookkeeper(client).finish(); },
       .steps = 50},
      [](const Happened& happened) { return with_returns(happened, {Code::kTake}); });
}

}  // namespace
}  // namespace mp::linearizability
