#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/objects/event_history.h"
#include "tests/unit/objects/lock_model.h"

namespace mp::server::test {

// Random events of a lock against LockModel, or of what has one. Beside it: tokens only grow, an
// entry keeps its grant's, and of all tokens ever given the holder's alone is held.
//
// `Wire` names the lock's messages, as in lock_wire.h.
template <class Wire, class Model = LockModel>
class LockHistory : public EventHistory<Model> {
 public:
  using EventHistory<Model>::EventHistory;

 protected:
  using EventHistory<Model>::model_;
  using EventHistory<Model>::object_;
  using EventHistory<Model>::one_in;

  // Mostly whoever holds the lock, unless its session is ending.
  Who holder_or_somebody() {
    Who who = this->people_.somebody();
    if (!model_.holder || one_in(4)) return who;
    const Owner holder = model_.holder->who.owner;
    if (!this->people_.is_dying(holder.session)) who.owner = holder;
    return who;
  }

  void acquire() override {
    const auto [wish, wire] = some_wish();
    model_.acquire(object_.now(), wish);
    this->compare(object_.run(wish.who, wire));
  }
  void release() override {
    const Who who = holder_or_somebody();
    this->tell(who.ticket, model_.release(who));
    this->compare(object_.run(who, typename Wire::Release()));
  }
  bool one_of_a_batch(UndoLog& undo) override {
    if (one_in(2)) {
      const Who who = holder_or_somebody();
      const std::string expected = absl::StrCat(who.ticket, " ", model_.release(who));
      return this->agree(expected, object_.run_in_batch(who, typename Wire::Release(), undo));
    }
    const auto [wish, wire] = some_wish();
    const std::string expected = model_.acquire_in_batch(object_.now(), wish);
    return this->agree(expected, object_.run_in_batch(wish.who, wire, undo));
  }
  void take_back_from_model(const typename EventHistory<Model>::Given& given) override {
    const bool died = Wire::reply(given.result.outcome).previous_owner_died();
    model_.take_back(given.granted_to, died);
  }

  std::string said(const Result& result) override {
    if (result.outcome.has_error() || !Wire::is_reply(result.outcome)) return text(result.outcome);
    const auto& reply = Wire::reply(result.outcome);
    if (!reply.acquired()) return "not granted";
    this->remember(result, reply.token());
    return absl::StrCat("granted", Wire::count_text(reply),
                        reply.previous_owner_died() ? ", after a death" : "");
  }
  void check() override {
    for (const auto& [token, granted_to] : this->grants_) {
      const bool current = model_.holder && model_.holder->who.ticket == granted_to;
      EXPECT_EQ(object_.object().holds_token(token), current) << token;
    }
    const std::vector<Holding> holders = object_.object().holders();
    ASSERT_EQ(holders.size(), model_.holder ? 1U : 0U);
    if (!model_.holder) return;
    EXPECT_EQ(holders[0].owner, model_.holder->who.owner);
    EXPECT_EQ(this->grants_.at(holders[0].token), model_.holder->who.ticket);
  }

 private:
  std::pair<LockModel::Wish, typename Wire::Acquire> some_wish() {
    LockModel::Wish wish{.who = holder_or_somebody(), .lease = {}};
    if (one_in(2)) wish.who = this->people_.somebody();
    typename Wire::Acquire wire;
    wish.lease = this->some_lease(wire);
    return {wish, wire};
  }
};

}  // namespace mp::server::test
