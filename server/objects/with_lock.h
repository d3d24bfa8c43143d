#pragma once

#include <memory>

#include "server/objects/rlock.h"

namespace mp::server {

// An object that has an RLock of its own, made when it is first used: the operations of mp.v1.RLock
// run on it where this object is named. That it is held is nothing to the object's operations. A
// condition may be over it, which then shares in the life of this object.
//
// A kind with waiters of its own overrides the steps, and passes on what it does not know.
class WithLock : public Object {
 public:
  using Object::Object;

  Object* facet(Kind kind) override {
    return kind == Kind::kRLock ? &own_lock() : Object::facet(kind);
  }

  void be_hosted_as(std::uint64_t id) override { id_ = id; }
  void settle(Step& step) override {
    if (lock_ != nullptr) lock_->settle(step);
  }
  void expire(Ticket ticket, Step& step) override {
    if (lock_ != nullptr) note_changes_of_lock([&] { lock_->expire(ticket, step); });
  }
  bool awaits_alarm(Ticket ticket) const override {
    return lock_ != nullptr && lock_->awaits_alarm(ticket);
  }
  void abandon(Ticket ticket) override {
    if (lock_ != nullptr) lock_->abandon(ticket);
  }
  void owner_gone(SessionId session, Step& step) override {
    if (lock_ != nullptr) note_changes_of_lock([&] { lock_->owner_gone(session, step); });
  }
  void take_back(const v1::Outcome& outcome, Owner owner) override {
    if (lock_ != nullptr) note_changes_of_lock([&] { lock_->take_back(outcome, owner); });
  }
  void dissolve(const absl::Status& why, Step& step) override {
    if (lock_ != nullptr) lock_->dissolve(why, step);
  }
  bool holds_token(std::uint64_t token) const override {
    return lock_ != nullptr && lock_->holds_token(token);
  }
  std::vector<Holding> holders() const override {
    return lock_ != nullptr ? lock_->holders() : std::vector<Holding>();
  }
  WaitsFor waits_for(Ticket ticket) const override {
    return lock_ != nullptr ? lock_->waits_for(ticket) : WaitsFor();
  }
  bool in_use() const override { return lock_ != nullptr && lock_->in_use(); }

 protected:
  std::uint64_t id() const { return id_; }
  RLock& own_lock() {
    if (lock_ == nullptr) {
      lock_ = std::make_unique<RLock>();
      lock_->be_hosted_as(id_);
    }
    return *lock_;
  }
  // What changes the lock in `change` without an operation changes this object, as others see it.
  template <class Function>
  void note_changes_of_lock(Function change) {
    const std::uint64_t before = own_lock().version();
    change();
    if (own_lock().version() != before) note_change();
  }

 private:
  std::uint64_t id_ = 0;
  std::unique_ptr<RLock> lock_;
};

}  // namespace mp::server
