#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mp/codec/concepts.h"
#include "mp/internal/plain_bytes.h"
#include "mp/internal/queue_core.h"
#include "mp/time_limit.h"

namespace mp {

// A first-in first-out queue between the processes of one machine.
//
// Python: multiprocessing.Queue, without its feeder thread: put() returns when the item is in the
// queue, so that an item that cannot be written is the putter's error, an item is there for a
// getter as soon as put() returned, qsize() is exact, and no process ends late or loses items
// because of what it put.
//
// T is anything with a Codec, of any size, save what needs a descriptor (a Lock, a Connection).
// Without a maximum size, put() does not block: the queue grows as far as there is memory, and
// gives memory back when it is empty.
//
// This is a handle: copies are the same queue. A forked child has it by inheritance, a spawned one
// as an argument, and any process that is sent it over a Connection. The items are the queue's:
// they outlive the process that put them, and are gone with the last process that has the queue.
//
// A process that is killed inside of put() or get(), at whatever instruction, has put or got its
// items or it has not; the queue goes on. An item that a killed process had taken is gone with it.
// Order: putters and getters are served in order of their arrival, save that one who comes may
// overtake those who have waited for less than 1 ms. See mp::Lock.
// Thread-safety: any thread. Fork-safety: the child may use it, also after a fork that is not
// mp::Process's.
//
//   mp::Queue<std::string> jobs;
//   mp::Process p([jobs] { std::cout << jobs.get() << '\n'; });
//   p.start();
//   jobs.put("hello");
template <class T>
class Queue {
 public:
  using value_type = T;

  // At most so many items at a time; 0: as many as there is memory.
  // Errors: MemoryError.
  explicit Queue(std::size_t maxsize = 0) : core_(maxsize) {}

  // Appends an item. Python: q.put(item, timeout=timeout).
  // Blocks: while the queue is full, at most `timeout`.
  // Errors: Full after `timeout`; ShutDown once the queue is shut down; ValueError after close();
  // MemoryError if there is none for it. The item is not in the queue then.
  void put(const T& item, TimeLimit timeout = None) const {
    if (!try_put(item, timeout)) internal::throw_full(maxsize(), timeout.nanoseconds());
  }
  // Without `block`, does not wait, whatever `timeout` says.
  void put(const T& item, std::same_as<bool> auto block, TimeLimit timeout = None) const {
    put(item, block ? timeout : kNoWait);
  }
  // Errors: Full at once.
  void put_nowait(const T& item) const { put(item, kNoWait); }

  // False if the queue is full for so long. Errors: as of put(), save Full.
  [[nodiscard]] bool try_put(const T& item, TimeLimit timeout = kNoWait) const {
    std::string bytes;
    return core_.put(internal::plain_view(item, bytes), timeout.nanoseconds());
  }

  // Appends all items of a range.
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
    std::vector<std::string> written;
    for (const auto& item : items) internal::write_plain<T>(written.emplace_back(), item);
    const std::vector<std::string_view> views(written.begin(), written.end());
    return core_.put(views, timeout.nanoseconds());
  }

  // Takes the item at the head. Python: q.get(timeout=timeout).
  // Blocks: while the queue is empty, at most `timeout`.
  // Errors: Empty after `timeout`; ShutDown once the queue is shut down and empty; ValueError after
  // close(). What T's codec throws: the item was taken all the same.
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
  //
  //   while (auto job = jobs.try_get(1s)) run(*job);
  [[nodiscard]] std::optional<T> try_get(TimeLimit timeout = kNoWait) const {
    std::optional<T> item;
    std::string written;
    const auto read = [&](std::string_view bytes) {
      if (internal::is_memory_of<T>(bytes.size())) {
        item.emplace(internal::read_plain<T>(bytes));
      } else {
        written = bytes;
      }
    };
    if (core_.get(1, timeout.nanoseconds(), internal::ItemReader(read)) == 0) return std::nullopt;
    if (!item) item.emplace(internal::read_plain<T>(written));
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
    std::vector<T> items;
    std::vector<std::string> written;
    const auto read = [&](std::string_view bytes) {
      if (internal::is_memory_of<T>(bytes.size())) {
        items.push_back(internal::read_plain<T>(bytes));
      } else {
        written.emplace_back(bytes);
      }
    };
    core_.get(max, timeout.nanoseconds(), internal::ItemReader(read));
    for (const auto& bytes : written) items.push_back(internal::read_plain<T>(bytes));
    return items;
  }

