#include <malloc.h>

#include <functional>

#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

Limits limits_with(const std::function<void(Limits&)>& change) {
  Limits limits;
  change(limits);
  return limits;
}

// Past a limit: LIMIT_EXCEEDED with the limit's flag in the message, and nothing has changed.
#define EXPECT_LIMIT(outcome, flag)                                                 \
  do {                                                                              \
    const v1::Outcome refused = (outcome);                                          \
    EXPECT_EQ(text(refused), "LIMIT_EXCEEDED");                                     \
    EXPECT_THAT(refused.error().message(), testing::HasSubstr("(limit " flag ")")); \
  } while (false)

TEST(LimitsTest, Objects) {
  Manager manager(limits_with([](Limits& limits) { limits.max_objects = 2; }));
  Client a(manager);
  a.call(create_dict("a"));
  const std::uint64_t id = a.make(create_dict());
  EXPECT_LIMIT(a.ask(create_dict("c")), "--max-objects");
  EXPECT_EQ(a.call(find("c")), "NO_SUCH_OBJECT");
  EXPECT_FALSE(a.ask(create_dict("a")).has_error()) << "it is there already";
  a.call(unref(id));
  manager.engine.collect();
  EXPECT_FALSE(a.ask(create_dict("c")).has_error());
}

TEST(LimitsTest, Sessions) {
  Manager manager(limits_with([](Limits& limits) { limits.max_sessions = 2; }));
  Client a(manager);
  Client b(manager);
  EXPECT_EQ(manager.engine.open_session({}, "local", {}).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_LIMIT(a.ask(open_child()), "--max-sessions");
  b.end();
  EXPECT_FALSE(a.ask(open_child()).has_error());
}

TEST(LimitsTest, WaitersPerObject) {
  Manager manager(limits_with([](Limits& limits) { limits.max_waiters_per_object = 2; }));
  Client a(manager);
  Client b(manager);
  b.call(create_queue("q"));
  b.call(create_queue("r"));
  const auto first = a.send(take("q"));
  a.send(take("q"));
  EXPECT_LIMIT(a.ask(take("q")), "--max-waiters-per-object");
  a.send(take("r"));
  EXPECT_THAT(a.outcomes(), testing::IsEmpty()) << "of another object";
  b.call(put("q", "1"));
  a.send(take("q"));
  EXPECT_THAT(a.outcomes(), testing::ElementsAre(Returns(first, 1))) << "there is room again";
}

TEST(LimitsTest, Names) {
  Manager manager(limits_with([](Limits& limits) { limits.max_name_bytes = 5; }));
  Client a(manager);
  EXPECT_FALSE(a.ask(create_dict("12345")).has_error());
  EXPECT_LIMIT(a.ask(create_dict("123456")), "--max-name-bytes");
  EXPECT_EQ(manager.engine.objects(), 1U);
}

TEST(LimitsTest, References) {
  Manager manager(limits_with([](Limits& limits) { limits.max_references = 3; }));
  Client a(manager);
  Client b(manager);
  a.call(create_dict("d"));
  const std::uint64_t first = a.make(create_dict());
  const std::uint64_t second = a.make(create_dict());
  EXPECT_LIMIT(a.ask(create_dict()), "--max-references");
  EXPECT_LIMIT(a.ask(create_dict("e")), "--max-references");
  EXPECT_LIMIT(a.ask(find("d")), "--max-references");
  EXPECT_LIMIT(a.ask(retain(first)), "--max-references");
  EXPECT_EQ(manager.engine.objects(), 3U);

  a.call(set("d", "'k'", "ref(dict, " + std::to_string(second) + ")"));
  for (const char* name : {"x", "y", "z"}) b.call(create_dict(name));
  EXPECT_LIMIT(b.ask(get("d", "'k'")), "--max-references");
  EXPECT_EQ(b.session->references_to(second), 0U);
}

class MemoryLimitTest : public testing::Test {
 protected:
  static std::size_t in_use() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
  }
  void SetUp() override {
    if (in_use() == 0)
      GTEST_SKIP() << "the allocator of this build does not say what it has handed out";
    a.call(create_dict("d"));
    a.call(create_queue("q"));
    a.call(create_lock("L"));
  }
  Manager manager{
      limits_with([](Limits& limits) { limits.max_memory_bytes = in_use() + (16U << 20U); })};
  Client a{manager};
};

TEST_F(MemoryLimitTest, WhileMemoryIsShortOnlyWhatFreesItRuns) {
  const std::vector<char> ballast(32U << 20U);
  // The manager looks every so many commands only.
  v1::Outcome outcome;
  for (int i = 0; i < 1000 && !outcome.has_error(); ++i)
    outcome = a.ask(set("d", std::to_string(i), "1"));
  EXPECT_LIMIT(outcome, "--max-memory-bytes");
  EXPECT_LIMIT(a.ask(put("q", "1")), "--max-memory-bytes");
  EXPECT_LIMIT(a.ask(create_dict("e")), "--max-memory-bytes");
  EXPECT_EQ(a.call(batch({pop("d", "0"), set("d", "'k'", "1")})), "LIMIT_EXCEEDED");
  const std::uint64_t token = a.lock("L");
  EXPECT_LIMIT(a.ask(fenced(set("d", "'k'", "1"), "L", token)), "--max-memory-bytes");
  EXPECT_EQ(a.call(get("d", "0")), "1");
  EXPECT_EQ(a.call(pop("d", "0")), "1");
  EXPECT_EQ(a.call(release("L")), "done");
}

