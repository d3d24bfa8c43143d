#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "mp/none.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/namespace.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using testing::ElementsAre;
using testing::Pair;

class NamespaceProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("namespace");
  NamespaceProxy ns{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
};

TEST_F(NamespaceProxyTest, GetGivesTheAttributeOrThrows) {
  answer("namespace_get { value { int: 3 } }");
  EXPECT_EQ(ns.get("x"), 3);
  EXPECT_EQ(sent(), R"(namespace_get { attribute: "x" })");
  answer("namespace_get { value { int: 3 } }");
  const int x = ns.get<int>("x");
  EXPECT_EQ(x, 3);
  fake->fail(ErrorCode::kAttributeError);
  EXPECT_THROW(ns.get("y"), AttributeError);
  answer("namespace_get { value { str: 'three' } }");
  EXPECT_THROW(ns.get<int>("x"), TypeError);
}

TEST_F(NamespaceProxyTest, AnAbsentAttributeCanBeExpected) {
  fake->fail(ErrorCode::kAttributeError);
  EXPECT_EQ(ns.try_get<int>("y"), std::nullopt);
  answer("namespace_get { value { int: 3 } }");
  EXPECT_EQ(ns.try_get<int>("x"), 3);
  fake->fail(ErrorCode::kAttributeError);
  EXPECT_EQ(ns.get_or<std::string>("y", "none"), "none");
  answer("namespace_get { value { int: 3 } }");
  EXPECT_EQ(ns.get_or("x", None), 3);
  fake->fail(ErrorCode::kNoSuchObject);
  EXPECT_THROW(ns.try_get("y"), NoSuchObject);
}

TEST_F(NamespaceProxyTest, SetsWhateverConverts) {
  ns.set("x", 1);
  EXPECT_EQ(sent(), R"(namespace_set { attribute: "x" value { int: 1 } })");
  ns.set("y", "a");
  EXPECT_EQ(sent(), R"(namespace_set { attribute: "y" value { str: "a" } })");
  ns.set("z", {1, None});
  EXPECT_EQ(sent(), R"(namespace_set { attribute: "z" )"
                    R"(value { list { items { int: 1 } items { none: NONE } } } })");
}

TEST_F(NamespaceProxyTest, ErasesAndFindsAttributes) {
  EXPECT_TRUE(ns.erase("x"));
  EXPECT_EQ(sent(), R"(namespace_delete { attribute: "x" })");
  fake->fail(ErrorCode::kAttributeError);
  EXPECT_FALSE(ns.erase("x"));
  fake->all_sent();
  answer("namespace_contains { contains: true }");
  EXPECT_TRUE(ns.contains("x"));
  EXPECT_EQ(sent(), R"(namespace_contains { attribute: "x" })");
}

TEST_F(NamespaceProxyTest, SubscriptsReadWriteAndAdd) {
  ns["x"] = 1;
  EXPECT_EQ(sent(), R"(namespace_set { attribute: "x" value { int: 1 } })");
  answer("namespace_add { value { int: 2 } }");
  EXPECT_EQ(ns["x"] += 1, 2);
  EXPECT_EQ(sent(), R"(namespace_add { attribute: "x" operand { int: 1 } })");
  answer("namespace_add { value { float: 0.5 } }");
  ns["x"] -= 1.5;
  EXPECT_EQ(sent(), R"(namespace_add { attribute: "x" operand { float: -1.5 } })");
  answer("namespace_get { value { int: 2 } }");
  const int x = ns["x"].as<int>();
  EXPECT_EQ(x, 2);
  answer("namespace_get { value { int: 2 } }");
  EXPECT_EQ(ns["x"].value(), 2);
}

TEST_F(NamespaceProxyTest, AddGivesTheSumInTheTypeAskedFor) {
  answer("namespace_add { value { int: 2 } }");
  const int sum = ns.add<int>("x", 1);
  EXPECT_EQ(sum, 2);
  EXPECT_EQ(sent(), R"(namespace_add { attribute: "x" operand { int: 1 } })");
}

TEST_F(NamespaceProxyTest, ListsItsAttributesInOneRoundTrip) {
  const std::string attributes =
      "namespace_attributes { attributes { attribute: 'x' value { int: 1 } } "
      "attributes { attribute: 'y' value { str: 'a' } } }";
  answer(attributes);
  EXPECT_THAT(ns.attributes(), ElementsAre(Pair("x", Any(1)), Pair("y", Any("a"))));
  EXPECT_EQ(sent(), "namespace_attributes { }");
  answer(attributes);
  EXPECT_THAT(ns.names(), ElementsAre("x", "y"));
  EXPECT_EQ(sent(), "namespace_attributes { }");
}

TEST_F(NamespaceProxyTest, UpdatesFromRangesOfPairs) {
  ns.update({{"x", 1}, {"y", "a"}});
  EXPECT_EQ(sent(), R"(namespace_update { attributes { attribute: "x" value { int: 1 } } )"
                    R"(attributes { attribute: "y" value { str: "a" } } })");
  ns.update(std::map<std::string, int>{{"x", 1}});
  EXPECT_EQ(sent(), R"(namespace_update { attributes { attribute: "x" value { int: 1 } } })");
}

TEST_F(NamespaceProxyTest, PrintsItsPublicAttributesAsPythonDoes) {
  answer(
      "namespace_attributes { attributes { attribute: '_hidden' value { int: 0 } } "
      "attributes { attribute: 'x' value { int: 1 } } "
      "attributes { attribute: 'y' value { str: 'a' } } }");
  std::ostringstream out;
  out << ns;
  EXPECT_EQ(out.str(), "Namespace(x=1, y='a')");
  answer("namespace_attributes { }");
  EXPECT_EQ(str(ns), "Namespace()");
  EXPECT_EQ(repr(ns), "<NamespaceProxy object, typeid 'namespace' at 0x7>");
}

TEST_F(NamespaceProxyTest, FencedOperationsDemandTheToken) {
  const LockProxy lock(std::make_shared<FakeRemoteObject>("lock", 99));
  ns.fenced_by(lock, 5)["x"] = 1;
  ASSERT_TRUE(fake->options().fence.has_value());
  EXPECT_EQ(fake->options().fence->token, 5U);
}

TEST_F(NamespaceProxyTest, TheAsynchronousFormGivesFutures) {
  const auto async = ns.async();
  Future<int> x = async.get<int>("x");
  Future<std::optional<Any>> y = async.try_get("y");
  Future<void> done = async.set("z", 1);
  answer("namespace_get { value { int: 3 } }");
  fake->fail(ErrorCode::kAttributeError);
  EXPECT_EQ(x.get(), 3);
  EXPECT_EQ(y.get(), std::nullopt);
  done.get();
}

TEST_F(NamespaceProxyTest, CanBeStoredInAContainer) {
  const Any held = ns;
  EXPECT_EQ(held.as<NamespaceProxy>(), ns);
}

TEST_F(NamespaceProxyTest, ANameThatIsNotUtf8IsRefusedBeforeItIsSent) {
  EXPECT_THROW(ns.set("\xff", 1), ValueError);
  EXPECT_TRUE(fake->all_sent().empty());
}

}  // namespace
}  // namespace mp
