#pragma once

#include <optional>
#include <string>

#include "server/objects/barrier.h"
#include "server/objects/error.h"
#include "tests/unit/objects/harness.h"

namespace mp::server::test {

MATCHER_P3(Passes, ticket, index, generation, "") {
  const v1::BarrierWaitReply& reply = arg.outcome.barrier_wait();
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.has_barrier_wait() &&
         !arg.outcome.has_error() && reply.index() == static_cast<std::uint64_t>(index) &&
         reply.generation() == static_cast<std::uint64_t>(generation) && !reply.run_action();
}
MATCHER_P3(RunsTheAction, ticket, index, generation, "") {
  const v1::BarrierWaitReply& reply = arg.outcome.barrier_wait();
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.has_barrier_wait() &&
         reply.index() == static_cast<std::uint64_t>(index) &&
         reply.generation() == static_cast<std::uint64_t>(generation) && reply.run_action();
}
// Fails since the barrier is broken, for this reason.
MATCHER_P2(Breaks, ticket, reason, "") {
  const std::string& message = arg.outcome.error().message();
  *result_listener << message;
  return arg.ticket == static_cast<Ticket>(ticket) &&
         arg.outcome.error().code() == v1::BROKEN_BARRIER &&
         message.find(reason) != std::string::npos;
}

inline v1::BarrierCreateRequest barrier_of(std::uint64_t parties,
                                           std::optional<std::int64_t> timeout_seconds = {}) {
  v1::BarrierCreateRequest request;
  request.set_parties(parties);
  if (timeout_seconds) request.mutable_timeout()->set_seconds(*timeout_seconds);
  return request;
}

// A barrier of three parties.
class BarrierTest : public ::testing::Test {
 protected:
  struct Wait {
    std::optional<std::int64_t> seconds = {};
    bool forever = false;
    bool has_action = false;
  };
  static v1::BarrierWaitRequest request(const Wait& wait) {
    v1::BarrierWaitRequest request;
    if (wait.seconds) request.mutable_timeout()->set_seconds(*wait.seconds);
    request.set_forever(wait.forever);
    request.set_has_action(wait.has_action);
    return request;
  }
  static v1::BarrierFinishRequest finish_request(std::uint64_t generation, bool failed = false) {
    v1::BarrierFinishRequest request;
    request.set_generation(generation);
    request.set_failed(failed);
    return request;
  }

  Results wait(Who who) { return barrier.run(who, request({})); }
  Results wait(Who who, const Wait& wait) { return barrier.run(who, request(wait)); }
  Results wait_for(Who who, std::int64_t seconds) { return wait(who, {.seconds = seconds}); }
  Results wait_with_action(Who who) { return wait(who, {.has_action = true}); }
  Results finish(Who who, std::uint64_t generation) {
    return barrier.run(who, finish_request(generation));
  }
  Results fail_action(Who who, std::uint64_t generation) {
    return barrier.run(who, finish_request(generation, true));
  }
  Results abort(Who who) { return barrier.run(who, v1::BarrierAbortRequest()); }
  Results reset(Who who) { return barrier.run(who, v1::BarrierResetRequest()); }
  Results enlist(Who who) { return barrier.run(who, v1::BarrierEnlistRequest()); }

  std::string state(const char* name) {
    const Results results = barrier.run(++last_asked_, v1::BarrierStateRequest());
    return field(results.back().outcome, name);
  }
  bool broken() { return state("broken") == "True"; }

  // Sessions 1, 2 and 3 pass a generation, and are known from then on.
  void pass_a_generation() {
    for (const int party : {1, 2, 3})
      wait(Who(900 + static_cast<Ticket>(party), Who(party).owner.session));
  }
  // Sessions 1, 2 and 3 arrive in the first generation; 2 runs the action, as ticket 2.
  void begin_action() {
    wait(1);
    wait_with_action(2);
    wait(3);
  }

  Shell barrier{barrier_of(3)};

 private:
  int last_asked_ = 1'000'000;
};

}  // namespace mp::server::test
