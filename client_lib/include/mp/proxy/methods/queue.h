#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/any.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/methods/queue_tasks.h"
#include "mp/put_options.h"
#include "mp/shutdown_options.h"
#include "mp/time_limit.h"

namespace mp::internal {

// The methods of a QueueProxy (which has their common rules) and of its async() view, whose results
// are futures.
template <class V, class Call>
class QueueMethods : public QueueTaskMethods<V, Call> {
 protected:
  using Base = QueueTaskMethods<V, Call>;
  using Base::ask_size, Base::call, Base::waiting;
  using typename Base::Operation;
  template <class T>
  using Result = typename Base::template Result<T>;

 public:
  using value_type = V;

  using Base::Base;

  // Adds an item. Python: q.put(item, timeout=timeout).
  // Blocks: while the queue is full, at most `timeout`.
  // Errors: Full after `timeout`; ShutDown once the queue is shut down; TypeError if the queue is
  // in order of priority, and the item has no order beside those that it would stand between.
  Result<void> put(const V& item, TimeLimit timeout = None) const {
    return put(item, {.delay = None, .timeout = timeout});
  }
  // An item with a delay counts in maxsize() and unfinished() at once, and in qsize() when it
  // enters the queue, as if it were put then.
  Result<void> put(const V& item, PutOptions how) const {
    return put_item(item, how, ErrorCode::kUnspecified, decode_nothing);
  }
  // Without `block`, does not wait, whatever `timeout` says.
  Result<void> put(const V& item, std::same_as<bool> auto block, TimeLimit timeout = None) const {
    return put(item, block ? timeout : kNoWait);
  }
  // Errors: Full at once.
  Result<void> put_nowait(const V& item) const { return put(item, kNoWait); }

  // False if the queue is full for so long.
  // Errors: ShutDown, TypeError.
  [[nodiscard]] Result<bool> try_put(const V& item, TimeLimit timeout = kNoWait) const {
    return try_put(item, {.delay = None, .timeout = timeout});
  }
  [[nodiscard]] Result<bool> try_put(const V& item, PutOptions how) const {
    return put_item(item, how, ErrorCode::kFull, decode_success);
  }

  // Adds all items of a range, in one round trip.
  // Blocks: until there is room for all of them, at most `timeout`.
  // Atomic: all or none, and nothing between them.
  // Errors: as of put(); ValueError if they are more than the queue holds at most.
  template <std::ranges::input_range Items = std::initializer_list<V>>
  Result<void> put_many(Items&& items, TimeLimit timeout = None) const {
    return put_items(items, {.delay = None, .timeout = timeout}, ErrorCode::kUnspecified,
                     decode_nothing);
  }
  template <std::ranges::input_range Items = std::initializer_list<V>>
  Result<void> put_many(Items&& items, PutOptions how) const {
    return put_items(items, how, ErrorCode::kUnspecified, decode_nothing);
  }
  // False if there is no room for so long.
  // Errors: ShutDown; TypeError, ValueError as of put_many().
  template <std::ranges::input_range Items = std::initializer_list<V>>
  [[nodiscard]] Result<bool> try_put_many(Items&& items, TimeLimit timeout = kNoWait) const {
    return put_items(items, {.delay = None, .timeout = timeout}, ErrorCode::kFull, decode_success);
  }
  template <std::ranges::input_range Items = std::initializer_list<V>>
  [[nodiscard]] Result<bool> try_put_many(Items&& items, PutOptions how) const {
    return put_items(items, how, ErrorCode::kFull, decode_success);
  }

  // Takes the first item. Python: q.get(timeout=timeout).
  // Blocks: while the queue is empty, at most `timeout`; in order of arrival among getters.
  // Errors: Empty after `timeout`; ShutDown once the queue is shut down and drained. TypeError,
  // ValueError if the item is no V: it was taken all the same.
  Result<V> get(TimeLimit timeout = None) const {
    return get_item(timeout, ErrorCode::kUnspecified, decode_value<V>);
  }
  Result<V> get(std::same_as<bool> auto block, TimeLimit timeout = None) const {
    return get(block ? timeout : kNoWait);
  }
  // Errors: Empty at once.
  Result<V> get_nowait() const { return get(kNoWait); }

  // nullopt if the queue is empty for so long.
  // Errors: ShutDown.
  //
  //   while (auto job = jobs.try_get(1s)) run(*job);
  [[nodiscard]] Result<std::optional<V>> try_get(TimeLimit timeout = kNoWait) const {
    return get_item(timeout, ErrorCode::kEmpty, decode_optional_value<V>);
  }

  // Takes the first items, as many as are there but at most `max`, in one round trip.
  // Blocks: while the queue is empty, at most `timeout`.
  // Errors: as of get(); ValueError if `max` is 0.
  Result<std::vector<V>> get_many(std::size_t max, TimeLimit timeout = None) const {
    return get_items(max, timeout, ErrorCode::kUnspecified, decode_each_value);
  }
  // Empty if the queue is, for so long.
  // Errors: ShutDown; ValueError if `max` is 0.
  [[nodiscard]] Result<std::vector<V>> try_get_many(std::size_t max,
                                                    TimeLimit timeout = kNoWait) const {
    return get_items(max, timeout, ErrorCode::kEmpty, decode_each_value);
  }

