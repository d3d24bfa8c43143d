#include <vector>

#include "tests/unit/engine/condition_commands.h"
#include "tests/unit/engine/harness.h"
#include "tests/unit/objects/literal.h"

// Versions of objects: they stay where an operation found nothing to do.

namespace mp::server::engine_test {
namespace {

using test::literal;

v1::Command set_default(const Which& dict, std::string_view key, std::string_view value) {
  v1::Command command;
  v1::DictSetDefaultRequest& request = *command.mutable_dict_set_default();
  request.set_name(dict.name);
  *request.mutable_key() = literal(key);
  *request.mutable_value() = literal(value);
  return command;
}

class VersionTest : public testing::Test {
 protected:
  VersionTest() {
    a.make(create_dict("d"));
    a.make(create_lock("l"));
    for (const char* name : {"d", "l"}) {
      v1::Command watch;
      watch.mutable_watch_create()->set_name(std::string("w") + name);
      watch.mutable_watch_create()->set_watched_name(name);
      a.make(watch);
    }
    a.ask(set("d", "1", "1"));
    a.lock("l");
    expect_events("wd", 1);
    expect_events("wl", 1);
  }

  // So many since this was asked last.
  void expect_events(const char* watch, int count) {
    v1::Command command;
    command.mutable_watch_next()->set_name(watch);
    command.mutable_watch_next()->mutable_timeout();
    EXPECT_EQ(a.ask(command).watch_next().events_size(), count);
  }

  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(VersionTest, WhatFindsNothingToDoLeavesIt) {
  const v1::Outcome outcome = b.ask(set_default("d", "1", "2"));
  EXPECT_FALSE(outcome.has_error());
  EXPECT_EQ(outcome.version(), 1U);
  expect_events("wd", 0);
  EXPECT_EQ(b.ask(set_default("d", "2", "2")).version(), 2U);
  expect_events("wd", 1);
}

TEST_F(VersionTest, ABatchThatFindsNothingToDoLeavesIt) {
  v1::Command batch;
  *batch.mutable_batch()->add_operations() = set_default("d", "1", "2");
  EXPECT_EQ(b.ask(batch).batch().outcomes(0).version(), 1U);
  expect_events("wd", 0);
}

TEST_F(VersionTest, ABatchRaisesItByThoseOfItsOperationsThatDoSomething) {
  v1::Command batch;
  *batch.mutable_batch()->add_operations() = set_default("d", "1", "2");
  *batch.mutable_batch()->add_operations() = set("d", "1", "3");
  const v1::Outcome outcome = b.ask(batch);
  EXPECT_EQ(outcome.batch().outcomes(0).version(), 1U);
  EXPECT_EQ(outcome.batch().outcomes(1).version(), 2U);
  expect_events("wd", 1);
}

TEST_F(VersionTest, AnAcquireThatTimesOutLeavesIt) {
  const v1::Outcome outcome = b.ask(acquire("l", kNow));
  EXPECT_FALSE(outcome.lock_acquire().acquired());
  EXPECT_EQ(outcome.version(), 1U);
  expect_events("wl", 0);
}

// Of each kind the operations that may find nothing to do, and find nothing.
struct Idle {
  const char* title;
  v1::Command create;
  std::vector<v1::Command> commands;
};

v1::Command of(const char* name, auto mutable_request) {
  v1::Command command;
  mutable_request(command)->set_name(name);
  return command;
}

std::vector<Idle> idle_operations() {
  const auto reverse = [](v1::Command& c) { return c.mutable_list_reverse(); };
  const auto sort = [](v1::Command& c) { return c.mutable_list_sort(); };
  const auto repeat = [](v1::Command& c) {
    c.mutable_list_repeat()->set_count(3);
    return c.mutable_list_repeat();
  };
  const auto leave = [](v1::Command& c) { return c.mutable_queue_leave(); };
  const auto fill_nothing = [](v1::Command& c) {
    auto& request = *c.mutable_shared_array_set_slice();
    request.set_stop(0);
    *request.mutable_fill() = literal("7");
    return &request;
  };
  v1::Command array;
  array.mutable_shared_array_create()->set_name("o");
  array.mutable_shared_array_create()->set_typecode("q");
  array.mutable_shared_array_create()->set_length(3);
  return {
      {"list", create_list("o"), {of("o", reverse), of("o", sort), of("o", repeat)}},
      {"condition", create_condition("o", "l"), {notify("o")}},
      {"queue", create_queue("o"), {of("o", leave)}},
      {"array", array, {of("o", fill_nothing)}},
  };
}

TEST_F(VersionTest, StaysWhereThereIsNothingToReverseNotifyLeaveOrFill) {
  for (const Idle& idle : idle_operations()) {
    a.make(idle.create);
    v1::Command watch;
    watch.mutable_watch_create()->set_name("wo");
    watch.mutable_watch_create()->set_watched_name("o");
    a.make(watch);
    for (const v1::Command& command : idle.commands) {
      const v1::Outcome outcome = a.ask(command);
      EXPECT_FALSE(outcome.has_error()) << idle.title << ": " << outcome.error().message();
      EXPECT_EQ(outcome.version(), 0U) << idle.title;
    }
    expect_events("wo", 0);
    a.ask(drop("o"));
    a.ask(drop("wo"));
  }
}

TEST_F(VersionTest, IsRaisedByTheFirstShutdownOnly) {
  a.make(create_queue("q"));
  const v1::Command shutdown =
      of("q", [](v1::Command& command) { return command.mutable_queue_shutdown(); });
  EXPECT_EQ(a.ask(shutdown).version(), 1U);
  EXPECT_EQ(a.ask(shutdown).version(), 1U);
}

}  // namespace
}  // namespace mp::server::engine_test
