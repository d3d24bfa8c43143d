#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "mp/error_code.h"
#include "mp/wire/fields.h"
#include "mp/wire/message.h"
#include "mp/wire/operation.h"
#include "mp/wire/ref_resolver.h"

namespace mp::internal {

// A fencing demand: run only while this very grant of this lock is held.
struct Fence {
  std::uint64_t lock = 0;  // the lock's id
  std::uint64_t token = 0;
};

// What a call has beside its operation and its request.
struct CallOptions {
  bool may_wait = false;                         // the operation may wait on the manager ...
  std::optional<std::chrono::nanoseconds> wait;  // ... so long at most; absent: for ever
  std::optional<Fence> fence;
  // The thread does nothing else until the outcome is there, and acquires: its wait can be part of
  // a deadlock.
  bool caller_blocks = false;
  // The call of a user's method that is made in this; 0: none.
  std::uint64_t inside_call = 0;

  // An outcome with this error is returned, as a Reply with error(), and not thrown.
  ErrorCode tolerated = ErrorCode::kUnspecified;
};

// The reply to one operation: owns the bytes of the reply message, and what resolves references in
// them.
class Reply {
 public:
  Reply(std::string bytes, std::shared_ptr<const wire::RefResolver> resolver)
      : bytes_(std::move(bytes)), resolver_(std::move(resolver)) {}

  // The outcome was an error that the caller tolerates.
  explicit Reply(ErrorCode error) : error_(error) {}

  // What its outcome says beside.
  Reply&& saying(std::uint64_t version, std::uint64_t watch_mark) && {
    version_ = version;
    watch_mark_ = watch_mark;
    return std::move(*this);
  }
  // The object's, after an operation that has changed it, or that reads what is watched; else 0.
  std::uint64_t version() const { return version_; }
  // What of its watches the session had to see by then.
  std::uint64_t watch_mark() const { return watch_mark_; }
  std::string_view bytes() const { return bytes_; }
  // Does it hold references?
  bool refers() const { return resolver_ != nullptr; }

  bool ok() const { return error_ == ErrorCode::kUnspecified; }
  ErrorCode error() const { return error_; }

  wire::Fields fields() const { return wire::Fields(bytes_, resolver_.get()); }
  bool has(std::uint32_t field) const;
  std::uint64_t uint(std::uint32_t field) const;  // 0 if absent, as proto3 has it
  bool boolean(std::uint32_t field) const { return uint(field) != 0; }

  // Errors: RemoteError if the reply lacks the field; TypeError, ValueError if the value is no T.
  template <class T>
  T value(std::uint32_t field) const {
    return find(field).value<T>();
  }

 private:
  // The last field of this number. Errors: RemoteError if there is none.
  wire::Fields find(std::uint32_t field) const;

  std::string bytes_;
  std::shared_ptr<const wire::RefResolver> resolver_;
  ErrorCode error_ = ErrorCode::kUnspecified;
  std::uint64_t version_ = 0;
  std::uint64_t watch_mark_ = 0;
};

// A reply that is still to come. Dropping the last copy gives up on the call, without waiting.
//
// Thread-safety: any thread may wait.
class PendingReply {
 public:
  // What the session implements.
  class State {
   public:
    virtual ~State() = default;
    // Waits for the outcome; throws mp::Error subclasses. Called once.
    virtual Reply get() = 0;
    // Waits at most so long; true once get() would not wait.
    virtual bool wait_for(std::chrono::nanoseconds timeout) = 0;
    // Calls `then` once it is settled that the operation runs, though nobody waits for its outcome;
    // never if it does not run.
    virtual void when_sure(const std::function<void()>& then) { then(); }
  };

  PendingReply() = default;
  explicit PendingReply(std::shared_ptr<State> state) : state_(std::move(state)) {}

  bool valid() const { return state_ != nullptr; }
  Reply get() { return std::exchange(state_, nullptr)->get(); }
  bool wait_for(std::chrono::nanoseconds timeout) const { return state_->wait_for(timeout); }
  bool ready() const { return wait_for(std::chrono::nanoseconds::zero()); }
  void when_sure(const std::function<void()>& then) const { state_->when_sure(then); }

 private:
  std::shared_ptr<State> state_;
};

// This process's handle to an object of a manager; proxies share it. While one lives, the session
// holds a reference.
//
// Thread-safety: all methods, from any thread. After fork: works in the child, through the child's
// session.
class RemoteObject {
 public:
  virtual ~RemoteObject() = default;

  virtual std::uint64_t id() const = 0;
  virtual const std::string& kind() const = 0;
  virtual const std::string& name() const = 0;  // empty: without a name

  // Runs an operation on this object and waits for its outcome. `request` holds all fields but the
  // object's, and is not referred to after the return. Errors: subclasses of mp::Error.
  virtual Reply call(wire::Operation operation, const wire::Message& request,
                     const CallOptions& options) const = 0;

  // The same without waiting for the outcome.
  // Started calls gather for a while, so that many leave at once: they leave with flush(), with the
  // next call(), when one of them is waited for, or when there are many.
  virtual PendingReply start(wire::Operation operation, const wire::Message& request,
                             const CallOptions& options) const = 0;
  virtual void flush() const {}

  // Which session of this process with the manager this is, counted up when one was lost and in
  // every child: what was acquired under another number is not held any more.
  virtual std::uint64_t incarnation() const { return 0; }
  // The session, for as long as it lives: this process has one with each manager that it is
  // connected to, and what was acquired in one is not held in another.
  virtual std::weak_ptr<const void> session_mark() const = 0;
};

}  // namespace mp::internal
