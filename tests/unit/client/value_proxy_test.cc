#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <type_traits>

#include "mp/errors.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/shared_value.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

class ValueProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("value");
  ValueProxy<int> v{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
  void answer_update(int value, int previous) {
    answer("shared_value_update { value { int: " + std::to_string(value) +
           " } previous { int: " + std::to_string(previous) + " } }");
  }
};

TEST_F(ValueProxyTest, TypecodesGoBySizeAndSign) {
  static_assert(typecode_of<bool>() == '?');
  static_assert(typecode_of<char>() == (std::is_signed_v<char> ? 'b' : 'B'));
  static_assert(typecode_of<std::int8_t>() == 'b');
  static_assert(typecode_of<std::uint8_t>() == 'B');
  static_assert(typecode_of<std::int16_t>() == 'h');
  static_assert(typecode_of<std::uint16_t>() == 'H');
  static_assert(typecode_of<int>() == 'i');
  static_assert(typecode_of<unsigned>() == 'I');
  static_assert(typecode_of<long>() == (sizeof(long) == 8 ? 'q' : 'i'));
  static_assert(typecode_of<unsigned long long>() == 'Q');
  static_assert(typecode_of<float>() == 'f');
  static_assert(typecode_of<double>() == 'd');
}

TEST_F(ValueProxyTest, ReadsTheNumber) {
  const std::string reply = "shared_value_get { value { int: 3 } typecode: 'i' }";
  answer(reply);
  EXPECT_EQ(v.get(), 3);
  EXPECT_EQ(sent(), "shared_value_get { }");
  answer(reply);
  EXPECT_EQ(v.value(), 3);
  answer(reply);
  const int number = v;
  EXPECT_EQ(number, 3);
  answer(reply);
  EXPECT_TRUE(v == 3);
  answer(reply);
  EXPECT_EQ(v * 2, 6);
}

TEST_F(ValueProxyTest, WritesTheNumber) {
  answer("shared_value_set { previous { int: 1 } }");
  v.set(3);
  EXPECT_EQ(sent(), "shared_value_set { value { int: 3 } }");
  answer("shared_value_set { previous { int: 1 } }");
  EXPECT_EQ(v.exchange(3), 1);
  EXPECT_EQ(sent(), "shared_value_set { value { int: 3 } }");
  EXPECT_EQ(v = 4, 4);
  EXPECT_EQ(sent(), "shared_value_set { value { int: 4 } }");
}

TEST_F(ValueProxyTest, ArithmeticAssignmentIsOneOperationAndGivesTheResult) {
  answer_update(8, 3);
  EXPECT_EQ(v += 5, 8);
  EXPECT_EQ(sent(), "shared_value_update { operation: ADD operand { int: 5 } }");
  answer_update(3, 8);
  EXPECT_EQ(v -= 5, 3);
  EXPECT_EQ(sent(), "shared_value_update { operation: SUBTRACT operand { int: 5 } }");
  answer_update(1, 3);
  EXPECT_EQ(v &= 1, 1);
  EXPECT_EQ(sent(), "shared_value_update { operation: AND operand { int: 1 } }");
  answer_update(7, 3);
  EXPECT_EQ(v |= 4, 7);
  EXPECT_EQ(sent(), "shared_value_update { operation: OR operand { int: 4 } }");
  answer_update(2, 3);
  EXPECT_EQ(v ^= 1, 2);
  EXPECT_EQ(sent(), "shared_value_update { operation: XOR operand { int: 1 } }");
}

TEST_F(ValueProxyTest, IncrementsBeforeAndAfter) {
  answer_update(4, 3);
  EXPECT_EQ(++v, 4);
  EXPECT_EQ(sent(), "shared_value_update { operation: ADD operand { int: 1 } }");
  answer_update(4, 3);
  EXPECT_EQ(v++, 3);
  EXPECT_EQ(sent(), "shared_value_update { operation: ADD operand { int: 1 } }");
  answer_update(2, 3);
  EXPECT_EQ(--v, 2);
  EXPECT_EQ(sent(), "shared_value_update { operation: SUBTRACT operand { int: 1 } }");
  answer_update(2, 3);
  EXPECT_EQ(v--, 3);
  EXPECT_EQ(sent(), "shared_value_update { operation: SUBTRACT operand { int: 1 } }");
}

TEST_F(ValueProxyTest, FetchingFormsGiveWhatWasThereBefore) {
  const auto check = [&](int previous, const std::string& operation) {
    EXPECT_EQ(previous, 3);
    EXPECT_EQ(sent(), "shared_value_update { operation: " + operation + " operand { int: 5 } }");
    answer_update(9, 3);
  };
  answer_update(9, 3);
  check(v.fetch_add(5), "ADD");
  check(v.fetch_sub(5), "SUBTRACT");
  check(v.fetch_min(5), "MIN");
  check(v.fetch_max(5), "MAX");
  check(v.fetch_and(5), "AND");
  check(v.fetch_or(5), "OR");
  check(v.fetch_xor(5), "XOR");
}

