#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LocalProcessInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalProcessInProcesses, testing::ValuesIn(all_ways()), name_of_param);

void wait_for(const Event& event) { demand(event.wait(kLong), "told to end"); }

TEST_P(LocalProcessInProcesses, FollowsItsStates) {
  const Event enough;
  Process child = process(wait_for, enough);
  EXPECT_FALSE(child.is_alive());
  EXPECT_EQ(child.exitcode(), std::nullopt);
  EXPECT_THAT(active_children(), IsEmpty());
  EXPECT_THAT(printed(child), HasSubstr(" initial"));
  EXPECT_THROW(child.join(), ProcessError);
  child.start();
  EXPECT_TRUE(child.is_alive());
  EXPECT_EQ(child.exitcode(), std::nullopt);
  EXPECT_THAT(active_children(), SizeIs(1));
  EXPECT_THAT(printed(child), HasSubstr(" started"));
  EXPECT_FALSE(child.join(0s));
  EXPECT_FALSE(child.join(-1s));
  EXPECT_THROW(child.start(), ProcessError);
  enough.set();
  child.join();
  EXPECT_TRUE(child.join(0s));
  EXPECT_FALSE(child.is_alive());
  EXPECT_EQ(child.exitcode(), 0);
  EXPECT_THAT(active_children(), IsEmpty());
  EXPECT_THAT(printed(child), HasSubstr(" stopped"));
}

void put_arguments(const Queue<std::string>& q, int number, const std::string& text,
                   const std::vector<int>& numbers) {
  q.put(std::to_string(number) + text + std::to_string(numbers.size()));
}

TEST_P(LocalProcessInProcesses, HandsItsArgumentsOver) {
  const Queue<std::string> q;
  elsewhere(put_arguments, q, 7, std::string("seven"), std::vector<int>{1, 2, 3});
  EXPECT_EQ(q.get(kLong), "7seven3");
}

void put_names(const Queue<std::string>& q) {
  q.put(current_process().name());
  q.put(parent_process().value().name());
}

TEST_P(LocalProcessInProcesses, KnowsItsNameAndItsParents) {
  const Queue<std::string> q;
  Process child = process(ProcessOptions{.name = "worker"}, put_names, q);
  EXPECT_EQ(child.name(), "worker");
  child.start();
  expect_success(child);
  EXPECT_THAT(q.get_many(2), ElementsAre("worker", kMainName));
  EXPECT_EQ(current_process().name(), kMainName);
  EXPECT_FALSE(parent_process().has_value());
}

void put_idents(const Queue<int>& q) {
  q.put_many({current_process().ident(), parent_process().value().ident()});
}

TEST_P(LocalProcessInProcesses, HasTheIdentThatItSeesItself) {
  const Queue<int> q;
  Process child = process(put_idents, q);
  EXPECT_EQ(child.ident(), std::nullopt);
  child.start();
  const std::optional<int> ident = child.ident();
  expect_success(child);
  EXPECT_EQ(q.get(kLong), ident);
  EXPECT_EQ(q.get(kLong), current_process().ident());
  EXPECT_NE(ident, current_process().ident());
}

void put_daemon(const Queue<bool>& q) { q.put(current_process().daemon()); }

TEST_P(LocalProcessInProcesses, IsADaemonIfItIsToldTo) {
  const Queue<bool> q;
  for (const bool daemon : {false, true}) {
    Process child = process(ProcessOptions{.daemon = daemon}, put_daemon, q);
    EXPECT_EQ(child.daemon(), daemon);
    child.start();
    EXPECT_THROW(child.set_daemon(!daemon), ProcessError);
    expect_success(child);
    EXPECT_EQ(q.get(kLong), daemon);
  }
}

// CPython's test_recursion: in the order of a walk that goes down first.
void tell_tree(const Queue<std::string>& q, const std::string& id, Way way) {
  q.put(id);
  if (id.size() >= 2) return;
  for (const char* digit : {"0", "1"}) {
    Process child = process_by(way, tell_tree, q, id + digit, way);
    child.start();
    child.join();
  }
}

TEST_P(LocalProcessInProcesses, HasChildrenOfItsOwn) {
  const Queue<std::string> q;
  elsewhere(tell_tree, q, std::string(), GetParam());
  EXPECT_THAT(q.get_many(10), ElementsAre("", "0", "00", "01", "1", "10", "11"));
}

TEST_P(LocalProcessInProcesses, EndsWithWhatItsCallComesTo) {
  EXPECT_EQ(exitcode_of_call([] {}), 0);
  EXPECT_EQ(exitcode_of_call([] { mp::exit(7); }), 7);
  EXPECT_EQ(exitcode_of_call([] { mp::exit(256 + 3); }), 3);
  EXPECT_EQ(exitcode_of_call([] { throw std::runtime_error("as it should"); }), 1);
}

TEST_P(LocalProcessInProcesses, IsClosedOnceItHasEnded) {
  const Event enough;
  Process child = started(wait_for, enough);
  EXPECT_THROW(child.close(), ValueError);
  enough.set();
  expect_success(child);
  child.close();
  EXPECT_THROW(child.is_alive(), ValueError);
  EXPECT_THROW(child.join(), ValueError);
  EXPECT_THROW(child.start(), ValueError);
  child.close();
}

TEST_P(LocalProcessInProcesses, IsOneOfMany) {
  const Value<int> count(0);
  std::vector<Process> children;
  for (int i = 0; i < 20; ++i) {
    children.push_back(started([](const Value<int>& its) { its += 1; }, count));
  }
  for (Process& child : children) expect_success(child);
  EXPECT_EQ(count.get(), 20);
}

}  // namespace
}  // namespace mp::contract
