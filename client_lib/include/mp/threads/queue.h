#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <deque>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/internal/closable_handle.h"
#include "mp/internal/queue_core.h"
#include "mp/internal/thread_queue_gate.h"
#include "mp/shutdown_options.h"
#include "mp/time_limit.h"

namespace mp {
namespace internal {

// What stands behind a threads::Queue and its copies.
template <class T>
struct ThreadQueue {
  explicit ThreadQueue(std::size_t maxsize) : gate(maxsize) {}

  bool add_handle() { return true; }
  void remove_handle() {}

  ThreadQueueGate gate;
  std::deque<T> items;  // guarded by the gate's turn
};

}  // namespace internal

namespace threads {

// A first-in first-out queue between the threads of this process.
//
// Python: multiprocessing.dummy.Queue, which is queue.Queue. T is anything that can be moved: an
// item is moved into the queue and out of it, never written down, and never copied if it is given
// as an rvalue.
//
// This is a handle: copies are the same queue. It is in ordinary memory, and works in this process
// alone: after a fork, the child has a copy of its own, which it must not use.
// Order: items as they were put; of those who wait, any.
// Thread-safety: any thread.
//
//   mp::threads::Queue<std::unique_ptr<Job>> jobs;
//   mp::threads::Process p([jobs] { jobs.get()->run(); });
//   p.start();
//   jobs.put(std::make_unique<Job>());
template <std::movable T>
class Queue {
 public:
  using value_type = T;

  // At most so many items at a time; 0: as many as there is memory.
  explicit Queue(std::size_t maxsize = 0)
      : handle_(std::make_shared<internal::ThreadQueue<T>>(maxsize)) {}

  // Appends an item. Python: q.put(item, timeout=timeout).
  // Blocks: while the queue is full, at most `timeout`.
  // Errors: Full after `timeout`; ShutDown once the queue is shut down; ValueError after close().
  // The item is not in the queue then, and is as it was.
  void put(const T& item, TimeLimit timeout = None) const requires std::copy_constructible<T> {
    if (!try_put(item, timeout)) internal::throw_full(maxsize(), timeout.nanoseconds());
  }
  void put(T&& item, TimeLimit timeout = None) const {
    if (!try_put(std::move(item), timeout)) internal::throw_full(maxsize(), timeout.nanoseconds());
  }
  // Without `block`, does not wait, whatever `timeout` says.
  void put(const T& item, std::same_as<bool> auto block,
           TimeLimit timeout = None) const requires std::copy_constructible<T> {
    put(item, block ? timeout : kNoWait);
  }
  void put(T&& item, std::same_as<bool> auto block, TimeLimit timeout = None) const {
    put(std::move(item), block ? timeout : kNoWait);
  }
  // Errors: Full at once.
  void put_nowait(const T& item) const requires std::copy_constructible<T> { put(item, kNoWait); }
  void put_nowait(T&& item) const { put(std::move(item), kNoWait); }

  // False if the queue is full for so long. Errors: as of put(), save Full.
  [[nodiscard]] bool try_put(
      const T& item, TimeLimit timeout = kNoWait) const requires std::copy_constructible<T> {
    return append(1, timeout, [&](std::deque<T>& items) { items.push_back(item); });
  }
  [[nodiscard]] bool try_put(T&& item, TimeLimit timeout = kNoWait) const {
    return append(1, timeout, [&](std::deque<T>& items) { items.push_back(std::move(item)); });
  }

  // Appends all items of a range. They are copied; what cannot be, moved through a range of
  // std::move_iterator.
  // Blocks: until there is room for all of them, at most `timeout`.
  // Atomic: all or none, and nothing between them.
  // Errors: as of put(); ValueError if they are more than the queue holds at most.
  template <std::ranges::input_range Items = std::initializer_list<T>>
  void put_many(Items&& items, TimeLimit timeout = None) const {
    if (!try_put_many(items, timeout)) internal::throw_full(maxsize(), timeout.nanoseconds());
  }
  // False if there is no room for so long. Errors: as of put_many(), save Full.
  template <std::ranges::input_range Items = std::initializer_list<T>>
  [[nodiscard]] bool try_put_many(Items&& items, TimeLimit timeout = kNoWait) const {
    std::vector<T> all;
    for (auto&& item : items) all.emplace_back(std::forward<decltype(item)>(item));
    if (all.empty()) return true;
    return append(all.size(), timeout, [&](std::deque<T>& there) {
      there.insert(there.end(), std::make_move_iterator(all.begin()),
                   std::make_move_iterator(all.end()));
    });
  }

  // Takes the item at the head. Python: q.get(timeout=timeout).
  // Blocks: while the queue is empty, at most `timeout`.
  // Errors: Empty after `timeout`; ShutDown once the queue is shut down and empty; ValueError after
  // close().
  T get(TimeLimit timeout = None) const {
    auto item = try_get(timeout);
    if (!item) internal::throw_empty(timeout.nanoseconds());
    return *std::move(item);
  }
  T get(std::same_as<bool> auto block, TimeLimit timeout = None) const {
    return get(block ? timeout : kNoWait);
  }
  // Errors: Empty at once.
  T get_nowait() const { return get(kNoWait); }

