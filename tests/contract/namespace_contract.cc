#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/contract/child.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class NamespaceContract : public Managers {};
MP_CONTRACT(NamespaceContract);

TEST_P(NamespaceContract, BehavesAsCPythonsTestOfContainersSays) {
  auto n = manager().namespace_();
  n["name"] = "Bob";
  n["job"] = "Builder";
  n["_hidden"] = "hidden";
  EXPECT_EQ(n["name"].as<std::string>(), "Bob");
  EXPECT_EQ(n.get<std::string>("job"), "Builder");
  EXPECT_TRUE(n.erase("job"));
  EXPECT_EQ(str(n), "Namespace(name='Bob')");
  EXPECT_TRUE(n.contains("name"));
  EXPECT_FALSE(n.contains("job"));
}

TEST_P(NamespaceContract, ListsItsAttributesSortedByName) {
  auto n = manager().namespace_({{"y", 2}, {"x", "one"}});
  n["a"] = None;
  EXPECT_THAT(n.attributes(),
              ElementsAre(Pair("a", Any()), Pair("x", Any("one")), Pair("y", Any(2))));
  EXPECT_THAT(n.names(), ElementsAre("a", "x", "y"));
  EXPECT_EQ(str(n), "Namespace(a=None, x='one', y=2)");
}

TEST_P(NamespaceContract, MissesAnAbsentAttributeByNameAndWithoutThrowingWhereAsked) {
  auto n = manager().namespace_("settings");
  try {
    static_cast<void>(n.get("colour"));
    FAIL() << "no error";
  } catch (const AttributeError& error) {
    EXPECT_THAT(error.what(), HasSubstr("namespace 'settings'"));
    EXPECT_THAT(error.what(), HasSubstr("colour"));
  }
  EXPECT_EQ(n.try_get<int>("colour"), std::nullopt);
  EXPECT_EQ(n.get_or<int>("colour", 7), 7);
  EXPECT_FALSE(n.erase("colour"));
  EXPECT_THROW(static_cast<void>(n["colour"].value()), AttributeError);
}

TEST_P(NamespaceContract, AddsAtomicallyFromForkedChildren) {
  MP_NEEDS_FORK();
  auto n = manager().namespace_();
  std::vector<Process> children;
  for (int c = 0; c < 3; ++c) {
    children.emplace_back([&n] {
      for (int i = 0; i < 200; ++i) n["x"] += 1;
    });
  }
  for (auto& child : children) child.start();
  for (auto& child : children) child.join();
  EXPECT_EQ(n.get<int>("x"), 600);
}

TEST_P(NamespaceContract, SetsSeveralAttributesAtOnce) {
  auto n = manager().namespace_();
  n.update({{"x", 1}, {"y", "a"}});
  const std::map<std::string, int> more{{"x", 10}, {"z", 30}};
  n.update(more);
  EXPECT_EQ(str(n), "Namespace(x=10, y='a', z=30)");
}

TEST_P(NamespaceContract, IsFoundByItsNameFromAnotherSession) {
  auto n = manager().namespace_("shared");
  n["x"] = 1;
  Manager other = another();
  auto same = other.namespace_("shared");
  same["x"] += 1;
  EXPECT_EQ(n.get<int>("x"), 2);
}

TEST_P(NamespaceContract, RefusesBadInputAndStaysAsItWas) {
  auto n = manager().namespace_({{"x", 1}, {"s", "text"}, {"big", UINT64_MAX}});
  const auto before = n.attributes();
  EXPECT_THROW(n.set("", 1), ValueError);
  EXPECT_THROW(n.set("\xff", 1), ValueError);
  EXPECT_THROW(n.set("x", std::string("\xff")), ValueError);
  EXPECT_THROW(static_cast<void>(n.contains("")), ValueError);
  EXPECT_THROW(n.erase(""), ValueError);
  EXPECT_THROW(n.update({{"y", 1}, {"", 2}}), ValueError);
  EXPECT_THROW(n.add("x", "text"), TypeError);
  EXPECT_THROW(n.add("s", 1), TypeError);
  EXPECT_THROW(n.add("y", None), TypeError);
  EXPECT_THROW(n.add("big", 1), ValueError);
  EXPECT_THROW(static_cast<void>(n.get<int>("s")), TypeError);
  EXPECT_THROW(static_cast<void>(n.get<int>("big")), ValueError);
  EXPECT_EQ(n.attributes(), before);
}

TEST_P(NamespaceContract, IsReadByAChild) {
  MP_NEEDS_FORK();
  auto n = manager().namespace_();
  n["x"] = 0;
  n["y"] = 1;
  EXPECT_TRUE(in_a_child([&] { return n.get<int>("x") == 0 && n.get<int>("y") == 1; }));
}

}  // namespace
}  // namespace mp::contract
