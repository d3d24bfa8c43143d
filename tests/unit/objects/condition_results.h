#pragma once

#include "tests/unit/objects/harness.h"

// What became of those who wait for a condition, or for its lock.

namespace mp::server::test {

MATCHER_P(HasLock, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.rlock_acquire().acquired();
}
MATCHER_P(Notified, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.condition_wait().notified() &&
         arg.outcome.condition_wait().token() != 0;
}
MATCHER_P(TimedOut, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.has_condition_wait() &&
         !arg.outcome.condition_wait().notified() && arg.outcome.condition_wait().token() != 0;
}

}  // namespace mp::server::test