  // Exact at this moment.
  std::size_t qsize() const { return core_.size(); }
  std::size_t size() const { return qsize(); }
  bool empty() const { return qsize() == 0; }
  // Never true of a queue without a maximum size.
  bool full() const { return maxsize() != 0 && qsize() >= maxsize(); }
  std::size_t maxsize() const { return core_.maxsize(); }

  // How many threads, of all processes, stand in line: those that were killed too, until others
  // notice.
  std::size_t waiting_getters() const { return core_.waiting_getters(); }
  std::size_t waiting_putters() const { return core_.waiting_putters(); }

  // From now on putters fail, and getters drain what is there. Python: queue.Queue.shutdown().
  void shutdown(ShutdownOptions how = {}) const { core_.shutdown(how); }
  bool is_shut_down() const { return core_.is_shut_down(); }

  // This process puts and gets nothing more through this handle and its copies. For others nothing
  // changes. Any number of times.
  void close() const { core_.close(); }

 protected:
  static constexpr TimeLimit kNoWait = std::chrono::nanoseconds::zero();

  const internal::QueueCore& core() const { return core_; }

 private:
  template <class H>
  friend struct internal::HandleCodec;

  explicit Queue(internal::QueueCore core) : core_(std::move(core)) {}

  internal::BlockTicket pack() const { return core_.pack(); }
  static Queue unpack(const internal::BlockTicket& ticket) {
    return Queue(internal::QueueCore::unpack(ticket));
  }

  internal::QueueCore core_;
};

// A Queue whose items are tasks: each is unfinished from its put() until a task_done().
//
// Python: multiprocessing.JoinableQueue.
template <class T>
class JoinableQueue : public Queue<T> {
 public:
  explicit JoinableQueue(std::size_t maxsize = 0) : Queue<T>(maxsize) {}

  // A task is done. Gives how many are left.
  // Errors: ValueError if none is unfinished.
  std::size_t task_done() const { return this->core().task_done(); }

  // True once no task is unfinished, false after the timeout.
  // Blocks: until then, at most `timeout`.
  bool join(TimeLimit timeout = None) const { return this->core().join(timeout.nanoseconds()); }

  // Exact at this moment.
  std::size_t unfinished() const { return this->core().unfinished(); }

 private:
  template <class H>
  friend struct internal::HandleCodec;

  explicit JoinableQueue(Queue<T> queue) : Queue<T>(std::move(queue)) {}

  static JoinableQueue unpack(const internal::BlockTicket& ticket) {
    return JoinableQueue(internal::HandleCodec<Queue<T>>::from(ticket));
  }
};

// A queue with little to say: no maximum size, no timeouts.
//
// Python: multiprocessing.SimpleQueue, whose put() blocks when a pipe is full; this one's does not.
template <class T>
class SimpleQueue {
 public:
  SimpleQueue() = default;

  void put(const T& item) const { queue_.put(item); }
  // Blocks: until there is an item.
  T get() const { return queue_.get(); }
  bool empty() const { return queue_.empty(); }
  // As of Queue. Python: close(), since 3.9.
  void close() const { queue_.close(); }

 private:
  template <class H>
  friend struct internal::HandleCodec;

  explicit SimpleQueue(Queue<T> queue) : queue_(std::move(queue)) {}

  internal::BlockTicket pack() const { return internal::HandleCodec<Queue<T>>::to(queue_); }
  static SimpleQueue unpack(const internal::BlockTicket& ticket) {
    return SimpleQueue(internal::HandleCodec<Queue<T>>::from(ticket));
  }

  Queue<T> queue_;
};

template <class T>
struct Codec<Queue<T>> : internal::HandleCodec<Queue<T>> {};
template <class T>
struct Codec<JoinableQueue<T>> : internal::HandleCodec<JoinableQueue<T>> {};
template <class T>
struct Codec<SimpleQueue<T>> : internal::HandleCodec<SimpleQueue<T>> {};

}  // namespace mp
