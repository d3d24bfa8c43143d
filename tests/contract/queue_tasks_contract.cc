#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

// Items in a bunch, and tasks.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class QueueTasksContract : public Managers {
 protected:
  JoinableQueueProxy<int> tasks = manager().joinable_queue<int>();
  QueueProxy<int> bounded = manager().queue<int>({.maxsize = 3});
};
MP_CONTRACT(QueueTasksContract);

TEST_P(QueueTasksContract, PutsAndGetsSeveralAtOnce) {
  tasks.put_many({1, 2, 3});
  tasks.put_many(std::vector<int>{4, 5});
  EXPECT_EQ(tasks.qsize(), 5U);
  EXPECT_THAT(tasks.get_many(2), ElementsAre(1, 2));
  EXPECT_THAT(tasks.get_many(9, 1s), ElementsAre(3, 4, 5)) << "as many as are there";
  EXPECT_THROW(tasks.get_many(1, 1ms), Empty);
  EXPECT_THAT(tasks.try_get_many(1), IsEmpty());
  EXPECT_THROW(tasks.get_many(0), ValueError);
}

TEST_P(QueueTasksContract, PutsAllOrNoneOfABunch) {
  bounded.put(1);
  EXPECT_THROW(bounded.put_many({2, 3, 4}, 1ms), Full);
  EXPECT_FALSE(bounded.try_put_many({2, 3, 4}));
  EXPECT_THROW(bounded.put_many({2, 3, 4, 5}), ValueError) << "there is never room for them";
  EXPECT_EQ(bounded.qsize(), 1U);
  EXPECT_TRUE(bounded.try_put_many({2, 3}));
  EXPECT_THAT(bounded.get_many(9), ElementsAre(1, 2, 3));
}

TEST_P(QueueTasksContract, LetsABunchInOnceThereIsRoomForAllOfIt) {
  bounded.put_many({1, 2});
  auto waiting = bounded.async().put_many({3, 4});
  EXPECT_EQ(bounded.get(), 1);
  waiting.get(kLong);
  EXPECT_THAT(bounded.get_many(9), ElementsAre(2, 3, 4));
}

TEST_P(QueueTasksContract, GivesABunchToWhoWaitsForIt) {
  auto waiting = tasks.async().get_many(5);
  elsewhere(GetParam(), [&] { tasks.put_many({1, 2, 3}); });
  EXPECT_THAT(waiting.get(kLong), ElementsAre(1, 2, 3));
}

TEST_P(QueueTasksContract, PutsNothingWithAnEmptyBunch) {
  tasks.put_many({});
  EXPECT_TRUE(tasks.empty());
  EXPECT_EQ(tasks.unfinished(), 0U);
}

TEST_P(QueueTasksContract, IsJoinedOnceItsWorkersHaveDoneTheirTasks) {
  auto done = manager().value<int>();
  constexpr int kStop = -1;
  Crowd workers(GetParam(), 4, [&](int) {
    for (int task = tasks.get(kLong); task != kStop; task = tasks.get(kLong)) {
      done += 1;
      tasks.task_done();
    }
    tasks.task_done();
  });
  for (int i = 0; i < 10; ++i) tasks.put(i);
  EXPECT_TRUE(tasks.join(kLong));
  EXPECT_EQ(done, 10);
  tasks.put_many({kStop, kStop, kStop, kStop});
  workers.join();
  EXPECT_TRUE(tasks.join(0s));
}

TEST_P(QueueTasksContract, GivesUpJoiningAfterTheTimeout) {
  EXPECT_TRUE(tasks.join()) << "there is no task";
  tasks.put_many({1, 2});
  EXPECT_FALSE(tasks.join(0s));
  EXPECT_FALSE(tasks.join(10ms));
  EXPECT_FALSE(tasks.join(-1s));
  tasks.get_many(2);
  EXPECT_FALSE(tasks.join(0s)) << "what was got is not done yet";
  auto joining = tasks.async().join();
  EXPECT_EQ(tasks.task_done(), 1U);
  EXPECT_FALSE(joining.ready());
  EXPECT_EQ(tasks.task_done(), 0U);
  EXPECT_TRUE(joining.get(kLong));
}

TEST_P(QueueTasksContract, RefusesATaskDoneTooOften) {
  EXPECT_THROW(tasks.task_done(), ValueError);
  tasks.put(1);
  EXPECT_EQ(tasks.task_done(), 0U) << "who is done with it need not have got it";
  EXPECT_THROW(tasks.task_done(), ValueError);
  EXPECT_EQ(tasks.unfinished(), 0U);
  EXPECT_EQ(tasks.get(), 1);
}

TEST_P(QueueTasksContract, CountsDroppedTasksAsDone) {
  tasks.put_many({1, 2, 3});
  tasks.get();
  auto joining = tasks.async().join();
  tasks.shutdown({.immediate = true});
  EXPECT_EQ(tasks.unfinished(), 1U);
  EXPECT_FALSE(joining.ready());
  tasks.task_done();
  EXPECT_TRUE(joining.get(kLong));
}

TEST_P(QueueTasksContract, CannotBeConfirmedWhereItDeliversOnce) {
  tasks.put(1);
  const Delivered<int> task = tasks.receive();
  EXPECT_EQ(task.value, 1);
  EXPECT_EQ(task.item, 1U);
  EXPECT_EQ(task.deliveries, 1U);
  EXPECT_EQ(tasks.delivery(), Delivery::kAtMostOnce);
  EXPECT_THROW(tasks.confirm(task), ValueError);
  EXPECT_EQ(tasks.unfinished(), 1U);
  tasks.task_done(task);
  EXPECT_EQ(tasks.unfinished(), 0U);
}

}  // namespace
}  // namespace mp::contract
