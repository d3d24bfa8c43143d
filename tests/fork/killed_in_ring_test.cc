#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "mp/local/queue.h"
#include "tests/fork/kill_at_any_instruction.h"
#include "tests/fork/process_fixture.h"

// A queue's items lie in a ring. Its putter is killed at any instruction where the ring has no room
// before its end: the item is put or not, and all others are whole.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 60s;  // far more than anything here takes

class KilledInARing : public ProcessTest {
 protected:
  using Items = std::vector<std::string>;

  // Of the ring's 48 KiB the second item leaves 1400 bytes at the start, and 700 at the end.
  void fill_to_the_end() {
    q.emplace();
    q->put(first);
    q->put(second);
    EXPECT_EQ(q->get(), first);
  }
  Items drain() const {
    q->put("last", kLong);
    Items items = q->get_many(100, kLong);
    EXPECT_EQ(items.back(), "last");
    items.pop_back();
    EXPECT_EQ(q->try_get(), std::nullopt);
    return items;
  }
  void expect_whole(bool was_through, Items before, const std::string& its) const {
    const Items items = drain();
    Items after = before;
    after.push_back(its);
    EXPECT_TRUE(items == after || (!was_through && items == before)) << items.size();
  }

  const std::string first = std::string(1'400, 'f');
  const std::string second = std::string(47'000, 's');
  const std::string at_start = std::string(800, 'a');
  std::optional<Queue<std::string>> q;
};

TEST_F(KilledInARing, HasPutItsItemAtTheStartOrNone) {
  KilledOperation puts;
  puts.prepare = [&] { static_cast<void>(q->qsize()); };
  puts.operation = [&] { q->put(at_start); };
  puts.check = [&](bool was_through) {
    expect_whole(was_through, {second}, at_start);
    fill_to_the_end();
  };
  fill_to_the_end();
  puts.most_kills = 100;
  kill_at_any_instruction(puts);
}

TEST_F(KilledInARing, LeavesAllItemsWholeThoughItMovedThoseAtTheStart) {
  const auto fill = [&] {
    fill_to_the_end();
    q->put(at_start);
  };
  const std::string more(700, 'm');
  KilledOperation puts;
  puts.operation = [&] { q->put(more); };
  puts.check = [&](bool was_through) {
    expect_whole(was_through, {second, at_start}, more);
    fill();
  };
  fill();
  puts.most_kills = 100;
  kill_at_any_instruction(puts);
}

}  // namespace
}  // namespace mp::test
