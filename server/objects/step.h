#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/duration.pb.h"
#include "mp/v1/command.pb.h"
#include "server/objects/change_log.h"
#include "server/objects/value.h"

namespace mp::server {

// Time is handed to the objects and never read by them.
using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

// Names one parked command, or one alarm, for as long as the manager runs.
using Ticket = std::uint64_t;
using SessionId = std::uint64_t;  // 0: a call without a session

// Who, within a session, holds or waits.
struct Owner {
  SessionId session = 0;
  std::uint64_t handle = 0;
  friend bool operator==(const Owner&, const Owner&) = default;
  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const Owner& owner) {
    return Hash::combine(std::move(hash), owner.session, owner.handle);
  }
};

// The outcome of one command while it is written.
class Answer {
 public:
  explicit Answer(v1::Outcome& outcome) : outcome_(&outcome) {}
  v1::Outcome& outcome() { return *outcome_; }
  // Writes a stored value into the outcome. References inside become references of the receiving
  // session.
  void write(const Value& value, v1::Value* wire);
  void retain(std::uint64_t id) { outcome_->add_retained(id); }
  void fail(const absl::Status& status);

 private:
  v1::Outcome* outcome_;
};

// Has an operation that succeeded altered its object? If not, the version stays as it is, and
// watches hear nothing.
enum class Altered : std::uint8_t { kYes, kNo };

// One step of a shard's sequence, as its objects see it: what time it is, who is alive, and the
// ordered list of outcomes that the step made ready.
class Step {
 public:
  explicit Step(Time now, const ObjectLimits& limits) : now_(now), limits_(limits) {}
  virtual ~Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  Time now() const { return now_; }
  // The moment `delay` from now; none if it lies beyond the end of time.
  std::optional<Time> time_after(Duration delay) const;
  const ObjectLimits& limits() const { return limits_; }

  // Completes a parked command. The reference is valid until the step is over.
  Answer answer(Ticket waiter, Altered altered = Altered::kYes);
  // False once a session has ended: what it waits for must not be granted to it any more.
  virtual bool alive(SessionId session) const = 0;
  // Calls expire() with the returned ticket when `when` is reached, if the object still knows the
  // ticket: the object of this step, or another one of its shard.
  virtual Ticket alarm(Time when, std::uint64_t object = 0) = 0;
  // A fencing token larger than every one before it, over restarts too.
  virtual std::uint64_t next_token() = 0;
  // A parked command waits for who holds a lock from now on, and did not before.
  virtual void stands_in_line(Ticket) {}
  // May one more command wait for this object?
  virtual bool room_for_waiter() const { return true; }

  struct Ready {
    Ticket ticket;
    Altered altered;
    v1::Outcome outcome;
  };
  std::list<Ready>& ready() { return ready_; }

 private:
  Time now_;
  const ObjectLimits& limits_;
  std::list<Ready> ready_;  // mostly empty, and then free of cost
};

// Undoes what the operations of a batch have done, last first.
class UndoLog {
 public:
  // `bytes`: about what `undo` keeps, where it is much.
  void push(std::function<void()> undo, std::uint64_t bytes = 0) {
    steps_.push_back(std::move(undo));
    bytes_ += bytes;
  }
  void run();
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::uint64_t bytes_ = 0;
  std::vector<std::function<void()>> steps_;
};

// LIMIT_EXCEEDED if an object of `items` items would grow by `more` past the limit.
absl::Status require_room(const ObjectLimits& limits, std::uint64_t items, std::uint64_t more);

// One command on one object: who asks, and what it may do.
class Call {
 public:
  Call(Step& step, Owner caller, Ticket ticket, v1::Outcome& outcome, UndoLog* undo,
       ChangeLog* log = nullptr)
      : step_(step), caller_(caller), ticket_(ticket), answer_(outcome), undo_(undo), log_(log) {}

  Step& step() { return step_; }
  Time now() const { return step_.now(); }
  Owner caller() const { return caller_; }
  Ticket ticket() const { return ticket_; }
  Answer& answer() { return answer_; }
  void write(const Value& value, v1::Value* wire) { answer_.write(value, wire); }
  absl::StatusOr<Value> read(const v1::Value& wire) const {
    return Value::from_wire(wire, step_.limits());
  }
  absl::StatusOr<Value> read_key(const v1::Value& wire) const {
    return Value::key_from_wire(wire, step_.limits());
  }

  absl::Status require_room(std::uint64_t items, std::uint64_t more = 1) const {
    return server::require_room(step_.limits(), items, more);
  }

  // The call of mp.v1.Custom whose method sends this command; 0: none.
  std::uint64_t inside() const { return inside_; }
  void be_inside(std::uint64_t call) { inside_ = call; }

  // NO_SESSION unless the caller has a session, as everybody needs who shall own something.
  absl::Status require_session() const;

  // From now on the end of the caller's session concerns the object, which is told of it
  // (owner_gone). Whoever waits, or was given something, is concerned in any case.
  void concern_session() { concerns_session_ = true; }
  bool concerns_session() const { return concerns_session_; }

  // The caller's command waits, at most `timeout` (none: for ever). WOULD_BLOCK inside a batch;
  // otherwise the object queues ticket() and answers it later, or on expire().
  absl::Status park(std::optional<Duration> timeout);
  bool parked() const { return parked_; }
  std::optional<Time> deadline() const { return deadline_; }

  // Inside a batch every change registers how to take it back. Write `if (call.undoable())
  // call.on_undo(…)`, so that nothing is copied outside of one.
  bool undoable() const { return undo_ != nullptr; }
  void on_undo(std::function<void()> undo, std::uint64_t bytes = 0) {
    undo_->push(std::move(undo), bytes);
  }

  // The call succeeds, and leaves its object as it was.
  absl::Status alters_nothing() {
    altered_ = Altered::kNo;
    return absl::OkStatus();
  }
  Altered altered() const { return altered_; }

  // What a call changes in the contents of an object that is watched. Write `if (call.watched())
  // call.changed(…)`, so that it costs nothing where nobody watches.
  bool watched() const { return log_ != nullptr; }
  void changed(const Value& key, const Value& old, const Value& now) { log_->add(key, old, now); }
  // More than can be told.
  void changed_everything() { log_->add_everything(); }

 private:
  Step& step_;
  const Owner caller_;
  const Ticket ticket_;
  Answer answer_;
  UndoLog* const undo_;
  ChangeLog* const log_;
  std::uint64_t inside_ = 0;
  bool parked_ = false;
  bool concerns_session_ = false;
  Altered altered_ = Altered::kYes;
  std::optional<Time> deadline_;
};

// VALUE_ERROR, which names the field, unless the duration is as google.protobuf.Duration demands:
// at most 10,000 years, less than a second of nanoseconds, and both of one sign.
absl::Status require_duration(const google::protobuf::Duration& wire, std::string_view field);

// A duration from the wire. What 64 bits of nanoseconds can't hold becomes the longest that they
// can, 292 years.
Duration duration_of(const google::protobuf::Duration& wire);

// The time that a request gives to wait: absent for ever, negative none.
template <class Request>
std::optional<Duration> timeout_of(const Request& request) {
  if (!request.has_timeout()) return std::nullopt;
  return std::max(Duration::zero(), duration_of(request.timeout()));
}

}  // namespace mp::server
