#include <map>
#include <string>

#include "server/objects/rwlock.h"
#include "tests/unit/objects/event_history.h"
#include "tests/unit/objects/rwlock_model.h"

namespace mp::server {
namespace {

using test::Result;
using test::RWLockModel;
using test::Who;

// Random events against the model. Beside it: tokens only grow, an entry keeps its grant's, and of
// all tokens ever given those are held whose grants are; nobody reads or writes while another
// writes.
class RWLockHistory : public test::EventHistory<RWLockModel> {
 public:
  explicit RWLockHistory(unsigned seed)
      : EventHistory(seed, RWLockModel(), v1::RWLockCreateRequest()) {}

 private:
  // Of a writer that has died in line those behind it are to be served, which a clock that turns
  // does not do where nothing falls due.
  void one_event() override {
    EventHistory::one_event();
    compare(object_.settle());
  }

  // Mostly somebody who holds it, unless its session is ending.
  Who holder_or_somebody() {
    Who who = people_.somebody();
    if (model_.holds.empty() || one_in(3)) return who;
    const Owner holder = one_of(model_.holds).owner;
    if (!people_.is_dying(holder.session)) who.owner = holder;
    return who;
  }

  void acquire() override {
    RWLockModel::Wish wish{.who = one_in(4) ? holder_or_somebody() : people_.somebody(),
                           .writes = one_in(2),
                           .lease = {}};
    if (wish.writes) {
      v1::RWLockAcquireWriteRequest request;
      acquire(wish, request);
    } else {
      v1::RWLockAcquireReadRequest request;
      acquire(wish, request);
    }
  }
  template <class Request>
  void acquire(RWLockModel::Wish& wish, Request& request) {
    wish.lease = some_lease(request);
    if (const auto answer = model_.acquire(object_.now(), wish)) {
      model_.answers.push_back(*answer);
    } else {
      model_.line.push_back(wish);
    }
    compare(object_.run(wish.who, request));
  }
  void release() override {
    const Who who = holder_or_somebody();
    const bool writes = one_in(2);
    tell(who.ticket, model_.release(who, writes));
    compare(writes ? object_.run(who, v1::RWLockReleaseWriteRequest())
                   : object_.run(who, v1::RWLockReleaseReadRequest()));
  }
  bool one_of_a_batch(UndoLog& undo) override {
    const Who who = holder_or_somebody();
    const bool writes = one_in(2);
    if (one_in(2)) {
      const std::string expected = absl::StrCat(who.ticket, " ", model_.release(who, writes));
      return agree(expected, writes
                                 ? object_.run_in_batch(who, v1::RWLockReleaseWriteRequest(), undo)
                                 : object_.run_in_batch(who, v1::RWLockReleaseReadRequest(), undo));
    }
    const std::string expected = model_.acquire(object_.now(), {who, writes, {}})
                                     .value_or(absl::StrCat(who.ticket, " WOULD_BLOCK"));
    return agree(expected, writes
                               ? object_.run_in_batch(who, v1::RWLockAcquireWriteRequest(), undo)
                               : object_.run_in_batch(who, v1::RWLockAcquireReadRequest(), undo));
  }
  void take_back_from_model(const Given& given) override {
    const bool died = given.result.outcome.rwlock_acquire_write().previous_owner_died();
    model_.take_back(given.granted_to, died);
  }

  std::string said(const Result& result) override {
    const v1::Outcome& outcome = result.outcome;
    if (outcome.has_error()) return test::text(outcome);
    if (outcome.has_rwlock_acquire_read()) return said(result, outcome.rwlock_acquire_read());
    if (outcome.has_rwlock_acquire_write()) return said(result, outcome.rwlock_acquire_write());
    return test::text(outcome);
  }
  template <class Reply>
  std::string said(const Result& result, const Reply& reply) {
    if (!reply.acquired()) return "not granted";
    remember(result, reply.token());
    return reply.previous_owner_died() ? "granted, after a death" : "granted";
  }

  void check() override {
    std::map<Ticket, Owner> held;
    std::set<Owner, decltype([](const Owner& a, const Owner& b) {
               return std::pair(a.session, a.handle) < std::pair(b.session, b.handle);
             })>
        owners;
    bool written = false;
    for (const auto& hold : model_.holds) {
      held.emplace(hold.granted_to, hold.owner);
      owners.insert(hold.owner);
      written |= hold.writes;
    }
    for (const auto& [token, granted_to] : grants_)
      EXPECT_EQ(object_.object().holds_token(token), held.contains(granted_to)) << token;
    const std::vector<Holding> holders = object_.object().holders();
    EXPECT_EQ(holders.size(), held.size());
    for (const Holding& holding : holders)
      EXPECT_EQ(held.at(grants_.at(holding.token)), holding.owner);
    EXPECT_TRUE(!written || owners.size() == 1);
  }
};

TEST(RWLockPropertyTest, BehavesAsItsModelUnderRandomEvents) {
  test::for_each_seed(2000, [](unsigned seed) { RWLockHistory(seed).run(80); });
}

}  // namespace
}  // namespace mp::server
