#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/util/time_util.h"
#include "tests/unit/engine/condition_commands.h"
#include "tests/unit/engine/harness.h"

// Parties that hold and want locks of all kinds, for the tests of deadlocks.

namespace mp::server::engine_test {

inline v1::Command blocking(v1::Command command) {
  command.set_caller_blocks(true);
  return command;
}

inline v1::Command create_rlock(const std::string& name) {
  v1::Command command;
  command.mutable_rlock_create()->set_name(name);
  return command;
}
inline v1::Command create_rwlock(const std::string& name) {
  v1::Command command;
  command.mutable_rwlock_create()->set_name(name);
  return command;
}
inline v1::Command create_semaphore(const std::string& name, std::uint64_t value) {
  v1::Command command;
  command.mutable_semaphore_create()->set_name(name);
  command.mutable_semaphore_create()->set_value(value);
  return command;
}
// Of seats: it can be part of a deadlock.
inline v1::Command create_seats(const std::string& name, std::uint64_t value) {
  v1::Command command = create_semaphore(name, value);
  command.mutable_semaphore_create()->set_bounded(true);
  return command;
}
inline v1::Command create_value(const std::string& name) {
  v1::Command command;
  command.mutable_shared_value_create()->set_name(name);
  command.mutable_shared_value_create()->set_typecode("i");
  return command;
}

namespace internal {
template <class Request>
void ask_for(Request* request, const std::string& name, Timeout timeout, Timeout lease) {
  using google::protobuf::util::TimeUtil;
  request->set_name(name);
  if (timeout) *request->mutable_timeout() = TimeUtil::NanosecondsToDuration(timeout->count());
  if (lease) *request->mutable_lease() = TimeUtil::NanosecondsToDuration(lease->count());
}
}  // namespace internal

inline v1::Command acquire_rlock(const std::string& name, Timeout timeout = {},
                                 Timeout lease = {}) {
  v1::Command command;
  internal::ask_for(command.mutable_rlock_acquire(), name, timeout, lease);
  return command;
}
inline v1::Command release_rlock(const std::string& name) {
  v1::Command command;
  command.mutable_rlock_release()->set_name(name);
  return command;
}
inline v1::Command acquire_permit(const std::string& name, Timeout timeout = {},
                                  Timeout lease = {}) {
  v1::Command command;
  internal::ask_for(command.mutable_semaphore_acquire(), name, timeout, lease);
  return command;
}
inline v1::Command release_permit(const std::string& name) {
  v1::Command command;
  command.mutable_semaphore_release()->set_name(name);
  return command;
}
inline v1::Command acquire_read(const std::string& name, Timeout timeout = {}, Timeout lease = {}) {
  v1::Command command;
  internal::ask_for(command.mutable_rwlock_acquire_read(), name, timeout, lease);
  return command;
}
inline v1::Command release_read(const std::string& name) {
  v1::Command command;
  command.mutable_rwlock_release_read()->set_name(name);
  return command;
}
inline v1::Command acquire_write(const std::string& name, Timeout timeout = {},
                                 Timeout lease = {}) {
  v1::Command command;
  internal::ask_for(command.mutable_rwlock_acquire_write(), name, timeout, lease);
  return command;
}
inline v1::Command release_write(const std::string& name) {
  v1::Command command;
  command.mutable_rwlock_release_write()->set_name(name);
  return command;
}

class DeadlockTest : public testing::Test {
 protected:
  explicit DeadlockTest(DeadlockPolicy policy = DeadlockPolicy::kFail, CustomTypes types = {})
      : manager({}, 16, policy, std::move(types)) {
    for (Client* client : {&a, &b, &c}) manager.engine.watch(client->session->id());
    // Of names that lie in many shards.
    for (const char* lock : {"L1", "L2", "L3"}) a.call(create_lock(lock));
  }

  // It is parked, later than all before, and the wait is no part of a deadlock.
  std::uint64_t waits(Client& client, v1::Command command) {
    manager.clock.set(manager.clock.now() + milliseconds(1));
    const std::uint64_t seq = client.send(blocking(std::move(command)));
    EXPECT_THAT(client.outcomes(), testing::IsEmpty());
    return seq;
  }
  std::string refused(Client& client, v1::Command command) {
    return client.call(blocking(std::move(command)));
  }

 public:
  Manager manager;
  Client a{manager};
  Client b{manager};
  Client c{manager};
};

}  // namespace mp::server::engine_test
