#include "server/objects/semaphore.h"
#include "tests/unit/objects/event_history.h"
#include "tests/unit/objects/semaphore_model.h"

// Random events of semaphores, bounded or not, owning or signals, against a model. Beside it: each
// permit has a token of its own, which is held while, and only while, the permit is.

namespace mp::server {
namespace {

using test::Result;
using test::SemaphoreModel;
using test::Who;

v1::SemaphoreCreateRequest some_semaphore(unsigned seed) {
  test::Dice dice(seed);
  v1::SemaphoreCreateRequest request;
  request.set_value(static_cast<std::uint64_t>(dice.below(4)));
  request.set_bounded(dice.one_in(2));
  request.set_signal(dice.one_in(6));
  return request;
}

class SemaphoreHistory : public test::EventHistory<SemaphoreModel> {
 public:
  SemaphoreHistory(unsigned seed, const v1::SemaphoreCreateRequest& create)
      : EventHistory(seed, SemaphoreModel(create), create) {}

 private:
  std::pair<SemaphoreModel::Wish, v1::SemaphoreAcquireRequest> some_wish() {
    SemaphoreModel::Wish wish{.who = people_.somebody(), .lease = {}};
    if (one_in(20)) wish.who.owner.session = 0;
    v1::SemaphoreAcquireRequest wire;
    wish.lease = some_lease(wire);
    return {wish, wire};
  }
  void acquire() override {
    const auto [wish, wire] = some_wish();
    model_.acquire(object_.now(), wish);
    compare(object_.run(wish.who, wire));
  }

  struct Release {
    Who who;
    Ticket permit;  // of the token, or 0
    v1::SemaphoreReleaseRequest wire;
  };
  // Mostly by somebody who holds a permit, and mostly of one.
  Release some_release() {
    Release release{.who = people_.somebody(), .permit = 0, .wire = {}};
    if (!model_.permits.empty() && !one_in(30)) {
      const Owner owner = one_of(model_.permits).owner;
      if (!people_.is_dying(owner.session)) release.who.owner = owner;
    }
    if (one_in(4)) release.wire.set_count(static_cast<std::uint64_t>(below(4)));
    if (one_in(4) && !grants_.empty()) {
      const auto& [token, granted_to] = one_in(2) ? *grants_.rbegin() : one_of(grants_);
      release.permit = granted_to;
      release.wire.set_token(token);
    }
    return release;
  }
  std::string release_model(const Release& release) {
    const std::uint64_t count = release.wire.count() == 0 ? 1 : release.wire.count();
    return model_.release(release.who.owner, count, release.permit);
  }
  void release() override {
    const Release release = some_release();
    tell(release.who.ticket, release_model(release));
    compare(object_.run(release.who, release.wire));
  }
  bool one_of_a_batch(UndoLog& undo) override {
    if (one_in(2)) {
      const Release release = some_release();
      const std::string expected = absl::StrCat(release.who.ticket, " ", release_model(release));
      return agree(expected, object_.run_in_batch(release.who, release.wire, undo));
    }
    const auto [wish, wire] = some_wish();
    const std::string expected = model_.acquire_in_batch(object_.now(), wish);
    return agree(expected, object_.run_in_batch(wish.who, wire, undo));
  }
  void take_back_from_model(const Given& given) override {
    const bool died = given.result.outcome.semaphore_acquire().previous_owner_died();
    model_.take_back(given.granted_to, died);
  }

  std::string said(const Result& result) override {
    if (result.outcome.has_error() || !result.outcome.has_semaphore_acquire())
      return test::text(result.outcome);
    const v1::SemaphoreAcquireReply& reply = result.outcome.semaphore_acquire();
    if (!reply.acquired()) return "not granted";
    remember(result, reply.token());
    return absl::StrCat("granted", reply.token() == 0 ? ", nobody's" : "",
                        reply.previous_owner_died() ? ", after a death" : "");
  }
  void check() override {
    EXPECT_EQ(object_.ask(v1::SemaphoreGetValueRequest()), model_.state());
    for (const auto& [token, granted_to] : grants_)
      EXPECT_EQ(object_.object().holds_token(token), model_.is_held(granted_to)) << token;
    const std::vector<Holding> holders = object_.object().holders();
    ASSERT_EQ(holders.size(), model_.permits.size());
    for (std::size_t i = 0; i < holders.size(); ++i)
      EXPECT_EQ(holders[i].owner, model_.permits[i].owner);
  }
};

TEST(SemaphorePropertyTest, BehavesAsItsModelUnderRandomEvents) {
  test::for_each_seed(2000,
                      [](unsigned seed) { SemaphoreHistory(seed, some_semaphore(seed)).run(80); });
}

}  // namespace
}  // namespace mp::server
