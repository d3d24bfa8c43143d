#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "mp/future.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/proxy.h"
#include "mp/time_limit.h"

namespace mp {

namespace internal {

// The methods of a BarrierProxy (which has their common rules) and of its async() view, whose
// results are futures.
template <class Call>
class BarrierMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  using Base::ask;
  using typename Base::Operation;
  template <class T>
  using Result = typename Base::template Result<T>;

 public:
  using Base::Base;

  // Breaks the barrier: who waits, or comes to wait, fails with BrokenBarrierError until reset().
  Result<void> abort() const { return ask(Operation::kBarrierAbort, decode_nothing); }

  // Makes it whole and empty; who waits fails with BrokenBarrierError.
  Result<void> reset() const { return ask(Operation::kBarrierReset, decode_nothing); }

  // Makes this thread a known party, whose death breaks the barrier, before it has ever waited.
  Result<void> enlist() const { return ask(Operation::kBarrierEnlist, decode_nothing); }

  // How many it takes.
  Result<std::size_t> parties() const { return ask(Operation::kBarrierState, decode_count); }
  // How many wait at this moment.
  Result<std::size_t> n_waiting() const {
    return ask(Operation::kBarrierState,
               [](const Reply& reply) -> std::size_t { return reply.uint(2); });
  }
  Result<bool> broken() const {
    return ask(Operation::kBarrierState, [](const Reply& reply) { return reply.boolean(3); });
  }
};

}  // namespace internal

// The asynchronous form of a BarrierProxy: the same methods, giving futures; see AsyncDict. The
// party is the thread that starts the call; it does not bring the proxy's action. Dropping the
// future of a wait() that still waits takes it back.
class AsyncBarrier : public internal::BarrierMethods<internal::Later> {
 public:
  explicit AsyncBarrier(Proxy proxy)
      : internal::BarrierMethods<internal::Later>(std::move(proxy)) {}

  Future<std::size_t> wait() const;
  Future<std::size_t> wait(TimeLimit timeout) const;
};

// Where a fixed number of parties wait for one another, again and again.
//
// Python: BarrierProxy. A party is a thread. It is known once it has waited in an earlier round, or
// enlisted; when a known party's process dies the barrier breaks, whether it waits or not. What is
// common to all proxies is said at mp::Proxy.
//
// The action is a function of this process, and no part of the barrier: it goes with copies of the
// proxy and into forked children, not through containers and names. Of the parties that bring one,
// one runs it in each round, before anybody goes on; the others may bring the same, or none.
//
// The methods are wait(), and those of internal::BarrierMethods with results at once: abort reset
// enlist parties n_waiting broken.
//
//   auto lap = manager.barrier("lap", 4, [] { std::cout << "all here\n"; });
//   if (lap.wait(30s) == 0) clean_up();                 // one of the four
class BarrierProxy : public internal::BarrierMethods<internal::Now> {
 public:
  static constexpr std::string_view kKind = "barrier";

  explicit BarrierProxy(std::shared_ptr<const internal::RemoteObject> object,
                        std::function<void()> action = {})
      : internal::BarrierMethods<internal::Now>(Proxy(std::move(object))),
        action_(std::move(action)) {}

  // Waits for all parties. Gives this one's number, in order of arrival from 0. Python: b.wait().
  // Blocks: until all have come and the action is done, at most for the time that the barrier was
  // made with, or `timeout`; None means for ever, whatever that time is.
  // Errors: BrokenBarrierError if the barrier is broken, or breaks meanwhile: by abort(), reset(),
  // the death of a party, an action that throws, or time that ran out, whoever's. What the action
  // throws, in the process that ran it.
  std::size_t wait() const;
  std::size_t wait(TimeLimit timeout) const;

  // The same barrier, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  BarrierProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }

  // The same barrier, for calls that do not wait.
  AsyncBarrier async() const { return AsyncBarrier(*this); }

 private:
  enum class Outcome : std::uint8_t { kDone, kFailed };

  std::size_t wait(wire::Message& request, TimeLimit timeout) const;
  void run_action(std::uint64_t generation) const;
  // False if the generation is over for another reason.
  bool finish(std::uint64_t generation, Outcome outcome) const;

  std::function<void()> action_;
};

}  // namespace mp
