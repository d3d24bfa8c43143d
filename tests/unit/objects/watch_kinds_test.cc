#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/objects/undo_examples.h"
#include "tests/unit/objects/watch_fixture.h"

// Every operation of every kind, from many states: if it changes its object there is one event of
// it, which a watch has; if it fails, or reads, or finds nothing to do, or is undone, there is
// none.

namespace mp::server::test {
namespace {

const KindTable& kind_of(const Examples& example) {
  return *std::ranges::find(kinds(), example.service, &KindTable::service);
}

const Operation* row_of(const KindTable& kind, const Step& step) {
  const auto at = std::ranges::find(kind.operations, std::string_view(step.rpc), &Operation::rpc);
  return at == kind.operations.end() ? nullptr : &*at;
}

// An object in one of its states, and a watch over it.
class Watched {
 public:
  Watched(const Examples& example, const Examples::State& state)
      : kind_(kind_of(example)), shell_(*parsed(kind_.create_request(), state.create)) {
    for (const Step& step : state.before) run(step);
    watch_ = shell_.add_over_first(all_changes());
    version_ = shell_.object().version();
  }

  // Nothing for an operation of another kind, on the lock that the object has.
  std::optional<Result> run(const Step& step) {
    const Operation* row = row_of(kind_, step);
    if (row == nullptr) {
      if (std::string_view(step.rpc) == kClockTurns) shell_.advance(Duration(1));
      return std::nullopt;
    }
    const Who who(++ticket_, static_cast<SessionId>(step.session));
    for (Result& result : shell_.run(who, *parsed(row->request(), step.request))) {
      if (result.ticket == who.ticket) return std::move(result);
    }
    return std::nullopt;
  }
  bool try_in_batch(const Step& step, UndoLog& log) {
    const Operation* row = row_of(kind_, step);
    if (row == nullptr) return false;
    const Who who(++ticket_, static_cast<SessionId>(step.session));
    shell_.run_in_batch(who, *parsed(row->request(), step.request), log);
    return true;
  }
  v1::WatchNextReply events() {
    return shell_.run(Who(++ticket_, 90), next_of(watch_, 0)).back().outcome.watch_next();
  }
  // All that operations tell of it that only read.
  std::string told() {
    std::string text;
    for (const Operation& row : kind_.operations) {
      if (row.effect == Effect::kReads && row.rpc != "Scan")
        absl::StrAppend(&text, shell_.ask(*new_message(row.request())), "; ");
    }
    return text;
  }
  Object& object() { return shell_.object(); }
  std::uint64_t version() const { return version_; }

