#include "server/objects/namespace.h"

#include <string>

#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using test::literal;

class NamespaceTest : public ::testing::Test {
 protected:
  using Text = const char*;

  template <class Request>
  static Request with(const std::string& attribute) {
    Request request;
    request.set_attribute(attribute);
    return request;
  }
  // Attributes are written as a dict, whose keys are their names.
  template <class Request>
  static Request with_attributes(Text dict) {
    Request request;
    const v1::Value attributes = literal(dict);
    for (const v1::Entry& entry : attributes.dict().entries()) {
      v1::Attribute* attribute = request.add_attributes();
      attribute->set_attribute(entry.key().str());
      *attribute->mutable_value() = entry.value();
    }
    return request;
  }
  template <class Request>
  std::string ask(const Request& request) {
    return shell.ask(request);
  }

  std::string get(Text attribute) { return ask(with<v1::NamespaceGetRequest>(attribute)); }
  std::string set(const std::string& attribute, Text value) {
    auto request = with<v1::NamespaceSetRequest>(attribute);
    *request.mutable_value() = literal(value);
    return ask(request);
  }
  std::string erase(Text attribute) { return ask(with<v1::NamespaceDeleteRequest>(attribute)); }
  std::string contains(Text attribute) {
    return ask(with<v1::NamespaceContainsRequest>(attribute));
  }
  std::string add(Text attribute, Text operand) {
    auto request = with<v1::NamespaceAddRequest>(attribute);
    *request.mutable_operand() = literal(operand);
    return ask(request);
  }
  std::string update(Text dict) { return ask(with_attributes<v1::NamespaceUpdateRequest>(dict)); }

  // "x=1 y=2".
  static std::string attributes_of(test::Shell& shell) {
    const test::Results results = shell.run(1, v1::NamespaceAttributesRequest());
    std::string text;
    for (const v1::Attribute& one : results.at(0).outcome.namespace_attributes().attributes())
      text += (text.empty() ? "" : " ") + one.attribute() + "=" + test::repr(one.value());
    return text;
  }
  std::string attributes() { return attributes_of(shell); }

  test::Shell shell{v1::NamespaceCreateRequest()};
};

TEST_F(NamespaceTest, GivesWhatWasSet) {
  EXPECT_EQ(set("x", "3"), "done");
  EXPECT_EQ(get("x"), "3");
  EXPECT_EQ(set("x", "[4, None]"), "done");
  EXPECT_EQ(get("x"), "[4, None]");
  EXPECT_EQ(contains("x"), "True");
}

TEST_F(NamespaceTest, AnAbsentAttributeIsAnAttributeError) {
  EXPECT_EQ(get("x"), "ATTRIBUTE_ERROR");
  EXPECT_EQ(erase("x"), "ATTRIBUTE_ERROR");
  EXPECT_EQ(contains("x"), "False");
}

TEST_F(NamespaceTest, AnAttributeThatIsDeletedIsGone) {
  EXPECT_EQ(set("x", "3"), "done");
  EXPECT_EQ(erase("x"), "done");
  EXPECT_EQ(get("x"), "ATTRIBUTE_ERROR");
}

TEST_F(NamespaceTest, AnAttributeWithoutANameIsAValueError) {
  EXPECT_EQ(get(""), "VALUE_ERROR");
  EXPECT_EQ(set("", "1"), "VALUE_ERROR");
  EXPECT_EQ(erase(""), "VALUE_ERROR");
  EXPECT_EQ(contains(""), "VALUE_ERROR");
  EXPECT_EQ(add("", "1"), "VALUE_ERROR");
  EXPECT_EQ(update("{'a': 1, '': 2}"), "VALUE_ERROR");
  const auto request = with_attributes<v1::NamespaceCreateRequest>("{'': 2}");
  EXPECT_FALSE(Namespace::create(request, {}).ok());
  EXPECT_EQ(attributes(), "");
}

