#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "mp/v1/admin.pb.h"
#include "server/objects/change_log.h"
#include "server/objects/kind.h"
#include "server/objects/step.h"

namespace mp::server {

// Who holds an object, as administration shows it.
struct Holding {
  Owner owner;
  Time since;
  std::uint64_t token = 0;
  std::optional<Time> lease_ends;
};

// With a CallId for a handle: the thread that runs this call of a user's method, as an owner. Which
// one that is, is known while it waits (engine/wait_for_graph.h).
constexpr SessionId kThreadOfCall = std::numeric_limits<SessionId>::max();

// Whom a parked command waits for, of those who hold its object. Nobody: for nobody in particular,
// and anybody may end the wait.
struct WaitsFor {
  // kAnyToLetGo: and who waits here for one more, of those, is taken for somebody whose own are
  // given back by others, as the free places of a buffer are.
  enum class Needs : std::uint8_t { kEachToLetGo, kAnyToLetGo };
  // Somebody who waits too, and is to be served first, or to give up.
  struct Ahead {
    Ticket ticket;
    Owner owner;
    Time since;
  };

  std::vector<Holding> holders;
  Needs needs = Needs::kEachToLetGo;
  // If there are any, it waits for the holders because of one of these.
  std::vector<Ahead> ahead;
  // The wait ends when it is granted what it waits for, and not before: not by the deadline of its
  // command either.
  bool until_granted = false;
};

// A shared object: a deterministic state machine. In memory, not thread-safe, without clock or I/O:
// its shard enters it with one step at a time. The steps are its operations (the rows of its
// kind's table, operations.h), expire(), abandon(), owner_gone() and take_back(); what they make
// ready goes to Step::answer() in order.
//
// Waiters are served in settle() only, which the shard calls once after each step, and once after
// the last operation of a batch. Invariant, after settle(): no waiter is parked that could proceed.
class Object {
 public:
  explicit Object(Kind kind) : kind_(kind) {}
  virtual ~Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  Kind kind() const { return kind_; }
  // What operations of that kind run on: this object, or the lock that it has; null if neither is
  // of that kind.
  virtual Object* facet(Kind kind) { return kind == kind_ ? this : nullptr; }
  // Its shard has it under this id from now on.
  virtual void be_hosted_as(std::uint64_t) {}

  // Completes every waiter that can proceed, in order of arrival, passing over those whose session
  // has ended.
  virtual void settle(Step&) {}
  // No batch is under way that could still be undone: what was kept for that can go.
  virtual void tidy() {}
  // The deadline of a waiter, or an alarm, is reached. An unknown ticket is no error: it came too
  // late.
  virtual void expire(Ticket, Step&) {}
  // Does the object still want expire() of this alarm? One that it has forgotten may be dropped.
  virtual bool awaits_alarm(Ticket) const { return false; }
  // A waiter has given up. It gets no answer.
  virtual void abandon(Ticket) {}
  // A session has ended: afterwards nothing of it is left here, neither as a holder nor as a
  // waiter.
  virtual void owner_gone(SessionId, Step&) {}
  // The same of a session that was closed by its own wish, and did not die.
  virtual void owner_closed(SessionId session, Step& step) { owner_gone(session, step); }
  // The outcome of an operation marked kGives never reached its caller: what was given comes back.
  virtual void take_back(const v1::Outcome&, Owner) {}
  // The object goes away under its waiters: each is answered with `why`.
  virtual void dissolve(const absl::Status& why, Step& step) = 0;

  // Is the very grant that has this token held now?
  virtual bool holds_token(std::uint64_t) const { return false; }

  virtual std::uint64_t length() const = 0;
  virtual std::size_t heap_bytes() const = 0;
  // What else an operator should know; mostly nothing.
  virtual std::string note() const { return {}; }
  virtual std::vector<Holding> holders() const { return {}; }
  // Whom those who wait here wait for to come, as far as they are known.
  virtual std::vector<Owner> missing() const { return {}; }
  // Of a command that is parked here, between steps.
  virtual WaitsFor waits_for(Ticket) const { return {}; }
  // Beside by those who wait for it here.
  virtual bool in_use() const { return !holders().empty(); }
  // Calls `visit` with every reference that is stored here, those in parked commands included.
  virtual void visit_refs(const std::function<void(std::uint64_t)>& visit) const = 0;

  // --- Versions, and what watches see (change_log.h). ---

  // Counts the steps that have changed the object.
  std::uint64_t version() const { return version_; }
  // An operation, all of a batch, or what no operation did, has changed it.
  void note_change(Deed by = {}) {
    ++version_;
    if (log_ != nullptr) log_->end_step(version_, by);
  }
  // The same for one operation of a batch, whose event is noted at the batch's end; and back.
  void raise_version() { ++version_; }
  void restore_version(std::uint64_t version) {
    version_ = version;
    if (log_ != nullptr) log_->forget_step();
  }
  void note_batch(Deed by) {
    if (log_ != nullptr && log_->version() != version_) log_->end_step(version_, by);
  }
  // Null while nobody watches.
  const std::shared_ptr<ChangeLog>& log() const { return log_; }
  // Makes one if there is none.
  const std::shared_ptr<ChangeLog>& keep_log(const ObjectLimits& limits) {
    if (log_ == nullptr) log_ = std::make_shared<ChangeLog>(version_, limits);
    return log_;
  }
  void drop_log() { log_.reset(); }
  // Another object of the shard that a step of this one may have changed; mostly null.
  virtual Object* companion() { return nullptr; }

 private:
  const Kind kind_;
  std::uint64_t version_ = 0;
  std::shared_ptr<ChangeLog> log_;
};

}  // namespace mp::server
