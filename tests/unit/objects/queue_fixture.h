#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "tests/unit/objects/harness.h"

namespace mp::server::test {

// Commands on a queue in short: get(1), put(2, 7), put(3, "'a'", 1s).
class QueueTest : public ::testing::Test {
 protected:
  static v1::QueueCreateRequest of_size(std::uint64_t maxsize) {
    v1::QueueCreateRequest request;
    request.set_maxsize(maxsize);
    return request;
  }
  template <class Request>
  static Request with_timeout(std::optional<Duration> timeout) {
    Request request;
    if (timeout) {
      request.mutable_timeout()->set_seconds(timeout->count() / 1'000'000'000);
      request.mutable_timeout()->set_nanos(static_cast<int>(timeout->count() % 1'000'000'000));
    }
    return request;
  }

  template <class T>
  Results put(Who who, T value, std::optional<Duration> timeout = {}) {
    auto request = with_timeout<v1::QueuePutRequest>(timeout);
    *request.mutable_value() = literal(literal_text(value));
    return queue->run(who, request);
  }
  Results get(Who who, std::optional<Duration> timeout = {}) {
    return queue->run(who, with_timeout<v1::QueueGetRequest>(timeout));
  }
  template <class T>
  Results put_many(Who who, std::initializer_list<T> values) {
    v1::QueuePutManyRequest request;
    for (const T& value : values) *request.add_values() = literal(literal_text(value));
    return queue->run(who, request);
  }
  Results get_many(Who who, std::uint64_t max) {
    v1::QueueGetManyRequest request;
    request.set_max(max);
    return queue->run(who, request);
  }
  static std::string values(const test::Result& result) {
    std::string all;
    for (const v1::QueueItem& item : result.outcome.queue_get_many().items())
      all += (all.empty() ? "" : " ") + test::repr(item.value());
    return all;
  }
  Results shutdown(Who who, bool immediate = false) {
    v1::QueueShutdownRequest request;
    request.set_immediate(immediate);
    return queue->run(who, request);
  }
  Results expire(Ticket ticket) { return queue->expire(ticket); }
  Results owner_gone(SessionId session) { return queue->owner_gone(session); }
  // The first fields of QueueSizeReply, up to the state.
  std::string size() {
    const std::string all = queue->ask(v1::QueueSizeRequest());
    return all.substr(0, all.find(" unfinished="));
  }
  // What getters find, in order, until there is nothing left.
  std::string drain() {
    std::string all;
    for (int n = 1000;; ++n) {
      const Results results = get(n, Duration::zero());
      if (results.empty() || results[0].outcome.has_error()) return all;
      all += (all.empty() ? "" : " ") + field(results[0].outcome, "value");
    }
  }

  std::optional<Shell> queue{of_size(0)};
};

class BoundedQueueTest : public QueueTest {
 protected:
  BoundedQueueTest() { queue.emplace(of_size(2)); }
};

}  // namespace mp::server::test