TEST_F(NamespaceTest, AttributesAreSortedByName) {
  EXPECT_EQ(update("{'b': 2, 'é': 5, 'a': 1, 'B': 0, 'ab': 4}"), "done");
  EXPECT_EQ(set("aa", "3"), "done");
  EXPECT_EQ(attributes(), "B=0 a=1 aa=3 ab=4 b=2 é=5");
}

TEST_F(NamespaceTest, BeginsWithTheAttributesOfItsCreation) {
  v1::NamespaceCreateRequest request = with_attributes<v1::NamespaceCreateRequest>("{'b': 2}");
  request.MergeFrom(with_attributes<v1::NamespaceCreateRequest>("{'a': 1}"));
  request.MergeFrom(with_attributes<v1::NamespaceCreateRequest>("{'b': 3}"));
  test::Shell created(request);
  EXPECT_EQ(attributes_of(created), "a=1 b=3");
}

TEST_F(NamespaceTest, AddBeginsAtTheZeroOfTheOperandsType) {
  EXPECT_EQ(add("n", "2"), "2");
  EXPECT_EQ(add("n", "0.5"), "2.5");
  EXPECT_EQ(add("s", "'ab'"), "'ab'");
  EXPECT_EQ(add("s", "'c'"), "'abc'");
  EXPECT_EQ(add("n", "'c'"), "TYPE_ERROR");
  EXPECT_EQ(attributes(), "n=2.5 s='abc'");
}

TEST_F(NamespaceTest, ASumThatLeaves64BitsChangesNothing) {
  EXPECT_EQ(set("n", "18446744073709551615"), "done");
  EXPECT_EQ(add("n", "1"), "VALUE_ERROR");
  EXPECT_EQ(get("n"), "18446744073709551615");
}

TEST_F(NamespaceTest, ABadAttributeLeavesAnUpdateUndone) {
  EXPECT_EQ(set("a", "1"), "done");
  auto request = with_attributes<v1::NamespaceUpdateRequest>("{'a': 2, 'b': 3}");
  request.mutable_attributes(1)->clear_value();
  EXPECT_EQ(ask(request), "BAD_COMMAND");
  EXPECT_EQ(attributes(), "a=1");
}

TEST_F(NamespaceTest, AValueThatIsNotGivenIsABadCommand) {
  EXPECT_EQ(ask(with<v1::NamespaceSetRequest>("a")), "BAD_COMMAND");
  EXPECT_EQ(ask(with<v1::NamespaceAddRequest>("a")), "BAD_COMMAND");
  EXPECT_EQ(contains("a"), "False");
}

TEST_F(NamespaceTest, AFullNamespaceTakesNoNewAttributesButChangesOldOnes) {
  shell.limits.max_items = 2;
  EXPECT_EQ(update("{'a': 1, 'b': 2}"), "done");
  EXPECT_EQ(set("c", "3"), "LIMIT_EXCEEDED");
  EXPECT_EQ(add("c", "3"), "LIMIT_EXCEEDED");
  EXPECT_EQ(update("{'a': 5, 'c': 6}"), "LIMIT_EXCEEDED");
  EXPECT_EQ(attributes(), "a=1 b=2");
  EXPECT_EQ(update("{'a': 5, 'b': 6}"), "done");
  EXPECT_EQ(add("a", "1"), "6");
}

TEST_F(NamespaceTest, ANameCountsAgainstTheSizeOfAValue) {
  shell.limits.max_bytes = 100;
  EXPECT_EQ(set(std::string(100, 'x'), "1"), "done");
  EXPECT_EQ(set(std::string(101, 'x'), "1"), "LIMIT_EXCEEDED");
}

TEST_F(NamespaceTest, AReadReferenceIsRetainedForItsReader) {
  EXPECT_EQ(update("{'a': [ref(list, 7)], 'b': ref(lock, 8)}"), "done");
  const test::Results results = shell.run(1, v1::NamespaceAttributesRequest());
  ASSERT_EQ(results.size(), 1U);
  EXPECT_THAT(results[0].outcome.retained(), ::testing::ElementsAre(7, 8));
  EXPECT_EQ(shell.refs(), (std::set<std::uint64_t>{7, 8}));
}

}  // namespace
}  // namespace mp::server
