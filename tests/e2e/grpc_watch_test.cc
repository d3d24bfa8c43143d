#include <chrono>
#include <future>

#include "google/protobuf/util/time_util.h"
#include "mp/mp.h"
#include "tests/e2e/grpc_fixture.h"

// Watches of a client, as administration sees them wait.

namespace mp::e2e {
namespace {

using namespace std::chrono_literals;

class GrpcWatchTest : public GrpcTest {
 protected:
  // The one who waits, once there is one and it meets this.
  template <class Condition>
  v1::Waiter waiter_that(Condition condition) {
    v1::Waiter found;
    eventually([&] {
      const auto shown =
          client.call("Admin/ListWaiters", v1::ListWaitersRequest()).reply<v1::ListWaitersReply>();
      if (shown.waiters_size() != 1 || !condition(shown.waiters(0))) return false;
      found = shown.waiters(0);
      return true;
    });
    return found;
  }
  static std::chrono::milliseconds left_of(const v1::Waiter& waiter) {
    using google::protobuf::util::TimeUtil;
    return std::chrono::milliseconds(TimeUtil::DurationToMilliseconds(waiter.timeout()));
  }
};

TEST_F(GrpcWatchTest, ALostSessionDoesNotMakeNextWaitAnew) {
  auto subscriber = Manager::connect("unix:" + manager.socket());
  auto counts = subscriber.dict<std::string, int>("counts");
  const auto watch = subscriber.watch(counts);
  constexpr auto kTimeout = 60s;
  constexpr auto kGone = 500ms;  // of it, at least, when the session is lost
  auto next = std::async(std::launch::async, [&] { return watch.next(kTimeout); });
  const auto has_waited = [&](const v1::Waiter& who) { return left_of(who) < kTimeout - kGone; };
  const std::uint64_t lost = waiter_that(has_waited).party().session();
  v1::CloseSessionRequest close;
  close.set_session(lost);
  client.call("Admin/CloseSession", close);
  const auto again =
      waiter_that([&](const v1::Waiter& who) { return who.party().session() != lost; });
  EXPECT_LE(left_of(again), kTimeout - kGone);
  counts["a"] = 1;
  EXPECT_TRUE(next.get().has_value());
}

}  // namespace
}  // namespace mp::e2e