 private:
  const KindTable& kind_;
  Shell shell_;
  Ticket ticket_ = 0;
  std::uint64_t watch_ = 0;
  std::uint64_t version_ = 0;
};

template <class Visit>
void for_each_case(Visit visit) {
  for (const Examples& example : examples()) {
    for (const Examples::State& state : example.states) {
      for (const Step& step : example.operations) {
        SCOPED_TRACE(absl::StrCat(example.service, " {", state.create, "} ", step.rpc, " {",
                                  step.request, "}"));
        visit(example, state, step);
      }
    }
  }
}

TEST(WatchedKinds, EveryOperationThatChangesAnObjectIsOneEvent) {
  std::set<std::string> told;
  for_each_case([&](const Examples& example, const Examples::State& state, const Step& step) {
    Watched watched(example, state);
    const std::string before = watched.told();
    const std::optional<Result> result = watched.run(step);
    const Operation* row = row_of(kind_of(example), step);
    if (row == nullptr || !result) return;
    const bool may = row->effect != Effect::kReads && !result->outcome.has_error();
    const v1::WatchNextReply reply = watched.events();
    ASSERT_LE(reply.events_size(), may ? 1 : 0);
    const bool differs = watched.told() != before;
    ASSERT_TRUE(!differs || reply.events_size() == 1);
    if (reply.events_size() == 0) return;
    EXPECT_EQ(reply.events(0).operation(), absl::StrCat(example.service, "/", step.rpc));
    EXPECT_EQ(reply.events(0).version(), watched.version() + 1);
    told.insert(reply.events(0).operation());
  });
  EXPECT_GT(told.size(), 50U);
}

// Which find nothing to do: an object, and an operation on it.
struct Idle {
  const char* service;
  const char* create;
  Step step;
};

const std::vector<Idle>& idle() {
  static const char* const kDict = "entries { key { str: 'a' } value { int: 1 } }";
  static const char* const kItems = "items { int: 1 } items { int: 2 }";
  static const char* const kList = "values { int: 1 }";
  static const std::vector<Idle> kIdle = {
      {"Dict", kDict, {"SetDefault", "key { str: 'a' } value { int: 2 }"}},
      {"Dict", kDict, {"Pop", "key { str: 'b' } default { int: 2 }"}},
      {"Dict", kDict, {"Update", ""}},
      {"Dict", kDict, {"DeleteMany", "keys { str: 'b' }"}},
      {"Dict", kDict, {"CompareExchange", "key { str: 'a' } expected { int: 2 }"}},
      {"Dict", kDict, {"CompareExchange", "key { str: 'b' }"}},
      {"Dict",
       kDict,
       {"UpdateIf", "key { str: 'a' } condition { relation: ABSENT } value { int: 2 }"}},
      {"Dict", "", {"Clear", ""}},
      {"Namespace", "", {"Update", ""}},
      {"Set", kItems, {"Add", "item { int: 1 }"}},
      {"Set", kItems, {"Discard", "item { int: 3 }"}},
      {"Set", kItems, {"Update", "items { int: 1 }"}},
      {"Set", kItems, {"IntersectionUpdate", kItems}},
      {"Set", kItems, {"DifferenceUpdate", "items { int: 3 }"}},
      {"Set", kItems, {"SymmetricDifferenceUpdate", ""}},
      {"Set", "", {"Clear", ""}},
      {"List", kList, {"Extend", ""}},
      {"List", kList, {"SetSlice", "slice { start: 1 }"}},
      {"List", kList, {"DeleteSlice", "slice { start: 1 }"}},
      {"List", kList, {"CompareExchange", "expected { int: 2 } desired { int: 3 }"}},
      {"List", kList, {"UpdateIf", "condition { relation: ABSENT } value { int: 3 }"}},
      {"List", "", {"Clear", ""}},
      {"SharedValue",
       "typecode: 'i'",
       {"CompareExchange", "expected { int: 1 } desired { int: 2 }"}},
      {"SharedArray",
       "typecode: 'i' length: 1",
       {"CompareExchange", "expected { int: 1 } desired { int: 2 }"}},
      {"Event", "set: true", {"Set", ""}},
      {"Event", "set: true", {"Wait", ""}},
      {"Event", "", {"Clear", ""}},
      {"CountDownLatch", "", {"CountDown", ""}},
      {"CountDownLatch", "", {"Wait", ""}},
      {"CountDownLatch", "count: 1", {"TrySetCount", "count: 2"}},
      {"Queue", "", {"Join", ""}},
  };
  return kIdle;
}

TEST(WatchedKinds, AnOperationThatFindsNothingToDoIsNoEvent) {
  for (const Idle& each : idle()) {
    SCOPED_TRACE(absl::StrCat(each.service, " {", each.create, "} ", each.step.rpc, " {",
                              each.step.request, "}"));
    const std::string service = absl::StrCat("mp.v1.", each.service);
    Watched watched({.service = service.c_str(), .states = {}, .operations = {}},
                    {.create = each.create, .before = {}});
    const std::optional<Result> result = watched.run(each.step);
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->outcome.has_error()) << result->outcome.error().message();
    EXPECT_EQ(watched.events().events_size(), 0);
    EXPECT_EQ(watched.object().version(), watched.version());
  }
}

TEST(WatchedKinds, AnOperationThatIsUndoneLeavesNoEvent) {
  for_each_case([&](const Examples& example, const Examples::State& state, const Step& step) {
    Watched watched(example, state);
    UndoLog log;
    if (!watched.try_in_batch(step, log)) return;
    log.run();
    watched.object().restore_version(watched.version());
    watched.object().note_change();  // with nothing of what was undone
    const v1::WatchNextReply reply = watched.events();
    ASSERT_EQ(reply.events_size(), 1);
    EXPECT_EQ(reply.events(0).changes_size(), 0);
    EXPECT_FALSE(reply.events(0).everything());
  });
}

// What a container's operations tell of its contents.
struct Told {
  const char* service;
  const char* create;
  Step step;
  const char* event;
};

TEST(WatchedKinds, TellWhatHasChanged) {
  const char* const dict = "entries { key { str: 'a' } value { int: 1 } }";
  const char* const list = "values { int: 1 } values { int: 2 }";
  const char* const set = "items { int: 1 }";
  const char* const space = "attributes { attribute: 'x' value { int: 1 } }";
  const Told table[] = {
      {"mp.v1.Dict", dict, {"Set", "key { str: 'b' } value { int: 2 }"}, "Dict/Set 'b': - -> 2"},
      {"mp.v1.Dict", dict, {"Add", "key { str: 'a' } operand { int: 2 }"}, "Dict/Add 'a': 1 -> 3"},
      {"mp.v1.Dict", dict, {"Pop", "key { str: 'a' }"}, "Dict/Pop 'a': 1 -> -"},
      {"mp.v1.Dict", dict, {"PopItem", ""}, "Dict/PopItem 'a': 1 -> -"},
      {"mp.v1.Dict",
       dict,
       {"SetDefault", "key { str: 'b' } value { int: 9 }"},
       "Dict/SetDefault 'b': - -> 9"},
      {"mp.v1.Dict", dict, {"Clear", ""}, "Dict/Clear 'a': 1 -> -"},
      {"mp.v1.Dict",
       dict,
       {"Update",
        "entries { key { str: 'a' } value { int: 5 } } entries { key { str: 'b' } value { "
        "int: 6 } }"},
       "Dict/Update 'a': 1 -> 5 'b': - -> 6"},
      {"mp.v1.Dict",
       dict,
       {"DeleteMany", "keys { str: 'a' } keys { str: 'z' }"},
       "Dict/DeleteMany 'a': 1 -> -"},
      {"mp.v1.Dict",
       dict,
       {"CompareExchange", "key { str: 'a' } expected { int: 1 } desired { int: 2 }"},
       "Dict/CompareExchange 'a': 1 -> 2"},
      {"mp.v1.Namespace",
       space,
       {"Set", "attribute: 'x' value { int: 2 }"},
       "Namespace/Set 'x': 1 -> 2"},
      {"mp.v1.Namespace", space, {"Delete", "attribute: 'x'"}, "Namespace/Delete 'x': 1 -> -"},
      {"mp.v1.Set", set, {"Add", "item { int: 2 }"}, "Set/Add 2: - -> 2"},
      {"mp.v1.Set", set, {"Remove", "item { int: 1 }"}, "Set/Remove 1: 1 -> -"},
      {"mp.v1.Set",
       set,
       {"SymmetricDifferenceUpdate", "items { int: 1 } items { int: 2 }"},
       "Set/SymmetricDifferenceUpdate 1: 1 -> - 2: - -> 2"},
      {"mp.v1.List", list, {"Set", "index: -1 value { int: 5 }"}, "List/Set 1: 2 -> 5"},
      {"mp.v1.List", list, {"Append", "value { int: 3 }"}, "List/Append 2: - -> 3"},
      {"mp.v1.List", list, {"Pop", ""}, "List/Pop 1: 2 -> -"},
      {"mp.v1.List", list, {"Pop", "index: 0"}, "List/Pop everything"},
      {"mp.v1.List", list, {"Insert", "index: 0 value { int: 3 }"}, "List/Insert everything"},
      {"mp.v1.List", list, {"Sort", ""}, "List/Sort everything"},
      {"mp.v1.List", list, {"Reverse", ""}, "List/Reverse everything"},
      {"mp.v1.SharedValue",
       "typecode: 'i' value { int: 4 }",
       {"Set", "value { int: 5 }"},
       "SharedValue/Set it: 4 -> 5"},
      {"mp.v1.SharedArray",
       "typecode: 'i' length: 3",
       {"Set", "index: 1 value { int: 5 }"},
       "SharedArray/Set 1: 0 -> 5"},
      {"mp.v1.SharedArray",
       "typecode: 'i' length: 3",
       {"SetSlice", "fill { int: 5 }"},
       "SharedArray/SetSlice everything"},
      {"mp.v1.Event", "", {"Set", ""}, "Event/Set"},
      {"mp.v1.Queue", "", {"Put", "value { int: 1 }"}, "Queue/Put"},
  };
  for (const Told& row : table) {
    SCOPED_TRACE(absl::StrCat(row.service, "/", row.step.rpc));
    const Examples example{.service = row.service, .states = {}, .operations = {}};
    Watched watched(example, {.create = row.create, .before = {}});
    watched.run(row.step);
    const v1::WatchNextReply reply = watched.events();
    ASSERT_EQ(reply.events_size(), 1);
    EXPECT_EQ(event_text(reply.events(0)), absl::StrCat("1 ", row.event));
  }
}

// A lock that is freed by a death.
TEST(WatchedKinds, TellOfChangesThatNoOperationMade) {
  Shell lock{v1::LockCreateRequest()};
  const auto watch = lock.add_over_first(all_changes());
  lock.run(Who(1, 1), v1::LockAcquireRequest());
  lock.owner_gone(1);
  EXPECT_EQ(events_text(lock.run(Who(2, 2), next_of(watch, 0)).back().outcome),
            "1 Lock/Acquire; 2");
}

}  // namespace
}  // namespace mp::server::test
