#include "server/objects/dict.h"

#include <string>

#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using test::literal;

class DictTest : public ::testing::Test {
 protected:
  using Text = const char*;

  template <class Request>
  static Request with_key(Text key) {
    Request request;
    *request.mutable_key() = literal(key);
    return request;
  }
  template <class Request>
  static Request with_entries(Text dict) {
    Request request;
    *request.mutable_entries() = literal(dict).dict().entries();
    return request;
  }
  template <class Request>
  std::string ask(const Request& request = {}) {
    return shell.ask(request);
  }

  std::string get(Text key) { return ask(with_key<v1::DictGetRequest>(key)); }
  std::string set(Text key, Text value) {
    auto request = with_key<v1::DictSetRequest>(key);
    *request.mutable_value() = literal(value);
    return ask(request);
  }
  std::string erase(Text key) { return ask(with_key<v1::DictDeleteRequest>(key)); }
  std::string contains(Text key) { return ask(with_key<v1::DictContainsRequest>(key)); }
  std::string pop(Text key) { return ask(with_key<v1::DictPopRequest>(key)); }
  std::string pop(Text key, Text fallback) {
    auto request = with_key<v1::DictPopRequest>(key);
    *request.mutable_default_() = literal(fallback);
    return ask(request);
  }
  std::string pop_item() { return ask<v1::DictPopItemRequest>(); }
  std::string set_default(Text key, Text value) {
    auto request = with_key<v1::DictSetDefaultRequest>(key);
    *request.mutable_value() = literal(value);
    return ask(request);
  }
  std::string add(Text key, Text operand) {
    auto request = with_key<v1::DictAddRequest>(key);
    *request.mutable_operand() = literal(operand);
    return ask(request);
  }
  // An empty text stands for an argument that is not given.
  std::string compare_exchange(Text key, std::string_view expected, std::string_view desired) {
    auto request = with_key<v1::DictCompareExchangeRequest>(key);
    if (!expected.empty()) *request.mutable_expected() = literal(expected);
    if (!desired.empty()) *request.mutable_desired() = literal(desired);
    return ask(request);
  }
  std::string update(Text dict) { return ask(with_entries<v1::DictUpdateRequest>(dict)); }
  std::string items() { return ask<v1::DictItemsRequest>(); }
  std::string length() { return ask<v1::DictLengthRequest>(); }

  void start_with(Text dict) {
    ASSERT_EQ(ask<v1::DictClearRequest>(), "done");
    ASSERT_EQ(update(dict), "done");
  }

  test::Shell shell{v1::DictCreateRequest()};
};

TEST_F(DictTest, GivesWhatWasSet) {
  EXPECT_EQ(set("'alice'", "3"), "done");
  EXPECT_EQ(get("'alice'"), "3");
  EXPECT_EQ(set("'alice'", "[4, None]"), "done");
  EXPECT_EQ(get("'alice'"), "[4, None]");
  EXPECT_EQ(length(), "1");
}

TEST_F(DictTest, AnAbsentKeyIsAKeyError) {
  EXPECT_EQ(get("'bob'"), "KEY_ERROR");
  EXPECT_EQ(erase("'bob'"), "KEY_ERROR");
  EXPECT_EQ(pop("'bob'"), "KEY_ERROR");
  EXPECT_EQ(pop_item(), "KEY_ERROR");
  EXPECT_EQ(contains("'bob'"), "False");
}

TEST_F(DictTest, BeginsWithTheEntriesOfItsCreation) {
  test::Shell created(with_entries<v1::DictCreateRequest>("{'a': 1, 'b': 2, 'a': 3}"));
  EXPECT_EQ(created.ask(v1::DictItemsRequest()), "{'a': 3, 'b': 2}");
}

TEST_F(DictTest, KeepsTheOrderOfInsertion) {
  start_with("{'c': 1, 'a': 2, 'b': 3}");
  EXPECT_EQ(set("'a'", "4"), "done");
  EXPECT_EQ(erase("'c'"), "done");
  EXPECT_EQ(set("'c'", "5"), "done");
  EXPECT_EQ(items(), "{'a': 4, 'b': 3, 'c': 5}");
  EXPECT_EQ(ask<v1::DictKeysRequest>(), "['a', 'b', 'c']");
  EXPECT_EQ(ask<v1::DictValuesRequest>(), "[4, 3, 5]");
}

TEST_F(DictTest, KeysOfDifferentNumberTypesAreDifferent) {
  start_with("{1: 'int', 1.0: 'float', True: 'bool'}");
  EXPECT_EQ(length(), "3");
  EXPECT_EQ(get("1.0"), "'float'");
  EXPECT_EQ(set("-0.0", "'zero'"), "done");
  EXPECT_EQ(get("0.0"), "'zero'");
  EXPECT_EQ(get("0"), "KEY_ERROR");
}

TEST_F(DictTest, AnUnhashableKeyIsATypeErrorInEveryOperation) {
  EXPECT_EQ(get("[]"), "TYPE_ERROR");
  EXPECT_EQ(set("{}", "1"), "TYPE_ERROR");
  EXPECT_EQ(contains("set()"), "TYPE_ERROR");
  EXPECT_EQ(add("([],)", "1"), "TYPE_ERROR");
  EXPECT_EQ(pop("[]", "1"), "TYPE_ERROR");
  EXPECT_EQ(update("{'good': 1, []: 2}"), "TYPE_ERROR");
  EXPECT_EQ(set("nan", "1"), "VALUE_ERROR");
  EXPECT_EQ(length(), "0");
}