TEST_F(MemoryLimitTest, AHugeCommandIsRefusedBeforeItIsDone) {
  v1::Command create;
  create.mutable_shared_array_create()->set_name("a");
  create.mutable_shared_array_create()->set_typecode("d");
  create.mutable_shared_array_create()->set_length(3U << 20U);
  EXPECT_LIMIT(a.ask(create), "--max-memory-bytes");
  EXPECT_EQ(a.call(find("a")), "NO_SUCH_OBJECT");
  create.mutable_shared_array_create()->set_length(1U << 18U);
  EXPECT_EQ(a.ask(create).error().message(), "") << "there is room for this one";
}

TEST_F(MemoryLimitTest, AHugeValueIsRefusedBeforeItIsStored) {
  v1::Outcome outcome = a.ask(set("d", "'k'", "'" + std::string(15U << 20U, 'x') + "'"));
  EXPECT_LIMIT(outcome, "--max-memory-bytes");
  EXPECT_EQ(a.call(length("d")), "0");
}

class MessageLimitTest : public testing::Test {
 protected:
  MessageLimitTest() {
    a.call(create_dict("d"));
    a.call(create_queue("q"));
  }
  const std::string most = "'" + std::string(900, 'x') + "'";
  Manager manager{limits_with([](Limits& limits) { limits.max_message_bytes = 1000; })};
  Client a{manager};
};

TEST_F(MessageLimitTest, AReadThatIsTooLargeFails) {
  a.call(set("d", "1", most));
  a.call(set("d", "2", most));
  EXPECT_EQ(a.call(get("d", "1")), most);
  EXPECT_LIMIT(a.ask(items("d")), "--max-message-bytes");
}

TEST_F(MessageLimitTest, AnObjectIsDescribedAsFarAsAMessageGoes) {
  v1::Command describe;
  describe.mutable_object_describe()->set_name("q");
  for (int i = 0; i < 100; ++i) a.send(take("q"));
  const v1::Outcome outcome = a.ask(describe);
  EXPECT_LE(outcome.ByteSizeLong(), 1000U);
  EXPECT_THAT(text(outcome), testing::AllOf(testing::StartsWith("queue 'q'"),
                                            testing::HasSubstr("waits in mp.v1.Queue/Get"),
                                            testing::EndsWith(" more lines\n")));
  describe.mutable_object_describe()->clear_name();
  for (int i = 0; i < 100; ++i) a.call(create_dict("dict " + std::to_string(i)));
  EXPECT_LE(a.ask(describe).ByteSizeLong(), 1000U);
}

TEST_F(MessageLimitTest, AnItemThatIsTooLargeStaysWhereItIs) {
  a.call(put("q", "['" + std::string(500, 'x') + "', '" + std::string(500, 'x') + "']"));
  EXPECT_LIMIT(a.ask(take("q")), "--max-message-bytes");
  EXPECT_THAT(a.call(size("q")), testing::StartsWith("size=1 maxsize=0 shut_down=False"));
}

TEST_F(MessageLimitTest, AnItemThatComesBackFromAWaiterGoesToTheNextOne) {
  Client b(manager);
  Client c(manager);
  v1::Command many;
  many.mutable_queue_get_many()->set_name("q");
  many.mutable_queue_get_many()->set_max(100);
  const auto too_much = a.send(many);
  const auto waits = b.send(take("q"));
  v1::Command put_all;
  put_all.mutable_queue_put_many()->set_name("q");
  for (int i = 0; i < 60; ++i)
    put_all.mutable_queue_put_many()->add_values()->set_str(std::string(14, 'x'));
  EXPECT_EQ(c.call(put_all), "done");
  EXPECT_THAT(a.outcomes(), testing::ElementsAre(Fails(too_much, v1::LIMIT_EXCEEDED)));
  EXPECT_THAT(b.outcomes(), testing::ElementsAre(Done(waits)));
}

TEST(ObjectLimitsTest, OfValuesAndItemsHoldInTheEngine) {
  Manager manager(limits_with(
      [](Limits& limits) { limits.objects = {.max_depth = 3, .max_bytes = 100, .max_items = 2}; }));
  Client a(manager);
  a.call(create_dict("d"));
  EXPECT_LIMIT(a.ask(set("d", "1", "[[[[1]]]]")), "--max-value-depth");
  EXPECT_LIMIT(a.ask(set("d", "1", "'" + std::string(200, 'x') + "'")), "--max-value-bytes");
  a.call(set("d", "1", "1"));
  a.call(set("d", "2", "1"));
  EXPECT_LIMIT(a.ask(set("d", "3", "1")), "--max-object-items");
  EXPECT_EQ(a.call(length("d")), "2");
}

}  // namespace
}  // namespace mp::server::engine_test
