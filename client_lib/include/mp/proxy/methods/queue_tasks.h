#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/proxy/methods/call.h"
#include "mp/proxy/proxy.h"
#include "mp/time_limit.h"

namespace mp {

// When an item that was got is gone from its queue for good.
enum class Delivery : std::uint8_t {
  kAtMostOnce,      // once its getter has received it
  kUntilConfirmed,  // once the getter has called confirm() or task_done(): if its process ends
                    // before, the item is delivered again
};

// Which item of a queue is given next.
enum class Order : std::uint8_t {
  kFifo,      // the one that was put first. Python: queue.Queue
  kLifo,      // the one that was put last. Python: queue.LifoQueue
  kPriority,  // the smallest, as a list sorts them, and of equal ones the one that was put first:
              // mostly a pair or tuple that begins with a number. Python: queue.PriorityQueue,
              // where equal ones come in any order
};

// An item of a queue, and what is to be confirmed.
template <class V>
struct Delivered {
  V value;
  std::uint64_t item;  // its number in the queue, counted from 1 in the order in which they entered
  std::uint64_t deliveries;  // how often it was delivered, this time included; more than 1: whoever
                             // had it before died with it, which it may be the cause of
};

namespace internal {

// An item as the manager sends it.
template <class V>
Delivered<V> decode_delivered(wire::Fields fields) {
  std::optional<V> value;
  std::uint64_t item = 0;
  std::uint64_t deliveries = 0;
  while (fields.next()) {
    if (fields.field() == 1) value.emplace(fields.value<V>());
    if (fields.field() == 2) item = fields.uint();
    if (fields.field() == 3) deliveries = fields.uint();
  }
  if (!value) throw RemoteError("the reply lacks the item's value");
  return {std::move(*value), item, deliveries};
}

// Those of a queue's methods that are about tasks, deliveries and producers.
template <class V, class Call>
class QueueTaskMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  using Base::ask, Base::call, Base::waiting;
  using typename Base::Operation;
  template <class T>
  using Result = typename Base::template Result<T>;

 public:
  using Base::Base;

  // A task is done: of the items that were put, one less is unfinished. Gives how many are left.
  // Where the queue delivers until confirmed, this confirms the item: the given one, or the oldest
  // that this thread has, else its process.
  // Python: q.task_done().
  // Errors: ValueError if none is unfinished, or the item is not this process's.
  Result<std::size_t> task_done() const { return done(0); }
  Result<std::size_t> task_done(const Delivered<V>& item) const { return done(item.item); }

  // True once no task is unfinished, false after the timeout. Python: q.join(), without one.
  // Blocks: until then, at most `timeout`.
  Result<bool> join(TimeLimit timeout = None) const {
    wire::Scratch request;
    if (const Timeout limit = timeout.nanoseconds()) request->duration(3, *limit);
    return call(Operation::kQueueJoin, request, waiting(timeout), decode_flag);
  }

  // The items have arrived for good, and are not delivered again; of each one they were, but the
  // task is unfinished as before.
  // Atomic: all or none.
  // Errors: ValueError if one is not this process's (it was confirmed, or came back to the queue),
  // or the queue does not deliver until confirmed.
  Result<void> confirm(const Delivered<V>& item) const {
    wire::Scratch request;
    request->uint(kConfirmed, item.item);
    return call(Operation::kQueueConfirm, request, decode_nothing);
  }
  template <std::ranges::input_range Items>
  Result<void> confirm(Items&& items) const {
    wire::Scratch request;
    for (const Delivered<V>& item : items) request->uint(kConfirmed, item.item);
    return call(Operation::kQueueConfirm, request, decode_nothing);
  }

  // This process will put items: it is a producer, as after its first put(). Of meaning where the
  // queue was made to close when its producers are gone.
  // Errors: ShutDown.
  Result<void> enlist() const { return ask(Operation::kQueueEnlist, decode_nothing); }

  // This process puts nothing more. With the last producer, a queue that was made to close when
  // they are gone is shut down.
  Result<void> leave() const { return ask(Operation::kQueueLeave, decode_nothing); }
  // Python: q.close().
  Result<void> close() const { return leave(); }

  // Tasks. Exact at this moment.
  Result<std::size_t> unfinished() const {
    return ask_size([](const Reply& reply) -> std::size_t { return reply.uint(4); });
  }
  // Items that were delivered, and may come back.
  Result<std::size_t> unconfirmed() const {
    return ask_size([](const Reply& reply) -> std::size_t { return reply.uint(5); });
  }
  Result<Delivery> delivery() const {
    return ask_size([](const Reply& reply) {
      return reply.uint(6) == 0 ? Delivery::kAtMostOnce : Delivery::kUntilConfirmed;
    });
  }
  Result<mp::Order> order() const {
    return ask_size([](const Reply& reply) { return static_cast<mp::Order>(reply.uint(8)); });
  }
  // 0: no maximum.
  Result<std::size_t> max_deliveries() const {
    return ask_size([](const Reply& reply) -> std::size_t { return reply.uint(9); });
  }
  // Items that came back from their last delivery and went to the queue for dead letters.
  Result<std::size_t> dead_lettered() const {
    return ask_size([](const Reply& reply) -> std::size_t { return reply.uint(10); });
  }
  // The same of those that no queue would take, and so are gone.
  Result<std::size_t> dropped() const {
    return ask_size([](const Reply& reply) -> std::size_t { return reply.uint(11); });
  }
  // Items that were put with a delay and have not entered the queue yet.
  Result<std::size_t> delayed() const {
    return ask_size([](const Reply& reply) -> std::size_t { return reply.uint(12); });
  }

 protected:
  template <class Decode>
  auto ask_size(Decode&& decode) const {
    return ask(Operation::kQueueSize, std::forward<Decode>(decode));
  }

 private:
  static constexpr std::uint32_t kConfirmed = 3;  // of QueueConfirmRequest

  Result<std::size_t> done(std::uint64_t item) const {
    wire::Scratch request;
    if (item != 0) request->uint(3, item);
    return call(Operation::kQueueTaskDone, request, decode_count);
  }
};

}  // namespace internal

}  // namespace mp
