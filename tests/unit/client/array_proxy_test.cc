#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <numeric>
#include <ranges>
#include <sstream>
#include <string>
#include <vector>

#include "mp/errors.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/shared_array.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using testing::ElementsAre;

// A reply to GetSlice, and a request of SetSlice, with these numbers.
template <class T>
std::string packed(const std::vector<T>& numbers, char typecode = typecode_of<T>()) {
  v1::ArrayValue array;
  array.set_typecode(std::string(1, typecode));
  for (const T number : numbers) {
    array.mutable_data()->append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  EXPECT_TRUE(printer.PrintToString(array, &text));
  return "values { " + text + "}";
}

class ArrayProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("array");
  ArrayProxy<int> a{fake};
  ArrayProxy<double> reals{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
  void answer_slice(const std::string& values) {
    answer("shared_array_get_slice { " + values + " }");
  }
  void answer_update(int value, int previous) {
    answer("shared_array_update { value { int: " + std::to_string(value) +
           " } previous { int: " + std::to_string(previous) + " } }");
  }
};

TEST_F(ArrayProxyTest, KnowsItsLength) {
  answer("shared_array_length { length: 3 typecode: 'i' }");
  EXPECT_EQ(a.size(), 3U);
  EXPECT_EQ(sent(), "shared_array_length { }");
  EXPECT_TRUE(a.empty());
}

TEST_F(ArrayProxyTest, ReadsAndWritesNumbers) {
  answer("shared_array_get { value { int: 3 } }");
  EXPECT_EQ(a.at(-1), 3);
  EXPECT_EQ(sent(), "shared_array_get { index: -1 }");
  answer("shared_array_get { value { int: 3 } }");
  const int number = a[4];
  EXPECT_EQ(number, 3);
  EXPECT_EQ(sent(), "shared_array_get { index: 4 }");
  a[1] = 5;
  EXPECT_EQ(sent(), "shared_array_set { index: 1 value { int: 5 } }");
  answer("shared_array_set { previous { int: 5 } }");
  EXPECT_EQ(a.exchange(1, 6), 5);
  EXPECT_EQ(sent(), "shared_array_set { index: 1 value { int: 6 } }");
  fake->fail(ErrorCode::kIndexError);
  EXPECT_THROW(a.get(9), IndexError);
}

TEST_F(ArrayProxyTest, AddingToANumberIsOneOperation) {
  answer_update(4, 3);
  EXPECT_EQ(a[2] += 1, 4);
  EXPECT_EQ(sent(), "shared_array_update { index: 2 operation: ADD operand { int: 1 } }");
  answer_update(2, 3);
  EXPECT_EQ(--a[2], 2);
  EXPECT_EQ(sent(), "shared_array_update { index: 2 operation: SUBTRACT operand { int: 1 } }");
  answer_update(1, 3);
  EXPECT_EQ((ArrayProxy<std::uint8_t>(fake)[2] -= 2), 1);
  EXPECT_EQ(sent(), "shared_array_update { index: 2 operation: SUBTRACT operand { int: 2 } }");
}

TEST_F(ArrayProxyTest, FetchingFormsGiveWhatWasThereBefore) {
  const auto check = [&](int previous, const std::string& operation) {
    EXPECT_EQ(previous, 3);
    EXPECT_EQ(sent(),
              "shared_array_update { index: -1 operation: " + operation + " operand { int: 5 } }");
    answer_update(9, 3);
  };
  answer_update(9, 3);
  check(a.fetch_add(-1, 5), "ADD");
  check(a.fetch_sub(-1, 5), "SUBTRACT");
  check(a.fetch_min(-1, 5), "MIN");
  check(a.fetch_max(-1, 5), "MAX");
  check(a.fetch_and(-1, 5), "AND");
  check(a.fetch_or(-1, 5), "OR");
  check(a.fetch_xor(-1, 5), "XOR");
}

TEST_F(ArrayProxyTest, CompareExchangeTellsWhatItFound) {
  answer("shared_array_compare_exchange { actual { int: 7 } }");
  int expected = 1;
  EXPECT_FALSE(a.compare_exchange(3, expected, 2));
  EXPECT_EQ(sent(),
            "shared_array_compare_exchange { index: 3 expected { int: 1 } desired { int: 2 } }");
  EXPECT_EQ(expected, 7);
}

TEST_F(ArrayProxyTest, ReadsSlicesPacked) {
  const std::vector<int> numbers{1, -2};
  answer_slice(packed(numbers));
  EXPECT_EQ(a.get_slice(slice(1, -1)), numbers);
  EXPECT_EQ(sent(), "shared_array_get_slice { start: 1 stop: -1 }");
  answer_slice(packed(numbers));
  const std::vector<int> part = a[slice(None, None, -1)];
  EXPECT_EQ(part, numbers);
  EXPECT_EQ(sent(), "shared_array_get_slice { step: -1 }");
  answer_slice(packed(numbers));
  EXPECT_EQ(a.copy(), numbers);
  EXPECT_EQ(sent(), "shared_array_get_slice { }");
  answer_slice("values { typecode: 'i' }");
  EXPECT_TRUE(a.to_vector().empty());
}

TEST_F(ArrayProxyTest, WritesSlicesPacked) {
  const std::string request =
      "shared_array_set_slice { start: 1 stop: 3 " + packed(std::vector{7, 8}) + " }";
  a[slice(1, 3)] = {7, 8};
  EXPECT_EQ(sent(), request);
  a[slice(1, 3)] = std::vector{7, 8};
  EXPECT_EQ(sent(), request);
  a.set_slice(slice(1, 3), std::array{7, 8});
  EXPECT_EQ(sent(), request);
  a.set_slice(slice(1, 3), {7, 8});
  EXPECT_EQ(sent(), request);
  a.set_slice(slice(1, 3), std::views::iota(7, 9));
  EXPECT_EQ(sent(), request);
  a.set_slice(slice(1, 3), std::vector<long>{7, 8});
  EXPECT_EQ(sent(), request);
  a.set_slice(slice(0), std::vector<int>());
  EXPECT_EQ(sent(), "shared_array_set_slice { stop: 0 values { typecode: \"i\" } }");
}

TEST_F(ArrayProxyTest, ANumberThatDoesNotFitIsRefusedBeforeItIsSent) {
  EXPECT_THROW(a.set_slice(slice(2), std::vector<std::int64_t>{1, std::int64_t{1} << 40}),
               ValueError);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(ArrayProxyTest, FillsWithOneNumber) {
  a.fill(7);
  EXPECT_EQ(sent(), "shared_array_set_slice { fill { int: 7 } }");
  a.fill(slice(1, 3), 0);
  EXPECT_EQ(sent(), "shared_array_set_slice { start: 1 stop: 3 fill { int: 0 } }");
}

TEST_F(ArrayProxyTest, ManyNumbersTakeOneRoundTripEachWay) {
  std::vector<double> numbers(100'000);
  std::iota(numbers.begin(), numbers.end(), 0.5);
  answer_slice(packed(numbers));
  EXPECT_TRUE(reals.copy() == numbers);
  EXPECT_EQ(fake->all_sent().size(), 1U);
  reals.set_slice(Slice(), numbers);
  EXPECT_TRUE(sent() == "shared_array_set_slice { " + packed(numbers) + " }");
}

TEST_F(ArrayProxyTest, ArraysOfEveryTypeAreReadAndWritten) {
  const auto check = [&]<class T>(const std::vector<T>& numbers) {
    const ArrayProxy<T> array(fake);
    answer_slice(packed(numbers));
    EXPECT_EQ(array.copy(), numbers);
    fake->all_sent();
    array.set_slice(Slice(), numbers);
    EXPECT_EQ(sent(), "shared_array_set_slice { " + packed(numbers) + " }");
  };
  check(std::vector<bool>{true, false});
  check(std::vector<char>{'a', 'b'});
  check(std::vector<std::int8_t>{-1, 1});
  check(std::vector<std::uint8_t>{200, 1});
  check(std::vector<std::int16_t>{-300, 1});
  check(std::vector<std::uint16_t>{60'000, 1});
  check(std::vector<unsigned>{4'000'000'000U, 1});
  check(std::vector<std::int64_t>{-5, 1});
  check(std::vector<std::uint64_t>{~std::uint64_t{0}, 1});
  check(std::vector<float>{0.5F, 1});
}

TEST_F(ArrayProxyTest, AnArrayOfAnotherTypeIsATypeError) {
  answer_slice(packed(std::vector{1, 2}));
  EXPECT_THROW(reals.copy(), TypeError);
  answer_slice("values { typecode: 'i' data: 'abc' }");
  EXPECT_THROW(a.copy(), RemoteError);
}

TEST_F(ArrayProxyTest, PythonsLongHas64Bits) {
  answer_slice(packed(std::vector<std::int64_t>{1, 2}, 'l'));
  EXPECT_THAT(ArrayProxy<std::int64_t>(fake).copy(), ElementsAre(1, 2));
}

template <class Reference>
concept AssignableAsLvalue = requires(Reference& reference) {
  reference = 3;
};

TEST_F(ArrayProxyTest, ASubscriptIsNoVariable) {
  using Reference = decltype(a[1]);
  static_assert(!AssignableAsLvalue<Reference>);
  static_assert(!std::convertible_to<Reference&, int>);
  static_assert(std::convertible_to<Reference, int>);
}

TEST_F(ArrayProxyTest, IteratesOverASnapshot) {
  answer_slice(packed(std::vector{1, 2}));
  int sum = 0;
  for (const int number : a) sum += number;
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(sent(), "shared_array_get_slice { }");
  answer_slice(packed(std::vector<bool>{true, false}));
  std::string seen;
  for (const bool flag : ArrayProxy<bool>(fake)) seen += flag ? '1' : '0';
  EXPECT_EQ(seen, "10");
}

TEST_F(ArrayProxyTest, PrintsAsPythonsArray) {
  answer_slice(packed(std::vector{1.0, 2.0}));
  std::ostringstream out;
  out << reals;
  EXPECT_EQ(out.str(), "array('d', [1.0, 2.0])");
  answer_slice(packed(std::vector<std::uint8_t>{65}));
  EXPECT_EQ(str(ArrayProxy<std::uint8_t>(fake)), "array('B', [65])");
  answer_slice("values { typecode: 'i' }");
  EXPECT_EQ(str(a), "array('i')");
  EXPECT_EQ(repr(a), "<ArrayProxy object, typeid 'array' at 0x7>");
}

TEST_F(ArrayProxyTest, ItsLockIsItsOwnObject) { EXPECT_EQ(a.get_lock().id(), a.id()); }

TEST_F(ArrayProxyTest, FencedOperationsDemandTheToken) {
  const LockProxy lock(std::make_shared<FakeRemoteObject>("lock", 99));
  a.fenced_by(lock, 5)[1] = 1;
  ASSERT_TRUE(fake->options().fence.has_value());
  EXPECT_EQ(fake->options().fence->token, 5U);
}

TEST_F(ArrayProxyTest, TheAsynchronousFormGivesFutures) {
  const auto async = a.async();
  Future<int> number = async.at(1);
  Future<std::vector<int>> all = async.copy();
  Future<Exchange<int>> exchange = async.compare_exchange(1, 4, 5);
  answer("shared_array_get { value { int: 3 } }");
  answer_slice(packed(std::vector{1, 2}));
  answer("shared_array_compare_exchange { exchanged: true actual { int: 4 } }");
  EXPECT_EQ(number.get(), 3);
  EXPECT_THAT(all.get(), ElementsAre(1, 2));
  EXPECT_TRUE(exchange.get().exchanged);
}

TEST_F(ArrayProxyTest, CanBeStoredInAContainer) {
  const Any held = a;
  EXPECT_EQ(held.as<ArrayProxy<int>>(), a);
}

}  // namespace
}  // namespace mp
