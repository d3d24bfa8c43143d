#include <cstdint>
#include <string>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

// Which grants fence a mutation, and how long.

namespace mp::contract {
namespace {

class TokenContract : public Managers {
 protected:
  TokenContract() { lock.acquire(); }

  LockProxy lock = manager().lock("fence");
};
MP_CONTRACT(TokenContract);

TEST_P(TokenContract, TakesTheGrantOfWhateverIsAcquired) {
  auto d = manager().dict<std::string, int>();
  const auto guards = [&](const auto& held) {
    held.acquire();
    const std::uint64_t token = held.token();
    d.fenced_by(held, token)["k"] = 1;
    held.release();
    EXPECT_THROW(d.fenced_by(held, token).set("k", 2), StaleTokenError) << held.kind();
    EXPECT_EQ(d.at("k"), 1);
  };
  guards(manager().lock());
  guards(manager().rlock());
  guards(manager().semaphore(3));
  guards(manager().bounded_semaphore(1));
  guards(manager().condition());
  guards(manager().rwlock().read_lock());
  guards(manager().rwlock().write_lock());
  guards(manager().value<int>().get_lock());
  guards(manager().array<int>(2).get_lock());
}

TEST_P(TokenContract, KnowsATokenOfNobodyAndOfAnotherLockForStale) {
  auto d = manager().dict<std::string, int>();
  auto other = manager().lock();
  EXPECT_THROW(d.fenced_by(lock, 12'345).set("k", 1), StaleTokenError);
  EXPECT_THROW(d.fenced_by(other, lock.token()).set("k", 1), StaleTokenError);
  EXPECT_THROW(d.fenced_by(manager().event(), lock.token()).set("k", 1), StaleTokenError);
  EXPECT_TRUE(d.empty());
}

TEST_P(TokenContract, RefusesAStaleWriteOfAnotherClientToo) {
  auto d = manager().dict<std::string, int>("d");
  const std::uint64_t token = lock.token();
  Manager other = another();
  auto theirs = other.dict<std::string, int>("d");
  theirs.fenced_by(other.lock("fence"), token)["k"] = 1;
  lock.release();
  EXPECT_THROW(theirs.fenced_by(other.lock("fence"), token).set("k", 2), StaleTokenError);
  EXPECT_EQ(d.at("k"), 1);
}

TEST_P(TokenContract, RefusesTheGrantOfAProcessThatWasKilled) {
  MP_NEEDS_FORK();
  auto d = manager().dict<std::string, int>();
  auto tokens = manager().queue<std::uint64_t>();
  auto deploy = manager().lock();
  Process owner([&] {
    deploy.acquire();
    tokens.put(deploy.token());
    manager().event().wait();
  });
  owner.start();
  const std::uint64_t token = tokens.get(kLong);
  d.fenced_by(deploy, token)["k"] = 1;
  owner.kill();
  ASSERT_TRUE(deploy.acquire(kLong));
  EXPECT_THROW(d.fenced_by(deploy, token).set("k", 2), StaleTokenError);
  EXPECT_EQ(d.at("k"), 1);
}

}  // namespace
}  // namespace mp::contract
