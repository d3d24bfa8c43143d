#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "mp/internal/timeout.h"
#include "mp/internal/travel.h"
#include "mp/shutdown_options.h"

namespace mp::internal {

// The bytes of items that were taken from a queue, in memory that is lent from this thread's store.
class TakenItems {
 public:
  TakenItems();
  ~TakenItems();
  TakenItems(TakenItems&&) noexcept = default;
  TakenItems& operator=(TakenItems&&) = delete;

  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::string_view operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return {memory_.data.get() + begin, ends_[index] - begin};
  }

  // Memory for the bytes of one more; what was given before moves.
  char* add(std::size_t size);

  struct Memory {
    std::unique_ptr<char[]> data;
    std::size_t size = 0;
  };

 private:
  Memory memory_;
  std::vector<std::size_t> ends_;
};

struct QueueHandle;

// A queue of bytes between processes: what Queue, JoinableQueue and SimpleQueue are made of. A
// handle: copies are the same queue.
class QueueCore {
 public:
  // At most so many items; 0: as many as there is memory. Errors: MemoryError.
  explicit QueueCore(std::size_t maxsize);

  // All or none. False if there was no room in time.
  // Errors: ShutDown; ValueError if closed here, or if the queue can't ever hold them; MemoryError.
  bool put(std::span<const std::string_view> items, Timeout timeout) const;
  bool put(std::string_view item, Timeout timeout) const { return put({&item, 1}, timeout); }

  // At least one item and at most `max`; none if there was none in time.
  // Errors: ShutDown, if there is none and never will be; ValueError if closed here, or `max` is 0.
  TakenItems get(std::size_t max, Timeout timeout) const;

  // Errors: ValueError if there were fewer items than calls.
  std::size_t task_done() const;
  // False if tasks were unfinished for so long.
  bool join(Timeout timeout) const;

  std::size_t size() const;
  std::size_t maxsize() const;
  std::size_t unfinished() const;
  std::size_t waiting_getters() const;
  std::size_t waiting_putters() const;
  bool is_shut_down() const;
  void shutdown(ShutdownOptions how) const;
  // This handle and its copies in this process are of no more use for put and get.
  void close() const;

  BlockTicket pack() const;
  static QueueCore unpack(const BlockTicket& ticket);

 private:
  explicit QueueCore(std::shared_ptr<QueueHandle> handle);

  std::shared_ptr<QueueHandle> handle_;
};

// What an operation that gave up says.
[[noreturn]] void throw_empty(Timeout timeout);
[[noreturn]] void throw_full(std::size_t maxsize, Timeout timeout);

}  // namespace mp::internal
