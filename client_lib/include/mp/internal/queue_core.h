#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "mp/internal/timeout.h"
#include "mp/internal/travel.h"
#include "mp/shutdown_options.h"

namespace mp::internal {

// What is done with the bytes of an item that is taken, while the queue waits: they are copied, and
// nothing else. A reference to a function object that outlives the call.
class ItemReader {
 public:
  template <class Read>
  explicit ItemReader(const Read& read)
      : object_(&read), read_([](const void* object, std::string_view bytes) {
          (*static_cast<const Read*>(object))(bytes);
        }) {}

  void operator()(std::string_view bytes) const { read_(object_, bytes); }

 private:
  const void* object_;
  void (*read_)(const void*, std::string_view);
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

  // At least one item and at most `max`; none if there was none in time. Gives how many, of which
  // each was read.
  // Errors: ShutDown, if there is none and never will be; ValueError if closed here, or `max` is 0.
  // After all that is thrown, by `read` too, the queue is as it was.
  std::size_t get(std::size_t max, Timeout timeout, ItemReader read) const;

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
