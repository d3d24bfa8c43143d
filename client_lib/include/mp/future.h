#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "mp/errors.h"
#include "mp/internal/remote_object.h"
#include "mp/time_limit.h"

namespace mp {

// The result of a call that was started and not waited for: what a proxy's async() gives.
//
// Python: AsyncResult; as std::future, its result can be taken once. Dropping it gives up on a call
// that still waits (a lock or an item that was just granted is given back) and otherwise leaves it
// to run; it never waits and never throws.
//
// Thread-safety: one future is for one thread at a time, which need not be the one that started the
// call.
//
//   auto scores = manager.dict<std::string, int>("scores").async();
//   mp::Future<int> alice = scores.at("alice"), bob = scores.at("bob");    // one round trip
//   int sum = alice.get() + bob.get();
template <class T>
class Future {
 public:
  using Decoder = std::function<T(const internal::Reply&)>;

  Future() = default;
  Future(internal::PendingReply reply, Decoder decode)
      : reply_(std::move(reply)), decode_(std::move(decode)) {}
  Future(Future&&) noexcept = default;
  Future& operator=(Future&&) noexcept = default;

  // False once the result was taken.
  bool valid() const { return reply_.valid(); }

  // The result.
  //
  // Blocks: until it is there.
  // Errors: those of the call. ValueError if the result was taken before.
  T get() {
    check_valid();
    return decode_(reply_.get());
  }

  // Errors: those of the call. TimeoutError if it is not there in time; the call goes on.
  T get(TimeLimit timeout) {
    if (!wait(timeout)) throw TimeoutError("the result of the call is not there yet");
    return get();
  }

  // Waits, and tells whether the result, or the error, is there.
  bool wait(TimeLimit timeout = None) const {
    check_valid();
    if (const internal::Timeout limit = timeout.nanoseconds()) return reply_.wait_for(*limit);
    while (!reply_.wait_for(std::chrono::hours(1))) continue;
    return true;
  }

  // Python: ready().
  bool ready() const { return wait(std::chrono::nanoseconds::zero()); }

 private:
  void check_valid() const {
    if (!valid()) throw ValueError("this future holds no call, or its result was taken before");
  }

  internal::PendingReply reply_;
  Decoder decode_;
};

}  // namespace mp
