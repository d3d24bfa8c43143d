#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mp/v1/admin.pb.h"
#include "mp/v1/command.pb.h"
#include "tests/e2e/manager_process.h"
#include "tests/e2e/unary_client.h"

namespace mp::e2e {

inline v1::Value text(const std::string& content) {
  v1::Value value;
  value.set_str(content);
  return value;
}
inline v1::Value number(std::int64_t content) {
  v1::Value value;
  value.set_int_(content);
  return value;
}

template <class Request>
Request named(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

// Repeats until it holds; ctest's time limit ends what never will.
template <class Condition>
void eventually(Condition&& condition) {
  while (!condition()) std::this_thread::yield();
}

// A manager, and a client that calls it over gRPC.
class GrpcTest : public testing::Test {
 protected:
  explicit GrpcTest(std::vector<std::string> flags = {})
      : manager(std::move(flags)), client(manager.address()) {}

  Answer create_lock(const std::string& name) {
    return client.call("Lock/Create", named<v1::LockCreateRequest>(name));
  }
  Answer create_queue(const std::string& name) {
    return client.call("Queue/Create", named<v1::QueueCreateRequest>(name));
  }
  Answer acquire(const std::string& name, const Metadata& session) {
    return client.call("Lock/Acquire", named<v1::LockAcquireRequest>(name), session);
  }
  std::shared_ptr<PendingCall> start_acquire(const std::string& name, const Metadata& session) {
    return client.start("Lock/Acquire", named<v1::LockAcquireRequest>(name), session);
  }
  Answer put(const std::string& name, std::int64_t item) {
    auto request = named<v1::QueuePutRequest>(name);
    *request.mutable_value() = number(item);
    return client.call("Queue/Put", request);
  }
  std::shared_ptr<PendingCall> start_get(const std::string& name, const Metadata& metadata = {}) {
    return client.start("Queue/Get", named<v1::QueueGetRequest>(name), metadata);
  }
  std::uint64_t queue_size(const std::string& name) {
    return client.call("Queue/Size", named<v1::QueueSizeRequest>(name))
        .reply<v1::QueueSizeReply>()
        .size();
  }
  v1::DescribeObjectReply describe(const std::string& name) {
    return client.call("Admin/DescribeObject", named<v1::DescribeObjectRequest>(name))
        .reply<v1::DescribeObjectReply>();
  }
  void await_waiters(const std::string& name, int count) {
    eventually([&] { return describe(name).waiters_size() == count; });
  }

  ManagerProcess manager;
  UnaryClient client;
};

}  // namespace mp::e2e
