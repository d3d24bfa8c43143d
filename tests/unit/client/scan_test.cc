#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mp/proxy/dict.h"
#include "mp/proxy/list.h"
#include "mp/proxy/set.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using Strings = std::vector<std::string>;

class DictScanTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("dict");
  DictProxy<std::string, int> dict{fake};
};

TEST_F(DictScanTest, FetchesThePartsOneAfterAnotherAsTheyAreNeeded) {
  fake->answer("dict_scan { entries { key { str: 'a' } value { int: 1 } } position: 3 shape: 9 }");
  fake->answer("dict_scan { entries { key { str: 'b' } value { int: 2 } } shape: 9 }");
  auto scan = dict.scan();
  EXPECT_TRUE(fake->all_sent().empty());
  auto at = scan.begin();
  EXPECT_EQ(fake->sent(), "dict_scan { }");
  EXPECT_EQ(*at, std::pair(std::string("a"), 1));
  ++at;
  EXPECT_EQ(fake->sent(), "dict_scan { position: 3 shape: 9 }");
  EXPECT_EQ(*at, std::pair(std::string("b"), 2));
  ++at;
  EXPECT_EQ(at, scan.end());
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(DictScanTest, AsksForAsMuchAsItIsToldTo) {
  dict.scan({.entries = 5, .bytes = 1000}).begin();
  EXPECT_EQ(fake->sent(), "dict_scan { limit: 5 max_bytes: 1000 }");
}

TEST_F(DictScanTest, OfKeysAsksForNoValues) {
  fake->answer("dict_scan { entries { key { str: 'a' } } entries { key { str: 'b' } } }");
  Strings keys;
  for (const std::string& key : dict.scan_keys()) keys.push_back(key);
  EXPECT_EQ(fake->sent(), "dict_scan { keys_only: true }");
  EXPECT_EQ(keys, (Strings{"a", "b"}));
}

TEST_F(DictScanTest, AnEmptyPartIsNotTheEndWhereMoreIsSaidToCome) {
  fake->answer("dict_scan { position: 3 shape: 9 }");
  fake->answer("dict_scan { entries { key { str: 'b' } value { int: 2 } } }");
  auto scan = dict.scan();
  EXPECT_EQ((*scan.begin()).second, 2);
}

TEST_F(DictScanTest, AfterAnErrorItIsAtItsEnd) {
  fake->answer("dict_scan { entries { key { str: 'a' } value { int: 1 } } position: 1 }");
  fake->fail(ErrorCode::kRuntimeError);
  auto scan = dict.scan();
  auto at = scan.begin();
  EXPECT_THROW(++at, RuntimeError);
  EXPECT_EQ(at, scan.end());
  EXPECT_EQ(scan.begin(), scan.end());
}

TEST_F(DictScanTest, DemandsTheTokenInEveryPart) {
  fake->answer("dict_scan { entries { key { str: 'a' } value { int: 1 } } position: 1 }");
  auto scan = dict.fenced_by(dict, 5).scan();
  auto at = scan.begin();
  ++at;
  ASSERT_TRUE(fake->options().fence.has_value());
  EXPECT_EQ(fake->options().fence->token, 5U);
}

TEST(SetScanTest, FetchesItsItems) {
  const auto fake = std::make_shared<FakeRemoteObject>("set");
  fake->answer("set_scan { items { str: 'a' } position: 1 shape: 2 }");
  fake->answer("set_scan { items { str: 'b' } shape: 2 }");
  Strings items;
  for (const std::string& item : SetProxy<std::string>(fake).scan()) items.push_back(item);
  EXPECT_EQ(items, (Strings{"a", "b"}));
}

class ListScanTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("list");
  ListProxy<int> list{fake};
};

TEST_F(ListScanTest, GoesOnByIndexUntilThereIsNothing) {
  fake->answer("list_get_slice { values { int: 1 } values { int: 2 } }");
  fake->answer("list_get_slice { values { int: 3 } }");
  fake->answer("list_get_slice { }");
  std::vector<int> items;
  for (const int item : list.scan()) items.push_back(item);
  EXPECT_EQ(items, (std::vector{1, 2, 3}));
  const Strings sent = fake->all_sent();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0], "list_get_slice { slice { start: 0 stop: 16 } }");
  EXPECT_EQ(sent[1], "list_get_slice { slice { start: 2 stop: 66 } }");
  EXPECT_EQ(sent[2], "list_get_slice { slice { start: 3 stop: 259 } }");
}

TEST_F(ListScanTest, AsksForFewerWhereTheyDoNotFitIntoAMessage) {
  fake->fail(ErrorCode::kLimitExceeded);
  fake->fail(ErrorCode::kLimitExceeded);
  fake->answer("list_get_slice { values { int: 7 } }");
  auto scan = list.scan();
  EXPECT_EQ(*scan.begin(), 7);
  EXPECT_EQ(fake->all_sent().back(), "list_get_slice { slice { start: 0 stop: 1 } }");
}

TEST_F(ListScanTest, AnItemThatDoesNotFitIntoAMessageIsAnError) {
  for (int i = 0; i < 3; ++i) fake->fail(ErrorCode::kLimitExceeded);
  auto scan = list.scan();
  EXPECT_THROW(scan.begin(), LimitExceeded);
}

}  // namespace
}  // namespace mp
