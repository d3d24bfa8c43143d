#include <chrono>

#include "tests/contract/fencing.h"

// What is acquired and released with the demand of another lock's grant.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LockFencingContract : public Fencing {};
MP_CONTRACT(LockFencingContract);

TEST_P(LockFencingContract, GuardsLocksOfEveryKind) {
  const auto guards = [&](const auto& other) {
    const auto l = late(other);
    expect_refused({
        {"acquire", [&] { l.acquire(); }},
        {"try_lock", [&] { static_cast<void>(l.try_lock()); }},
        {"async acquire", [&] { l.async().acquire().get(); }},
    });
    EXPECT_FALSE(other.locked());
    in_time(other).acquire();
    expect_refused({
        {"release", [&] { l.release(); }},
        {"async release", [&] { l.async().release().get(); }},
    });
    EXPECT_TRUE(other.locked());
    EXPECT_FALSE(l.lost()) << "that it is late changes nothing for this lock";
    in_time(other).release();
    EXPECT_FALSE(other.locked());
  };
  guards(manager().lock());
  guards(manager().rlock());
  guards(manager().value<int>().get_lock());
}

TEST_P(LockFencingContract, GuardsConditionsAndTheirLocks) {
  auto condition = manager().condition();
  const auto l = late(condition);
  expect_refused({{"acquire", [&] { l.acquire(); }}});
  condition.acquire();
  expect_refused({
      {"wait", [&] { l.wait(0s); }},
      {"notify", [&] { l.notify(); }},
      {"notify_all", [&] { l.notify_all(); }},
      {"release", [&] { l.release(); }},
      {"its lock's release", [&] { l.get_lock().release(); }},
  });
  EXPECT_TRUE(condition.locked());
  EXPECT_FALSE(in_time(condition).wait(0s));
  in_time(condition).release();
  EXPECT_FALSE(condition.locked());
}

TEST_P(LockFencingContract, GuardsTheLocksOfNumbers) {
  const auto value = late(manager().value<int>());
  const auto array = late(manager().array<int>(2));
  expect_refused({
      {"value", [&] { value.get_lock().acquire(); }},
      {"array", [&] { array.get_lock().acquire(); }},
  });
}

}  // namespace
}  // namespace mp::contract
