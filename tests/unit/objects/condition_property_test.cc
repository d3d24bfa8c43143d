#include <memory>

#include "server/objects/condition.h"
#include "tests/unit/objects/condition_model.h"
#include "tests/unit/objects/lock_history.h"
#include "tests/unit/objects/lock_wire.h"

// Random events of conditions and of the lock that they are over, against a model.

namespace mp::server {
namespace {

using test::ConditionModel;
using test::Result;
using test::Who;

template <class Wire>
class ConditionHistory : public test::LockHistory<Wire, ConditionModel> {
 public:
  // One that has its lock, or `conditions` over the lock that `create` makes.
  enum class Lock { kItsOwn, kShared };
  ConditionHistory(unsigned seed, Kind lock_kind, Lock lock,
                   const google::protobuf::Message& create)
      : Base(seed, ConditionModel(lock_kind, lock == Lock::kShared ? 2 : 1), create) {
    if (lock == Lock::kItsOwn) {
      ids_ = {test::Shell::kFirst};
    } else {
      for (int i = 0; i < 2; ++i)
        ids_.push_back(object_.add_over_first(v1::ConditionCreateRequest()));
    }
  }

 private:
  using Base = test::LockHistory<Wire, ConditionModel>;
  using Base::below;

  using Base::model_;
  using Base::object_;
  using Base::one_in;
  using typename Base::Given;

  void one_event() override {
    const int dice = below(100);
    if (dice < 25) {
      wait();
    } else if (dice < 40) {
      notify();
    } else {
      Base::one_event();
    }
  }

  // Counted from 1, as the model does.
  std::size_t some_condition() { return 1 + static_cast<std::size_t>(below(int(ids_.size()))); }

  void wait() {
    const Who who = this->holder_or_somebody();
    const std::size_t condition = some_condition();
    v1::ConditionWaitRequest request;
    request.set_id(ids_[condition - 1]);
    const bool waits = model_.wait(who, condition);
    if (waits) {
      condition_of_[who.ticket] = condition;
    } else {
      this->tell(who.ticket, "NOT_OWNER");
    }
    if (one_in(6)) {
      request.mutable_timeout();
      model_.proceed(object_.now());
      model_.time_out(who.ticket);
    }
    this->compare(object_.run(who, request));
  }
  v1::ConditionNotifyRequest notification(std::size_t condition) {
    v1::ConditionNotifyRequest request;
    request.set_id(ids_[condition - 1]);
    request.set_count(static_cast<std::uint64_t>(below(3)));
    request.set_all(one_in(4));
    return request;
  }
  std::string notify_model(Who who, std::size_t condition,
                           const v1::ConditionNotifyRequest& request) {
    const std::uint64_t count = request.count() == 0 ? 1 : request.count();
    return model_.notify(who, condition, request.all() ? UINT64_MAX : count);
  }
  void notify() {
    const Who who = this->holder_or_somebody();
    const std::size_t condition = some_condition();
    const v1::ConditionNotifyRequest request = notification(condition);
    this->tell(who.ticket, notify_model(who, condition, request));
    this->compare(object_.run(who, request));
  }
  bool one_of_a_batch(UndoLog& undo) override {
    if (!one_in(3)) return Base::one_of_a_batch(undo);
    const Who who = this->holder_or_somebody();
    const std::size_t condition = some_condition();
    const v1::ConditionNotifyRequest request = notification(condition);
    const std::string expected =
        absl::StrCat(who.ticket, " ", notify_model(who, condition, request));
    return this->agree(expected, object_.run_in_batch(who, request, undo));
  }

  void expire(Ticket ticket) override {
    if (!condition_of_.contains(ticket)) return Base::expire(ticket);
    model_.time_out(ticket);
    this->compare(object_.expire(ticket));
  }
  void take_back_from_model(const Given& given) override {
    const v1::Outcome& outcome = given.result.outcome;
    if (!outcome.has_condition_wait()) return Base::take_back_from_model(given);
    const Ticket ticket = given.result.ticket;
    model_.take_back_wait(ticket, condition_of_.at(ticket), outcome.condition_wait());
  }
  std::string said(const Result& result) override {
    if (!result.outcome.has_condition_wait()) return Base::said(result);
    const v1::ConditionWaitReply& reply = result.outcome.condition_wait();
    this->remember(result, reply.token());
    return absl::StrCat(reply.notified() ? "notified" : "timed out",
                        reply.previous_owner_died() ? ", after a death" : "");
  }

  std::vector<std::uint64_t> ids_;
  std::map<Ticket, std::size_t> condition_of_;  // that a command waited for
};

TEST(ConditionPropertyTest, WithItsOwnLockItBehavesAsItsModelUnderRandomEvents) {
  test::for_each_seed(1000, [](unsigned seed) {
    using History = ConditionHistory<test::RLockWire>;
    History(seed, Kind::kRLock, History::Lock::kItsOwn, v1::ConditionCreateRequest()).run(100);
  });
}

TEST(ConditionPropertyTest, TwoOverALockBehaveAsTheirModelUnderRandomEvents) {
  test::for_each_seed(1000, [](unsigned seed) {
    using History = ConditionHistory<test::LockWire>;
    History(seed, Kind::kLock, History::Lock::kShared, v1::LockCreateRequest()).run(100);
  });
}

TEST(ConditionPropertyTest, TwoOverTheLockOfAValueBehaveAsTheirModelUnderRandomEvents) {
  v1::SharedValueCreateRequest create;
  create.set_typecode("i");
  test::for_each_seed(1000, [&](unsigned seed) {
    using History = ConditionHistory<test::RLockWire>;
    History(seed, Kind::kRLock, History::Lock::kShared, create).run(100);
  });
}

TEST(ConditionPropertyTest, TwoOverAnRLockBehaveAsTheirModelUnderRandomEvents) {
  test::for_each_seed(1000, [](unsigned seed) {
    using History = ConditionHistory<test::RLockWire>;
    History(seed, Kind::kRLock, History::Lock::kShared, v1::RLockCreateRequest()).run(100);
  });
}

}  // namespace
}  // namespace mp::server
