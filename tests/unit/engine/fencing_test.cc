#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

class FencingTest : public testing::Test {
 protected:
  FencingTest() {
    for (const Client* client : {&a, &b}) manager.engine.watch(client->session->id());
    a.call(create_lock("L"));
    for (const std::string& dict : kDicts) a.call(create_dict(dict));
  }
  // In many shards, some before and some after the lock's.
  const std::vector<std::string> kDicts = {"d0", "d1", "d2", "d3", "d4",
                                           "d5", "d6", "d7", "d8", "d9"};
  std::string fenced_set(std::uint64_t token) {
    return a.call(fenced(set("d0", "'k'", "1"), "L", token));
  }

  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(FencingTest, WhoeverShowsTheTokenOfTheGrantMay) {
  const std::uint64_t token = a.lock("L");
  for (const std::string& dict : kDicts)
    EXPECT_EQ(a.call(fenced(set(dict, "'k'", "1"), "L", token)), "done");
  EXPECT_EQ(b.call(fenced(set("d0", "'k'", "2"), "L", token)), "done");
}

TEST_F(FencingTest, AfterReleaseTheTokenIsStaleAndNothingIsChanged) {
  const std::uint64_t token = a.lock("L");
  a.call(release("L"));
  for (const std::string& dict : kDicts) {
    EXPECT_EQ(a.call(fenced(set(dict, "'k'", "1"), "L", token)), "STALE_TOKEN");
    EXPECT_EQ(a.call(get(dict, "'k'")), "KEY_ERROR");
  }
}

TEST_F(FencingTest, AfterTheEndOfTheLeaseTheTokenIsStale) {
  const std::uint64_t token = a.ask(acquire("L", {}, seconds(1))).lock_acquire().token();
  EXPECT_EQ(fenced_set(token), "done");
  manager.clock.set(manager.clock.now() + seconds(1));
  EXPECT_EQ(fenced_set(token), "STALE_TOKEN");
}

TEST_F(FencingTest, AfterTheEndOfTheOwnersSessionTheTokenIsStale) {
  const std::uint64_t token = b.lock("L");
  EXPECT_EQ(fenced_set(token), "done");
  b.end();
  EXPECT_EQ(fenced_set(token), "STALE_TOKEN");
}

TEST_F(FencingTest, TheTokenOfTheNextGrantIsLarger) {
  const std::uint64_t first = a.lock("L");
  a.call(release("L"));
  const std::uint64_t second = b.lock("L");
  EXPECT_GT(second, first);
  EXPECT_EQ(fenced_set(first), "STALE_TOKEN");
  EXPECT_EQ(fenced_set(second), "done");
}

TEST_F(FencingTest, TokensGrowThoughTheLockIsMadeAnew) {
  const std::uint64_t first = a.lock("L");
  a.call(drop("L"));
  EXPECT_EQ(fenced_set(first), "STALE_TOKEN");
  a.call(create_lock("L"));
  EXPECT_GT(a.lock("L"), first);
}

TEST_F(FencingTest, TokensGrowOverRunsOfTheManager) {
  const std::uint64_t first = a.lock("L");
  while (Manager().engine.epoch() == manager.engine.epoch()) {
  }
  Manager later;
  Client c(later);
  c.call(create_lock("L"));
  EXPECT_GT(c.lock("L"), first);
}

TEST_F(FencingTest, AnObjectThatIsNoLockHasNoToken) {
  EXPECT_EQ(a.call(fenced(set("d0", "'k'", "1"), "d1", 1)), "STALE_TOKEN");
  EXPECT_EQ(a.call(fenced(set("d0", "'k'", "1"), "nothing", 1)), "STALE_TOKEN");
}

TEST_F(FencingTest, TheLockMayBeNamedById) {
  const std::uint64_t id = a.make(create_lock());
  const std::uint64_t token = a.lock(id);
  EXPECT_EQ(a.call(fenced(set("d0", "'k'", "1"), id, token)), "done");
  EXPECT_EQ(a.call(fenced(set("d0", "'k'", "1"), id, token + 1)), "STALE_TOKEN");
}

TEST_F(FencingTest, EveryCommandOnObjectsCanDemandAToken) {
  const std::uint64_t id = a.make(create_dict());
  const std::uint64_t token = a.lock("L");
  a.call(release("L"));
  const v1::Command commands[] = {create_dict("new"), drop("d0"),   retain(id),
                                  unref(id),          find("d0"),   get("d0", "'k'"),
                                  release("L"),       acquire("L"), batch({set("d0", "'k'", "1")})};
  for (const v1::Command& command : commands) {
    EXPECT_EQ(a.call(fenced(command, "L", token)), "STALE_TOKEN") << command.ShortDebugString();
  }
  EXPECT_EQ(a.call(fenced(open_child(), "L", token)), "BAD_COMMAND");
  EXPECT_EQ(a.call(length("d0")), "0");
}

TEST_F(FencingTest, AStaleTokenIsRememberedAsTheOutcome) {
  const std::uint64_t next = a.lock("L") + 1;
  const auto seq = a.send(fenced(set("d0", "'k'", "1"), "L", next));
  a.outcomes();
  a.call(release("L"));
  ASSERT_EQ(b.lock("L"), next);
  a.resend(seq);
  EXPECT_THAT(a.outcomes(), testing::ElementsAre(Fails(seq, v1::STALE_TOKEN)));
}

}  // namespace
}  // namespace mp::server::engine_test