  // Takes an item and what is to be confirmed of it, from a queue that delivers until confirmed.
  // Blocks, Errors: as get().
  //
  //   mp::Delivered<Job> job = jobs.receive();
  //   run(job.value);
  //   jobs.confirm(job);                      // who dies before this leaves the job to another
  Result<Delivered<V>> receive(TimeLimit timeout = None) const {
    return get_item(timeout, ErrorCode::kUnspecified,
                    [](const Reply& reply) { return decode_delivered<V>(reply.fields()); });
  }
  // nullopt if the queue is empty for so long.
  // Errors: ShutDown.
  [[nodiscard]] Result<std::optional<Delivered<V>>> try_receive(TimeLimit timeout = kNoWait) const {
    return get_item(timeout, ErrorCode::kEmpty,
                    [](const Reply& reply) -> std::optional<Delivered<V>> {
                      if (!reply.ok()) return std::nullopt;
                      return decode_delivered<V>(reply.fields());
                    });
  }
  // Blocks, Errors: as get_many().
  Result<std::vector<Delivered<V>>> receive_many(std::size_t max, TimeLimit timeout = None) const {
    return get_items(max, timeout, ErrorCode::kUnspecified, decode_each_delivered);
  }

  // Exact at this moment.
  Result<std::size_t> qsize() const { return ask_size(decode_count); }
  Result<std::size_t> size() const { return qsize(); }
  Result<bool> empty() const {
    return ask_size([](const Reply& reply) { return reply.uint(kSize) == 0; });
  }
  // Never true of a queue without a maximum size.
  Result<bool> full() const {
    return ask_size([](const Reply& reply) {
      return reply.uint(kMaxsize) != 0 &&
             reply.uint(kSize) + reply.uint(kDelayed) >= reply.uint(kMaxsize);
    });
  }
  // 0: without.
  Result<std::size_t> maxsize() const {
    return ask_size([](const Reply& reply) -> std::size_t { return reply.uint(kMaxsize); });
  }
  Result<bool> is_shut_down() const {
    return ask_size([](const Reply& reply) { return reply.boolean(kShutDown); });
  }

  // From now on putters fail, and getters once they have drained what is there: where the queue
  // delivers until confirmed, that is once nothing can come back from other processes either.
  // Python: q.shutdown(immediate=True), which is q.shutdown({.immediate = true}).
  Result<void> shutdown(ShutdownOptions how = {}) const {
    wire::Scratch request;
    if (how.immediate) request->boolean(3, true);
    return call(Operation::kQueueShutdown, request, decode_nothing);
  }

 private:
  static constexpr TimeLimit kNoWait = std::chrono::nanoseconds::zero();

  // Fields of QueueSizeReply.
  static constexpr std::uint32_t kSize = 1;
  static constexpr std::uint32_t kMaxsize = 2;
  static constexpr std::uint32_t kShutDown = 3;
  static constexpr std::uint32_t kDelayed = 12;

  template <class Decode>
  auto put_item(const V& item, const PutOptions& how, ErrorCode tolerated, Decode&& decode) const {
    wire::Scratch request;
    request->value(3, item);
    return run_put(Operation::kQueuePut, request, how, tolerated, decode);
  }

  template <class Items, class Decode>
  auto put_items(Items&& items, const PutOptions& how, ErrorCode tolerated, Decode&& decode) const {
    wire::Scratch request;
    for (const auto& item : items) request->value(3, as_item<V>(item));
    return run_put(Operation::kQueuePutMany, request, how, tolerated, decode);
  }

  template <class Decode>
  auto run_put(Operation operation, wire::Scratch& request, const PutOptions& how,
               ErrorCode tolerated, Decode&& decode) const {
    if (const Timeout delay = how.delay.nanoseconds(); delay && delay->count() > 0)
      request->duration(5, *delay);
    return run(operation, request, 4, how.timeout, tolerated, decode);
  }

  template <class Decode>
  auto get_item(TimeLimit timeout, ErrorCode tolerated, Decode&& decode) const {
    wire::Scratch request;
    return run(Operation::kQueueGet, request, 3, timeout, tolerated, decode);
  }

  template <class Decode>
  auto get_items(std::size_t max, TimeLimit timeout, ErrorCode tolerated, Decode&& decode) const {
    wire::Scratch request;
    request->uint(4, max);
    return run(Operation::kQueueGetMany, request, 3, timeout, tolerated, decode);
  }

  // An operation that may wait, and has its timeout in this field.
  template <class Decode>
  auto run(Operation operation, wire::Scratch& request, std::uint32_t timeout_field,
           TimeLimit timeout, ErrorCode tolerated, Decode&& decode) const {
    if (const Timeout limit = timeout.nanoseconds()) request->duration(timeout_field, *limit);
    return call(operation, request, waiting(timeout, tolerated), std::forward<Decode>(decode));
  }

  static std::vector<Delivered<V>> decode_each_delivered(const Reply& reply) {
    std::vector<Delivered<V>> items;
    for (wire::Fields fields = reply.fields(); reply.ok() && fields.next();) {
      if (fields.field() == 1) items.push_back(decode_delivered<V>(fields.message()));
    }
    return items;
  }

  static std::vector<V> decode_each_value(const Reply& reply) {
    std::vector<V> values;
    for (Delivered<V>& item : decode_each_delivered(reply)) values.push_back(std::move(item.value));
    return values;
  }
};

}  // namespace mp::internal
