#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "mp/any.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/proxy.h"
#include "mp/time_limit.h"

namespace mp {

struct ShutdownOptions {
  bool immediate = false;  // drop the items, and fail getters at once
};

namespace internal {

// The methods of a QueueProxy (which has their common rules) and of its async() view, whose results
// are futures.
template <class V, class Call>
class QueueMethods : public Proxy {
 protected:
  using Operation = wire::Operation;
  template <class T>
  using Result = typename Call::template Result<T>;

 public:
  using value_type = V;

  explicit QueueMethods(Proxy proxy, Call call = {})
      : Proxy(std::move(proxy)), call_(std::move(call)) {}

  // Appends an item. Python: q.put(item, timeout=timeout).
  // Blocks: while the queue is full, at most `timeout`.
  // Errors: Full after `timeout`; ShutDown once the queue is shut down.
  Result<void> put(const V& item, TimeLimit timeout = None) const {
    return put_item(item, timeout, ErrorCode::kUnspecified, decode_nothing);
  }
  // Without `block`, does not wait, whatever `timeout` says.
  Result<void> put(const V& item, std::same_as<bool> auto block, TimeLimit timeout = None) const {
    return put(item, block ? timeout : kNoWait);
  }
  // Errors: Full at once.
  Result<void> put_nowait(const V& item) const { return put(item, kNoWait); }

  // False if the queue is full for so long.
  // Errors: ShutDown.
  Result<bool> try_put(const V& item, TimeLimit timeout = kNoWait) const {
    return put_item(item, timeout, ErrorCode::kFull, decode_success);
  }

  // Takes the item at the head. Python: q.get(timeout=timeout).
  // Blocks: while the queue is empty, at most `timeout`; in order of arrival among getters.
  // Errors: Empty after `timeout`; ShutDown once the queue is shut down and empty. TypeError,
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
  Result<std::optional<V>> try_get(TimeLimit timeout = kNoWait) const {
    return get_item(timeout, ErrorCode::kEmpty, decode_optional_value<V>);
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
      return reply.uint(kMaxsize) != 0 && reply.uint(kSize) >= reply.uint(kMaxsize);
    });
  }
  // 0: without.
  Result<std::size_t> maxsize() const {
    return ask_size([](const Reply& reply) -> std::size_t { return reply.uint(kMaxsize); });
  }
  Result<bool> is_shut_down() const {
    return ask_size([](const Reply& reply) { return reply.boolean(kShutDown); });
  }

  // From now on putters fail, and getters drain what is there. Python: q.shutdown(immediate=...).
  //
  //   q.shutdown({.immediate = true});
  Result<void> shutdown(ShutdownOptions how = {}) const {
    wire::Scratch request;
    if (how.immediate) request->boolean(3, true);
    return call_(*this, Operation::kQueueShutdown, *request, options(), decode_nothing);
  }

 private:
  static constexpr TimeLimit kNoWait = std::chrono::nanoseconds::zero();

  // Fields of QueueSizeReply.
  static constexpr std::uint32_t kSize = 1;
  static constexpr std::uint32_t kMaxsize = 2;
  static constexpr std::uint32_t kShutDown = 3;

  template <class Decode>
  auto put_item(const V& item, TimeLimit timeout, ErrorCode tolerated, Decode&& decode) const {
    wire::Scratch request;
    request->value(3, item);
    if (const Timeout limit = timeout.nanoseconds()) request->duration(4, *limit);
    return call_(*this, Operation::kQueuePut, *request, waiting(timeout, tolerated),
                 std::forward<Decode>(decode));
  }

  template <class Decode>
  auto get_item(TimeLimit timeout, ErrorCode tolerated, Decode&& decode) const {
    wire::Scratch request;
    if (const Timeout limit = timeout.nanoseconds()) request->duration(3, *limit);
    return call_(*this, Operation::kQueueGet, *request, waiting(timeout, tolerated),
                 std::forward<Decode>(decode));
  }

  template <class Decode>
  auto ask_size(Decode&& decode) const {
    wire::Scratch request;
    return call_(*this, Operation::kQueueSize, *request, options(), std::forward<Decode>(decode));
  }

  CallOptions waiting(TimeLimit timeout, ErrorCode tolerated) const {
    CallOptions options = tolerating(tolerated);
    options.may_wait = true;
    options.wait = timeout.nanoseconds();
    return options;
  }

  [[no_unique_address]] Call call_;
};

}  // namespace internal

}  // namespace mp