TEST_F(ValueProxyTest, CompareExchangeTellsWhatItFound) {
  answer("shared_value_compare_exchange { exchanged: true actual { int: 1 } }");
  int expected = 1;
  EXPECT_TRUE(v.compare_exchange(expected, 2));
  EXPECT_EQ(sent(), "shared_value_compare_exchange { expected { int: 1 } desired { int: 2 } }");
  EXPECT_EQ(expected, 1);
  answer("shared_value_compare_exchange { actual { int: 7 } }");
  EXPECT_FALSE(v.compare_exchange(expected, 2));
  EXPECT_EQ(expected, 7);
}

TEST_F(ValueProxyTest, NumbersTravelInTheirOwnType) {
  const ValueProxy<char> small(fake);
  small = 'A';
  EXPECT_EQ(sent(), "shared_value_set { value { int: 65 } }");
  answer("shared_value_get { value { int: 66 } }");
  EXPECT_EQ(small.get(), 'B');
  fake->all_sent();
  const ValueProxy<bool> flag(fake);
  flag = true;
  EXPECT_EQ(sent(), "shared_value_set { value { bool: true } }");
  const ValueProxy<double> real(fake);
  real = 2;
  EXPECT_EQ(sent(), "shared_value_set { value { float: 2 } }");
  const ValueProxy<std::uint64_t> large(fake);
  large = ~std::uint64_t{0};
  EXPECT_EQ(sent(), "shared_value_set { value { uint: 18446744073709551615 } }");
}

template <class V>
concept HasSums = requires(const V& v) {
  v.fetch_add(1);
  v += 1;
  ++v;
};
template <class V>
concept HasBits = requires(const V& v) {
  v.fetch_or(1);
  v |= 1;
};
template <class Left, class Right>
concept AssignableAsConst = requires(const Left& left, const Right& right) {
  left = right;
};

TEST_F(ValueProxyTest, HasTheOperationsOfItsType) {
  static_assert(HasSums<ValueProxy<int>> && HasBits<ValueProxy<int>>);
  static_assert(HasSums<ValueProxy<double>> && !HasBits<ValueProxy<double>>);
  static_assert(!HasSums<ValueProxy<bool>> && HasBits<ValueProxy<bool>>);
}

TEST_F(ValueProxyTest, AssigningAProxyRebindsAndNeverWrites) {
  ValueProxy<int> w(std::make_shared<FakeRemoteObject>("value", 8));
  EXPECT_FALSE(v == w);
  w = v;
  EXPECT_TRUE(v == w);
  EXPECT_TRUE(fake->all_sent().empty());
  static_assert(!AssignableAsConst<ValueProxy<int>, ValueProxy<int>>);
}

TEST_F(ValueProxyTest, ErrorsHaveTheirTypes) {
  fake->fail(ErrorCode::kOverflowError);
  EXPECT_THROW(v += 1, OverflowError);
  answer("shared_value_get { value { float: 1.5 } }");
  EXPECT_THROW(v.get(), TypeError);
}

TEST_F(ValueProxyTest, ItsLockIsItsOwnObject) {
  const RLockProxy lock = v.get_lock();
  EXPECT_EQ(lock.id(), v.id());
  answer("rlock_acquire { acquired: true token: 3 }");
  EXPECT_TRUE(lock.acquire());
  EXPECT_EQ(sent(), "rlock_acquire { }");
}

TEST_F(ValueProxyTest, PrintsAsPythonDoes) {
  answer("shared_value_get { value { int: 3 } }");
  std::ostringstream out;
  out << v;
  EXPECT_EQ(out.str(), "Value('i', 3)");
  answer("shared_value_get { value { int: 65 } }");
  EXPECT_EQ(str(ValueProxy<signed char>(fake)), "Value('b', 65)");
  answer("shared_value_get { value { float: 1 } }");
  EXPECT_EQ(str(ValueProxy<double>(fake)), "Value('d', 1.0)");
  EXPECT_EQ(repr(v), "<ValueProxy object, typeid 'value' at 0x7>");
}

TEST_F(ValueProxyTest, FencedOperationsDemandTheToken) {
  const LockProxy lock(std::make_shared<FakeRemoteObject>("lock", 99));
  v.fenced_by(lock, 5) = 1;
  ASSERT_TRUE(fake->options().fence.has_value());
  EXPECT_EQ(fake->options().fence->token, 5U);
}

TEST_F(ValueProxyTest, TheAsynchronousFormGivesFutures) {
  const auto async = v.async();
  Future<int> before = async.fetch_add(1);
  Future<Exchange<int>> exchange = async.compare_exchange(4, 5);
  Future<void> done = async.set(6);
  answer_update(4, 3);
  answer("shared_value_compare_exchange { actual { int: 9 } }");
  EXPECT_EQ(before.get(), 3);
  EXPECT_EQ(exchange.get().actual, 9);
  done.get();
}

TEST_F(ValueProxyTest, CanBeStoredInAContainer) {
  const Any held = v;
  EXPECT_TRUE(held.as<ValueProxy<int>>() == v);
  EXPECT_TRUE(fake->all_sent().empty());
}

}  // namespace
}  // namespace mp