TEST_F(DictTest, PopGivesTheDefaultOnlyForAnAbsentKey) {
  start_with("{'a': 1}");
  EXPECT_EQ(pop("'a'", "0"), "1");
  EXPECT_EQ(pop("'a'", "0"), "0");
  EXPECT_EQ(length(), "0");
}

TEST_F(DictTest, PopItemTakesTheLastOne) {
  start_with("{'a': 1, 'b': 2}");
  EXPECT_EQ(pop_item(), "key='b' value=2");
  EXPECT_EQ(pop_item(), "key='a' value=1");
  EXPECT_EQ(pop_item(), "KEY_ERROR");
}

TEST_F(DictTest, SetDefaultSetsOnlyAnAbsentKey) {
  EXPECT_EQ(set_default("'a'", "[1]"), "[1]");
  EXPECT_EQ(set_default("'a'", "[2]"), "[1]");
  EXPECT_EQ(items(), "{'a': [1]}");
}

TEST_F(DictTest, AddBeginsAtTheZeroOfTheOperandsType) {
  EXPECT_EQ(add("'n'", "2"), "2");
  EXPECT_EQ(add("'n'", "0.5"), "2.5");
  EXPECT_EQ(add("'s'", "'ab'"), "'ab'");
  EXPECT_EQ(add("'s'", "'c'"), "'abc'");
  EXPECT_EQ(add("'n'", "'c'"), "TYPE_ERROR");
  EXPECT_EQ(items(), "{'n': 2.5, 's': 'abc'}");
}

TEST_F(DictTest, CompareExchangeChangesOnlyWhatIsAsExpected) {
  EXPECT_EQ(compare_exchange("'k'", "", "1"), "exchanged=True actual=absent");
  EXPECT_EQ(compare_exchange("'k'", "", "2"), "exchanged=False actual=1");
  EXPECT_EQ(compare_exchange("'k'", "5", "2"), "exchanged=False actual=1");
  EXPECT_EQ(compare_exchange("'k'", "1", "2"), "exchanged=True actual=1");
  EXPECT_EQ(compare_exchange("'other'", "1", "2"), "exchanged=False actual=absent");
  EXPECT_EQ(items(), "{'k': 2}");
}

TEST_F(DictTest, CompareExchangeWithoutADesiredValueRemoves) {
  start_with("{'k': 1}");
  EXPECT_EQ(compare_exchange("'k'", "7", ""), "exchanged=False actual=1");
  EXPECT_EQ(compare_exchange("'k'", "1", ""), "exchanged=True actual=1");
  EXPECT_EQ(compare_exchange("'k'", "", ""), "exchanged=True actual=absent");
  EXPECT_EQ(items(), "{}");
}

TEST_F(DictTest, ABadEntryLeavesAnUpdateUndone) {
  start_with("{'a': 1}");
  v1::DictUpdateRequest request = with_entries<v1::DictUpdateRequest>("{'a': 2, 'b': 3}");
  request.mutable_entries(1)->clear_value();
  EXPECT_EQ(ask(request), "BAD_COMMAND");
  EXPECT_EQ(items(), "{'a': 1}");
}

TEST_F(DictTest, AFullDictTakesNoNewKeysButChangesOldOnes) {
  shell.limits.max_items = 2;
  start_with("{'a': 1, 'b': 2}");
  EXPECT_EQ(set("'c'", "3"), "LIMIT_EXCEEDED");
  EXPECT_EQ(set_default("'c'", "3"), "LIMIT_EXCEEDED");
  EXPECT_EQ(add("'c'", "3"), "LIMIT_EXCEEDED");
  EXPECT_EQ(compare_exchange("'c'", "", "3"), "LIMIT_EXCEEDED");
  EXPECT_EQ(update("{'a': 5, 'c': 6}"), "LIMIT_EXCEEDED");
  EXPECT_EQ(items(), "{'a': 1, 'b': 2}");
  EXPECT_EQ(set("'a'", "3"), "done");
  EXPECT_EQ(add("'a'", "1"), "4");
  EXPECT_EQ(update("{'b': 7, 'a': 8}"), "done");
  EXPECT_EQ(compare_exchange("'b'", "7", "9"), "exchanged=True actual=7");
  EXPECT_EQ(items(), "{'a': 8, 'b': 9}");
}

TEST_F(DictTest, ADictIsNotCreatedWithMoreEntriesThanTheLimit) {
  const auto request = with_entries<v1::DictCreateRequest>("{'a': 1, 'b': 2}");
  EXPECT_TRUE(Dict::create(request, {.max_items = 2}).ok());
  EXPECT_FALSE(Dict::create(request, {.max_items = 1}).ok());
}

TEST_F(DictTest, AReadReferenceIsRetainedForItsReader) {
  start_with("{'a': [ref(list, 7), ref(lock, 8)], ref(queue, 9): 1}");
  const test::Results results = shell.run(1, with_key<v1::DictGetRequest>("'a'"));
  ASSERT_EQ(results.size(), 1U);
  EXPECT_THAT(results[0].outcome.retained(), ::testing::ElementsAre(7, 8));
  EXPECT_EQ(shell.refs(), (std::set<std::uint64_t>{7, 8, 9}));
}

}  // namespace
}  // namespace mp::server
