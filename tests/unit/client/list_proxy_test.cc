#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <concepts>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <sstream>
#include <string>
#include <vector>

#include "mp/errors.h"
#include "mp/proxy/list.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using testing::ElementsAre;

class ListProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("list");
  ListProxy<int> l{fake};
  ListProxy<> any{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
};

TEST_F(ListProxyTest, ReadsAndWritesItems) {
  answer("list_get { value { int: 3 } }");
  EXPECT_EQ(l.at(-1), 3);
  EXPECT_EQ(sent(), "list_get { index: -1 }");
  answer("list_get { value { int: 3 } }");
  const int item = l[4];
  EXPECT_EQ(item, 3);
  EXPECT_EQ(sent(), "list_get { index: 4 }");
  l[1] = 5;
  EXPECT_EQ(sent(), "list_set { index: 1 value { int: 5 } }");
  l.erase(2);
  EXPECT_EQ(sent(), "list_delete { index: 2 }");
  fake->fail(ErrorCode::kIndexError);
  EXPECT_THROW(l.at(9), IndexError);
}

TEST_F(ListProxyTest, AddsToAnItemInOneOperation) {
  answer("list_add { value { int: 4 } }");
  EXPECT_EQ(l[2] += 1, 4);
  EXPECT_EQ(sent(), "list_add { index: 2 operand { int: 1 } }");
  answer("list_add { value { int: 2 } }");
  l[-1] -= 2;
  EXPECT_EQ(sent(), "list_add { index: -1 operand { int: -2 } }");
}

TEST_F(ListProxyTest, ReadsSlices) {
  const std::string values = "list_get_slice { values { int: 1 } values { int: 2 } }";
  answer(values);
  const std::vector<int> part = l[slice(1, -1)];
  EXPECT_THAT(part, ElementsAre(1, 2));
  EXPECT_EQ(sent(), "list_get_slice { slice { start: 1 stop: -1 } }");
  answer(values);
  EXPECT_THAT(l.at(slice(None, None, -1)), ElementsAre(1, 2));
  EXPECT_EQ(sent(), "list_get_slice { slice { step: -1 } }");
  answer(values);
  EXPECT_THAT(l.at(slice(5)), ElementsAre(1, 2));
  EXPECT_EQ(sent(), "list_get_slice { slice { stop: 5 } }");
  answer(values);
  EXPECT_TRUE(l[slice(0, 2)] == (std::vector{1, 2}));
  fake->all_sent();
  answer(values);
  EXPECT_THAT(l.copy(), ElementsAre(1, 2));
  EXPECT_EQ(sent(), "list_get_slice { slice { } }");
}

TEST_F(ListProxyTest, WritesAndErasesSlices) {
  const std::string expected =
      "list_set_slice { slice { start: 1 stop: 3 } values { int: 7 } values { int: 8 } }";
  l[slice(1, 3)] = {7, 8};
  EXPECT_EQ(sent(), expected);
  l[slice(1, 3)] = std::vector{7, 8};
  EXPECT_EQ(sent(), expected);
  l[slice(1, 3)] = std::views::iota(7, 9);
  EXPECT_EQ(sent(), expected);
  any[slice(1, 3)] = std::vector{7, 8};
  EXPECT_EQ(sent(), expected);
  l.erase(slice(None, None, 2));
  EXPECT_EQ(sent(), "list_delete_slice { slice { step: 2 } }");
  answer("list_get_slice { values { int: 7 } values { int: 8 } }");
  l[slice(1, 3)] = l[slice(0, 2)];
  EXPECT_THAT(fake->all_sent(),
              ElementsAre("list_get_slice { slice { start: 0 stop: 2 } }", expected));
}

TEST_F(ListProxyTest, Grows) {
  l.append(1);
  EXPECT_EQ(sent(), "list_append { value { int: 1 } }");
  const std::string extend = "list_extend { values { int: 1 } values { int: 2 } }";
  l.extend({1, 2});
  EXPECT_EQ(sent(), extend);
  l += std::vector{1, 2};
  EXPECT_EQ(sent(), extend);
  l += {1, 2};
  EXPECT_EQ(sent(), extend);
  l += std::views::iota(1, 3);
  EXPECT_EQ(sent(), extend);
  l.insert(3, 5);
  EXPECT_EQ(sent(), "list_insert { index: 3 value { int: 5 } }");
  l *= 3;
  EXPECT_EQ(sent(), "list_repeat { count: 3 }");
  any.append({1, "two"});
  EXPECT_EQ(sent(), R"(list_append { value { list { items { int: 1 } items { str: "two" } } } })");
  const std::vector<int> source{1, 2};
  std::ranges::copy(source, std::back_inserter(l));
  EXPECT_EQ(fake->all_sent().size(), 2U);
}

