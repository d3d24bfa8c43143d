#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "mp/errors.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/proxy.h"
#include "mp/time_limit.h"

namespace mp {

namespace internal {

// The methods of a CountDownLatchProxy (which has their common rules) and of its async() view,
// whose results are futures.
template <class Call>
class CountDownLatchMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  using Base::ask, Base::call, Base::waiting;
  using typename Base::Operation;
  template <class T>
  using Result = typename Base::template Result<T>;

 public:
  using Base::Base;

  // Counts `n` down, and gives what is left. Where less than that is left it becomes 0, where
  // nothing is left it stays so, as in Java: that is no error. What this process has promised is
  // kept first. std::latch: count_down(n).
  // With `generation`: in that one only; in another nothing is counted, so that who is late with
  // one round does not count in the next.
  // Errors: ValueError if n is less than 1.
  Result<std::uint64_t> count_down(std::int64_t n = 1) const { return count_down(n, kWhichever); }
  Result<std::uint64_t> count_down(std::int64_t n, std::uint64_t generation) const {
    wire::Scratch request;
    request->uint(3, positive(n));
    if (generation != kWhichever) request->uint(4, generation);
    return call(Operation::kCountDownLatchCountDown, request,
                [](const Reply& reply) { return reply.uint(1); });
  }

  // True once the count is 0, false after the timeout. Java: await(timeout).
  // Blocks: until the count is 0, at most `timeout`.
  // Errors: BrokenBarrierError if the latch is broken, or breaks meanwhile: a process ended, in
  // whatever way, that had promised to count down and has not.
  Result<bool> wait(TimeLimit timeout = None) const {
    wire::Scratch request;
    if (const Timeout limit = timeout.nanoseconds()) request->duration(3, *limit);
    return call(Operation::kCountDownLatchWait, request, waiting(timeout), decode_flag);
  }

  // What is left to count.
  Result<std::uint64_t> get_count() const { return state(1); }
  // Which count that is, from 1: each try_set_count() begins a new one.
  Result<std::uint64_t> generation() const { return state(2); }
  // So much of it is promised, by all processes.
  Result<std::uint64_t> promised() const { return state(3); }
  Result<bool> broken() const {
    return ask(Operation::kCountDownLatchGetCount,
               [](const Reply& reply) { return reply.boolean(4); });
  }

  // Begins a new generation, if the old one is over: its count is 0, or it is broken. Else false,
  // and nothing has changed. Redisson, Hazelcast: trySetCount.
  // Errors: ValueError if `count` is less than 1.
  Result<bool> try_set_count(std::int64_t count) const {
    wire::Scratch request;
    request->uint(3, positive(count));
    return call(Operation::kCountDownLatchTrySetCount, request, decode_flag);
  }

  // This process promises to count down `n` in this generation: should it end before, the latch
  // breaks, and nobody waits for the dead. Once the count is 0, by whomever, it owes nothing.
  // Errors: ValueError if n is less than 1, or so much is not left that nobody has promised;
  // BrokenBarrierError if the latch is broken.
  Result<void> enlist(std::int64_t n = 1) const {
    wire::Scratch request;
    request->uint(3, positive(n));
    return call(Operation::kCountDownLatchEnlist, request, decode_nothing);
  }

 private:
  static constexpr std::uint64_t kWhichever = 0;

  static std::uint64_t positive(std::int64_t n) {
    if (n < 1) throw ValueError("a latch counts by 1 or more, not " + std::to_string(n));
    return static_cast<std::uint64_t>(n);
  }
  Result<std::uint64_t> state(std::uint32_t field) const {
    return ask(Operation::kCountDownLatchGetCount,
               [field](const Reply& reply) { return reply.uint(field); });
  }
};

}  // namespace internal

// The asynchronous form of a CountDownLatchProxy: the same methods, giving futures; see AsyncDict.
class AsyncCountDownLatch : public internal::CountDownLatchMethods<internal::Later> {
 public:
  explicit AsyncCountDownLatch(Proxy proxy)
      : internal::CountDownLatchMethods<internal::Later>(std::move(proxy)) {}
};

// A count of a manager that goes down to 0, and that many can wait for.
//
// Python has none. Source: java.util.concurrent.CountDownLatch, and Redisson's and Hazelcast's of
// that name, which can be set anew once they are at 0; std::latch. What is common to all proxies is
// said at mp::Proxy.
//
// The count is nobody's: who dies without having counted leaves it as it is, and a wait() without a
// timeout may last for ever. Who says by enlist() that it will count is known, and its end breaks
// the latch. The methods are those of internal::CountDownLatchMethods with results at once:
// count_down wait get_count generation promised broken try_set_count enlist.
//
//   auto done = manager.count_down_latch("done", 3);
//   mp::Process worker([](auto done) { done.enlist(); work(); done.count_down(); }, done);
//   if (done.wait(1min)) publish();
class CountDownLatchProxy : public internal::CountDownLatchMethods<internal::Now> {
 public:
  static constexpr std::string_view kKind = "latch";

  explicit CountDownLatchProxy(std::shared_ptr<const internal::RemoteObject> object)
      : internal::CountDownLatchMethods<internal::Now>(Proxy(std::move(object))) {}

  // The same latch, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  CountDownLatchProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }

  // The same latch, for calls that do not wait.
  AsyncCountDownLatch async() const { return AsyncCountDownLatch(*this); }
};

// <CountDownLatch at 0x7 count=2>. Blocks: for one round trip.
inline std::string str(const CountDownLatchProxy& latch) {
  std::ostringstream text;
  text << "<CountDownLatch at 0x" << std::hex << latch.id() << std::dec
       << " count=" << latch.get_count() << '>';
  return std::move(text).str();
}

inline std::ostream& operator<<(std::ostream& out, const CountDownLatchProxy& latch) {
  return out << str(latch);
}

}  // namespace mp
