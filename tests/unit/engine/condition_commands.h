#pragma once

#include <string>
#include <string_view>

#include "tests/unit/engine/harness.h"

// The commands of conditions, for condition_test.cc and its likes.

namespace mp::server::engine_test {

inline v1::Command create_condition(std::string_view name, std::string_view lock) {
  v1::Command command;
  command.mutable_condition_create()->set_name(std::string(name));
  if (!lock.empty()) command.mutable_condition_create()->set_lock_name(std::string(lock));
  return command;
}
inline v1::Command wait(std::string_view condition, Timeout timeout = {}) {
  v1::Command command;
  command.mutable_condition_wait()->set_name(std::string(condition));
  if (timeout)
    command.mutable_condition_wait()->mutable_timeout()->set_seconds(timeout->count() /
                                                                     1'000'000'000);
  return command;
}
inline v1::Command notify(std::string_view condition) {
  v1::Command command;
  command.mutable_condition_notify()->set_name(std::string(condition));
  return command;
}

MATCHER_P2(Wakes, seq, notified, "") {
  return is(seq, arg) && arg.has_condition_wait() && arg.condition_wait().notified() == notified &&
         arg.condition_wait().token() != 0;
}

}  // namespace mp::server::engine_test
