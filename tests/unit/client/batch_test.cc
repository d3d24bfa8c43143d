#include "mp/batch.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mp/v1/command.pb.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using testing::ElementsAre;

// Writes conditions down, as `read => expected reply`; what is started in the batch goes to `fake`.
class FakeRecord final : public internal::BatchRecord {
 public:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("any");
  std::vector<std::string> conditions;

  std::shared_ptr<const internal::RemoteObject> recorder(const Proxy&) override { return fake; }
  void require(const Proxy&, wire::Operation operation, const wire::Message& request,
               const wire::Message& reply) override {
    conditions.push_back(text<v1::Command>(operation, request) + "=> " +
                         text<v1::Outcome>(operation, reply));
  }
  bool commit() override { return true; }

 private:
  template <class Union>
  static std::string text(wire::Operation operation, const wire::Message& contents) {
    Union message;
    const auto* field = Union::descriptor()->FindFieldByNumber(static_cast<int>(operation));
    auto* nested = message.GetReflection()->MutableMessage(&message, field);
    EXPECT_TRUE(nested->ParseFromString(std::string(contents.bytes())));
    EXPECT_TRUE(nested->GetReflection()->GetUnknownFields(*nested).empty());
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    std::string text;
    EXPECT_TRUE(printer.PrintToString(message, &text));
    return text;
  }
};

class BatchTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRecord> record = std::make_shared<FakeRecord>();
  Batch batch{record};

  template <class P>
  P proxy() {
    return P(std::make_shared<FakeRemoteObject>(std::string(P::kKind)));
  }
  std::string condition() {
    EXPECT_EQ(record->conditions.size(), 1U);
    return std::exchange(record->conditions, {}).front();
  }
};

TEST_F(BatchTest, HasTheMethodsOfEveryKind) {
  batch.on(proxy<DictProxy<int, int>>()).clear();
  batch.on(proxy<ListProxy<int>>()).append(1);
  batch.on(proxy<QueueProxy<int>>()).put(1);
  batch.on(proxy<SetProxy<int>>()).add(1);
  batch.on(proxy<NamespaceProxy>()).set("x", 1);
  batch.on(proxy<ValueProxy<int>>()).set(1);
  batch.on(proxy<ArrayProxy<int>>()).set(1, 1);
  static_cast<void>(batch.on(proxy<LockProxy>()).acquire());
  static_cast<void>(batch.on(proxy<RLockProxy>()).acquire());
  batch.on(proxy<SemaphoreProxy>()).release();
  batch.on(proxy<ConditionProxy>()).notify();
  batch.on(proxy<EventProxy>()).set();
  batch.on(proxy<BarrierProxy>()).abort();
  EXPECT_THAT(record->fake->all_sent(),
              ElementsAre("dict_clear { }", "list_append { value { int: 1 } }",
                          "queue_put { value { int: 1 } }", "set_add { item { int: 1 } }",
                          R"(namespace_set { attribute: "x" value { int: 1 } })",
                          "shared_value_set { value { int: 1 } }",
                          "shared_array_set { index: 1 value { int: 1 } }", "lock_acquire { }",
                          "rlock_acquire { }", "semaphore_release { }", "condition_notify { }",
                          "event_set { }", "barrier_abort { }"));
}

TEST_F(BatchTest, TheProxyOfALockKnowsOfItsGrantInABatch) {
  const auto lock = proxy<RLockProxy>();
  Future<bool> acquired = batch.on(lock).acquire();
  record->fake->answer("rlock_acquire { acquired: true token: 5 count: 1 }");
  EXPECT_TRUE(acquired.get());
  EXPECT_EQ(lock.token(), 5U);
}

TEST_F(BatchTest, KnowsConditionsOnSets) {
  const auto set = proxy<SetProxy<int>>();
  batch.if_contains(set, 1);
  EXPECT_EQ(condition(), "set_contains { item { int: 1 } } => set_contains { contains: true } ");
  batch.if_absent(set, 1);
  EXPECT_EQ(condition(), "set_contains { item { int: 1 } } => set_contains { } ");
  batch.if_size(set, 3);
  EXPECT_EQ(condition(), "set_length { } => set_length { length: 3 } ");
}

TEST_F(BatchTest, KnowsConditionsOnAttributes) {
  const auto space = proxy<NamespaceProxy>();
  batch.if_contains(space, "x");
  EXPECT_EQ(condition(),
            R"(namespace_contains { attribute: "x" } => namespace_contains { contains: true } )");
  batch.if_absent(space, "x");
  EXPECT_EQ(condition(), R"(namespace_contains { attribute: "x" } => namespace_contains { } )");
  batch.if_equal(space, "x", 3);
  EXPECT_EQ(condition(),
            R"(namespace_get { attribute: "x" } => namespace_get { value { int: 3 } } )");
  batch.if_equal(space, "x", {1, "a"});
  EXPECT_EQ(condition(), R"(namespace_get { attribute: "x" } => namespace_get { value { list { )"
                         R"(items { int: 1 } items { str: "a" } } } } )");
}

TEST_F(BatchTest, KnowsConditionsOnNumbers) {
  batch.if_equal(proxy<ValueProxy<double>>(), 3);
  EXPECT_EQ(condition(),
            R"(shared_value_get { } => shared_value_get { value { float: 3 } typecode: "d" } )");
  batch.if_equal(proxy<ValueProxy<bool>>(), false);
  EXPECT_EQ(condition(),
            R"(shared_value_get { } => shared_value_get { value { bool: false } typecode: "?" } )");
  batch.if_equal(proxy<ArrayProxy<int>>(), -1, 3);
  EXPECT_EQ(condition(),
            "shared_array_get { index: -1 } => shared_array_get { value { int: 3 } } ");
}

}  // namespace
}  // namespace mp