TEST_F(ListProxyTest, Shrinks) {
  answer("list_pop { value { int: 1 } }");
  EXPECT_EQ(l.pop(), 1);
  EXPECT_EQ(sent(), "list_pop { }");
  answer("list_pop { value { int: 1 } }");
  EXPECT_EQ(l.pop(0), 1);
  EXPECT_EQ(sent(), "list_pop { index: 0 }");
  l.remove(4);
  EXPECT_EQ(sent(), "list_remove { value { int: 4 } }");
  l.clear();
  EXPECT_EQ(sent(), "list_clear { }");
  fake->fail(ErrorCode::kValueError);
  EXPECT_THROW(l.remove(4), ValueError);
  fake->fail(ErrorCode::kIndexError);
  EXPECT_THROW(l.pop(), IndexError);
}

TEST_F(ListProxyTest, Searches) {
  answer("list_index { index: 2 }");
  EXPECT_EQ(l.index(5), 2U);
  EXPECT_EQ(sent(), "list_index { value { int: 5 } }");
  EXPECT_EQ(l.index(5, 1, -1), 0U);
  EXPECT_EQ(sent(), "list_index { value { int: 5 } start: 1 stop: -1 }");
  fake->fail(ErrorCode::kValueError);
  EXPECT_THROW(l.index(5), ValueError);
  fake->fail(ErrorCode::kValueError);
  EXPECT_EQ(l.find(5), std::nullopt);
  answer("list_index { index: 2 }");
  EXPECT_EQ(l.find(5, 1), 2U);
  fake->all_sent();
  answer("list_count { count: 3 }");
  EXPECT_EQ(l.count(5), 3U);
  EXPECT_EQ(sent(), "list_count { value { int: 5 } }");
  answer("list_contains { contains: true }");
  EXPECT_TRUE(l.contains(5));
  EXPECT_EQ(sent(), "list_contains { value { int: 5 } }");
  answer("list_length { length: 3 }");
  EXPECT_EQ(l.size(), 3U);
  EXPECT_TRUE(l.empty());
}

TEST_F(ListProxyTest, IteratesOverBools) {
  const ListProxy<bool> flags(fake);
  answer("list_get_slice { values { bool: true } values { bool: false } }");
  std::string seen;
  for (const bool flag : flags) seen += flag ? '1' : '0';
  EXPECT_EQ(seen, "10");
}

TEST_F(ListProxyTest, ReversesAndSorts) {
  l.reverse();
  EXPECT_EQ(sent(), "list_reverse { }");
  l.sort();
  EXPECT_EQ(sent(), "list_sort { }");
  l.sort({.reverse = true});
  EXPECT_EQ(sent(), "list_sort { reverse: true }");
}

TEST_F(ListProxyTest, SumsAndProductsAreCopies) {
  answer("list_get_slice { values { int: 1 } }");
  EXPECT_THAT((l + std::vector{2, 3}), ElementsAre(1, 2, 3));
  answer("list_get_slice { values { int: 1 } values { int: 2 } }");
  EXPECT_THAT(l * 2, ElementsAre(1, 2, 1, 2));
  answer("list_get_slice { values { int: 1 } }");
  EXPECT_THAT(3 * l, ElementsAre(1, 1, 1));
  answer("list_get_slice { values { int: 1 } }");
  EXPECT_THAT(l * -1, ElementsAre());
}

TEST_F(ListProxyTest, IteratesOverASnapshotAndPrintsIt) {
  answer("list_get_slice { values { int: 1 } values { int: 2 } }");
  int sum = 0;
  for (const int item : l) sum += item;
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(sent(), "list_get_slice { slice { } }");
  answer("list_get_slice { values { int: 9 } values { str: 'a' } }");
  std::ostringstream out;
  out << any;
  EXPECT_EQ(out.str(), "[9, 'a']");
  answer("list_get_slice { }");
  EXPECT_EQ(str(any), "[]");
  EXPECT_EQ(repr(any), "<ListProxy object, typeid 'list' at 0x7>");
}

template <class Reference>
concept AssignableAsLvalue = requires(Reference& reference) {
  reference = std::vector{3};
};

TEST_F(ListProxyTest, ASliceIsNoVariable) {
  using Reference = decltype(l[slice(1)]);
  static_assert(!AssignableAsLvalue<Reference>);
  static_assert(!std::convertible_to<Reference&, std::vector<int>>);
  static_assert(std::convertible_to<Reference, std::vector<int>>);
}

TEST_F(ListProxyTest, TheAsynchronousFormGivesFutures) {
  Future<std::vector<int>> all = l.async().copy();
  Future<std::size_t> size = l.async().size();
  answer("list_get_slice { values { int: 1 } }");
  answer("list_length { length: 1 }");
  EXPECT_THAT(all.get(), ElementsAre(1));
  EXPECT_EQ(size.get(), 1U);
}

TEST_F(ListProxyTest, FencedOperationsDemandTheToken) {
  const LockProxy lock(std::make_shared<FakeRemoteObject>("lock", 99));
  l.fenced_by(lock, 5).append(1);
  ASSERT_TRUE(fake->options().fence.has_value());
  EXPECT_EQ(fake->options().fence->token, 5U);
}

}  // namespace
}  // namespace mp
