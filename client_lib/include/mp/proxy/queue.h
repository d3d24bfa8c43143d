#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "mp/proxy/methods/queue.h"

namespace mp {

// The asynchronous form of a QueueProxy: the same methods, giving futures; see AsyncDict. Dropping
// the future of a get() that still waits takes no item.
template <class V = Any>
class AsyncQueue : public internal::QueueMethods<V, internal::Later> {
 public:
  explicit AsyncQueue(Proxy proxy) : internal::QueueMethods<V, internal::Later>(std::move(proxy)) {}
};

// A queue of a manager, first in first out unless it was made with another mp::Order.
//
// Python: the proxy of a queue.Queue, LifoQueue or PriorityQueue, and of a JoinableQueue: each item
// is an unfinished task until task_done(). Putters and getters are served in order of arrival. An
// item that was given to a process which died before it had the item goes back to its place; where
// the queue was made with Delivery::kUntilConfirmed, also one that its getter has and did not
// confirm, but not after `max_deliveries`. What is common to all proxies is said at mp::Proxy.
//
// The methods are those of internal::QueueMethods with results at once: put put_nowait try_put
// put_many try_put_many get get_nowait try_get get_many try_get_many receive try_receive
// receive_many confirm task_done join qsize size empty full maxsize unfinished unconfirmed delivery
// order max_deliveries dead_lettered dropped delayed enlist leave close is_shut_down shutdown.
//
//   auto jobs = manager.queue<std::string>("jobs");
//   jobs.put("one");
//   std::string job = jobs.get(250ms);                // Empty after 250 ms
//   if (auto next = jobs.try_get()) run(*next);       // does not wait, does not throw
//   jobs.task_done();                                 // and elsewhere: jobs.join();
template <class V = Any>
class QueueProxy : public internal::QueueMethods<V, internal::Now> {
 public:
  static constexpr std::string_view kKind = "queue";

  explicit QueueProxy(std::shared_ptr<const internal::RemoteObject> object)
      : internal::QueueMethods<V, internal::Now>(Proxy(std::move(object))) {}

  // The same queue, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  QueueProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return this->fenced(*this, lock, token);
  }

  // The same queue, for calls that do not wait.
  AsyncQueue<V> async() const { return AsyncQueue<V>(*this); }
};

// Python: JoinableQueue.
template <class V = Any>
using JoinableQueueProxy = QueueProxy<V>;

}  // namespace mp