  // nullopt if the queue is empty for so long. Errors: as of get(), save Empty.
  [[nodiscard]] std::optional<T> try_get(TimeLimit timeout = kNoWait) const {
    auto& queue = open_queue("get");
    const auto turn = queue.gate.enter_to_get(1, timeout.nanoseconds());
    if (!turn) return std::nullopt;
    std::optional<T> item(std::move(queue.items.front()));
    queue.items.pop_front();
    queue.gate.have_taken(turn, 1);
    return item;
  }

  // Takes the items at the head, as many as are there but at most `max`.
  // Blocks: while the queue is empty, at most `timeout`.
  // Errors: as of get(); ValueError if `max` is 0.
  std::vector<T> get_many(std::size_t max, TimeLimit timeout = None) const {
    auto items = try_get_many(max, timeout);
    if (items.empty()) internal::throw_empty(timeout.nanoseconds());
    return items;
  }
  // Empty if the queue is, for so long. Errors: as of get_many(), save Empty.
  [[nodiscard]] std::vector<T> try_get_many(std::size_t max, TimeLimit timeout = kNoWait) const {
    auto& queue = open_queue("get");
    std::vector<T> taken;
    const auto turn = queue.gate.enter_to_get(max, timeout.nanoseconds());
    if (!turn) return taken;
    const std::size_t count = std::min(max, queue.items.size());
    const auto end = queue.items.begin() + static_cast<std::ptrdiff_t>(count);
    taken.reserve(count);
    std::move(queue.items.begin(), end, std::back_inserter(taken));
    queue.items.erase(queue.items.begin(), end);
    queue.gate.have_taken(turn, count);
    return taken;
  }

  // Exact at this moment.
  std::size_t qsize() const { return gate().size(); }
  std::size_t size() const { return qsize(); }
  bool empty() const { return qsize() == 0; }
  // Never true of a queue without a maximum size.
  bool full() const { return maxsize() != 0 && qsize() >= maxsize(); }
  std::size_t maxsize() const { return gate().maxsize(); }

  // How many threads wait to get, or to put.
  std::size_t waiting_getters() const { return gate().waiting_getters(); }
  std::size_t waiting_putters() const { return gate().waiting_putters(); }

  // From now on putters fail, and getters drain what is there. Python: queue.Queue.shutdown().
  void shutdown(ShutdownOptions how = {}) const {
    std::deque<T> dropped;  // destroyed once the turn is over
    const auto turn = gate().shut_down(how);
    if (how.immediate) dropped.swap(handle_.state()->items);
  }
  bool is_shut_down() const { return gate().is_shut_down(); }

  // Nothing more is put or got through this handle, nor through copies that are made of it from now
  // on. For other handles nothing changes. Any number of times.
  void close() const { handle_.close(); }

 protected:
  static constexpr TimeLimit kNoWait = std::chrono::nanoseconds::zero();

  internal::ThreadQueueGate& gate() const { return handle_.state()->gate; }

 private:
  internal::ThreadQueue<T>& open_queue(const char* verb) const {
    if (!handle_.is_open()) internal::throw_handle_closed(verb);
    return *handle_.state();
  }

  template <class Append>
  bool append(std::size_t count, TimeLimit timeout, const Append& append_to) const {
    auto& queue = open_queue("put");
    const auto turn = queue.gate.enter_to_put(count, timeout.nanoseconds());
    if (!turn) return false;
    append_to(queue.items);
    queue.gate.have_put(turn, count);
    return true;
  }

  internal::ClosableHandle<internal::ThreadQueue<T>> handle_;
};

// A Queue whose items are tasks: each is unfinished from its put() until a task_done().
//
// Python: multiprocessing.dummy.JoinableQueue, which is queue.Queue too.
template <std::movable T>
class JoinableQueue : public Queue<T> {
 public:
  using Queue<T>::Queue;

  // A task is done. Gives how many are left.
  // Errors: ValueError if none is unfinished.
  std::size_t task_done() const { return this->gate().task_done(); }

  // True once no task is unfinished, false after the timeout.
  // Blocks: until then, at most `timeout`.
  bool join(TimeLimit timeout = None) const { return this->gate().join(timeout.nanoseconds()); }

  // Exact at this moment.
  std::size_t unfinished() const { return this->gate().unfinished(); }
};

// A queue with little to say: no maximum size, no timeouts.
//
// Python: queue.SimpleQueue, the like of multiprocessing.SimpleQueue between threads.
template <std::movable T>
class SimpleQueue {
 public:
  void put(const T& item) const requires std::copy_constructible<T> { queue_.put(item); }
  void put(T&& item) const { queue_.put(std::move(item)); }
  // Blocks: until there is an item.
  T get() const { return queue_.get(); }
  bool empty() const { return queue_.empty(); }
  // As of Queue.
  void close() const { queue_.close(); }

 private:
  Queue<T> queue_;
};

}  // namespace threads
}  // namespace mp
