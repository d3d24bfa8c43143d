#include "server/objects/shared_array.h"

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "server/objects/error.h"
#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using test::Done;
using test::literal;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Text = const char*;

v1::SharedArrayCreateRequest zeros(Text typecode, std::uint64_t length) {
  v1::SharedArrayCreateRequest request;
  request.set_typecode(typecode);
  request.set_length(length);
  return request;
}

v1::SharedArrayCreateRequest array_of(Text typecode, std::string data) {
  v1::SharedArrayCreateRequest request;
  request.set_typecode(typecode);
  request.mutable_values()->set_typecode(typecode);
  request.mutable_values()->set_data(std::move(data));
  return request;
}

v1::Code code_of_creating(const v1::SharedArrayCreateRequest& request,
                          const ObjectLimits& limits = {}) {
  return code_of(SharedArray::create(request, limits).status());
}

template <class Request>
Request slice(std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
              std::optional<std::int64_t> step = {}) {
  Request request;
  if (start) request.set_start(*start);
  if (stop) request.set_stop(*stop);
  if (step) request.set_step(*step);
  return request;
}

// An array of bytes, which can be written down as text, and what it answers.
class SharedArrayTest : public ::testing::Test {
 protected:
  using Get = v1::SharedArrayGetSliceRequest;
  using Set = v1::SharedArraySetSliceRequest;

  std::string all() { return get(Get()); }
  std::string get(const Get& request) {
    const test::Results results = array.run(1, request);
    const v1::Outcome& outcome = results.at(0).outcome;
    if (outcome.has_error()) return v1::Code_Name(outcome.error().code());
    EXPECT_EQ(outcome.shared_array_get_slice().values().typecode(), "B");
    return outcome.shared_array_get_slice().values().data();
  }
  std::string set(Set request, std::string values, Text typecode = "B") {
    request.mutable_values()->set_typecode(typecode);
    request.mutable_values()->set_data(std::move(values));
    return array.ask(request);
  }
  std::string fill(Set request, Text value) {
    *request.mutable_fill() = literal(value);
    return array.ask(request);
  }
  std::string item(std::int64_t index) {
    v1::SharedArrayGetRequest request;
    request.set_index(index);
    return array.ask(request);
  }
  std::string set_item(std::int64_t index, Text value) {
    v1::SharedArraySetRequest request;
    request.set_index(index);
    *request.mutable_value() = literal(value);
    return array.ask(request);
  }
  std::string update(std::int64_t index, v1::Arithmetic operation, Text operand) {
    v1::SharedArrayUpdateRequest request;
    request.set_index(index);
    request.set_operation(operation);
    *request.mutable_operand() = literal(operand);
    return array.ask(request);
  }
  std::string compare_exchange(std::int64_t index, Text expected, Text desired) {
    v1::SharedArrayCompareExchangeRequest request;
    request.set_index(index);
    *request.mutable_expected() = literal(expected);
    *request.mutable_desired() = literal(desired);
    return array.ask(request);
  }

  test::Shell array{array_of("B", "abcdef")};
};

TEST_F(SharedArrayTest, IsMadeOfZeros) {
  test::Shell made(zeros("H", 3));
  EXPECT_EQ(made.ask(v1::SharedArrayLengthRequest()), "length=3 typecode=H");
  EXPECT_EQ(made.ask(v1::SharedArrayGetRequest()), "0");
}

TEST_F(SharedArrayTest, IsMadeOfValuesWhateverLengthIsAskedFor) {
  v1::SharedArrayCreateRequest request = array_of("h", std::string("\x01\x00\xff\xff", 4));
  request.set_length(99);
  test::Shell made(request);
  EXPECT_EQ(made.ask(v1::SharedArrayLengthRequest()), "length=2 typecode=h");
  EXPECT_EQ(made.ask(slice<v1::SharedArrayGetSliceRequest>(1, {})),
            "typecode: \"h\" data: \"\\377\\377\"");
}

TEST_F(SharedArrayTest, IsNotMadeOfAnUnknownType) {
  EXPECT_EQ(code_of_creating(zeros("", 1)), v1::VALUE_ERROR);
  EXPECT_EQ(code_of_creating(zeros("u", 1)), v1::VALUE_ERROR);
}

TEST_F(SharedArrayTest, IsNotMadeOfValuesThatAreNotItsOwn) {
  v1::SharedArrayCreateRequest request = array_of("i", "abcd");
  request.set_typecode("I");
  EXPECT_EQ(code_of_creating(request), v1::TYPE_ERROR);
  EXPECT_EQ(code_of_creating(array_of("i", "abc")), v1::BAD_COMMAND);
  EXPECT_EQ(code_of_creating(array_of("?", "\x02")), v1::VALUE_ERROR);
}

TEST_F(SharedArrayTest, IsNotMadeLargerThanTheLimits) {
  for (const std::uint64_t length : {std::uint64_t{1} << 60, std::uint64_t{1} << 61,
                                     std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_EQ(code_of_creating(zeros("d", length)), v1::LIMIT_EXCEEDED);
    EXPECT_EQ(code_of_creating(zeros("d", length), {.max_items = length}), v1::LIMIT_EXCEEDED);
  }
  const ObjectLimits limits{.max_bytes = 16, .max_items = 10};
  EXPECT_EQ(code_of_creating(zeros("d", 2), limits), v1::CODE_UNSPECIFIED);
  EXPECT_EQ(code_of_creating(zeros("d", 3), limits), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of_creating(zeros("b", 11), limits), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of_creating(array_of("b", "abcdefghijk"), limits), v1::LIMIT_EXCEEDED);
}

TEST_F(SharedArrayTest, MatchesRequestsOfItsTypeAndLength) {
  const auto made = *SharedArray::create(zeros("h", 2), ObjectLimits());
  EXPECT_TRUE(made->require_match(zeros("h", 2)).ok());
  EXPECT_TRUE(made->require_match(zeros("h", 0)).ok()) << "no length is given";
  EXPECT_TRUE(made->require_match(array_of("h", "abcd")).ok());
  EXPECT_EQ(code_of(made->require_match(zeros("h", 3))), v1::WRONG_KIND);
  EXPECT_EQ(code_of(made->require_match(zeros("H", 2))), v1::WRONG_KIND);
  EXPECT_EQ(code_of(made->require_match(array_of("h", ""))), v1::WRONG_KIND);
}

TEST_F(SharedArrayTest, IndicesCountFromEitherEnd) {
  EXPECT_EQ(item(0), "97");
  EXPECT_EQ(item(-1), "102");
  EXPECT_EQ(set_item(-6, "120"), "97");
  EXPECT_EQ(all(), "xbcdef");
}

TEST_F(SharedArrayTest, IndicesOutOfRangeAreIndexErrors) {
  for (const std::int64_t index :
       {std::int64_t{6}, std::int64_t{-7}, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(item(index), "INDEX_ERROR");
    EXPECT_EQ(set_item(index, "1"), "INDEX_ERROR");
    EXPECT_EQ(update(index, v1::ADD, "1"), "INDEX_ERROR");
    EXPECT_EQ(compare_exchange(index, "1", "1"), "INDEX_ERROR");
  }
}

TEST_F(SharedArrayTest, UpdateChangesOnePlace) {
  EXPECT_EQ(update(1, v1::ADD, "2"), "value=100 previous=98");
  EXPECT_EQ(update(-1, v1::MIN, "65"), "value=65 previous=102");
  EXPECT_EQ(all(), "adcdeA");
}

TEST_F(SharedArrayTest, CompareExchangeSetsAPlaceOnlyFromWhatIsExpected) {
  EXPECT_EQ(compare_exchange(0, "98", "120"), "exchanged=False actual=97");
  EXPECT_EQ(compare_exchange(0, "97", "120"), "exchanged=True actual=97");
  EXPECT_EQ(all(), "xbcdef");
}

TEST_F(SharedArrayTest, SlicesAreReadAsPythonReadsThem) {
  EXPECT_EQ(get(slice<Get>(1, 3)), "bc");
  EXPECT_EQ(get(slice<Get>(-2, {})), "ef");
  EXPECT_EQ(get(slice<Get>({}, {}, -2)), "fdb");
  EXPECT_EQ(get(slice<Get>(5, 2)), "");
  EXPECT_EQ(get(slice<Get>(99, 100)), "");
}

TEST_F(SharedArrayTest, SlicesAreSetInPlace) {
  EXPECT_EQ(set(slice<Set>(1, 3), "XY"), "done");
  EXPECT_EQ(all(), "aXYdef");
  EXPECT_EQ(set(slice<Set>({}, {}, -2), "123"), "done");
  EXPECT_EQ(all(), "a3Y2e1");
  EXPECT_EQ(set(slice<Set>(6, {}), ""), "done");
}

TEST_F(SharedArrayTest, ASliceIsFilledWithOneValue) {
  EXPECT_EQ(fill(slice<Set>(1, {}, 2), "46"), "done");
  EXPECT_EQ(all(), "a.c.e.");
  EXPECT_EQ(fill(Set(), "45"), "done");
  EXPECT_EQ(all(), "------");
}

TEST_F(SharedArrayTest, ASliceThatFailsChangesNothing) {
  EXPECT_EQ(set(slice<Set>(1, 3), "X"), "VALUE_ERROR");
  EXPECT_EQ(set(slice<Set>(1, 3), "XYZ"), "VALUE_ERROR");
  EXPECT_EQ(set(slice<Set>({}, {}, 2), "XYZZ"), "VALUE_ERROR");
  EXPECT_EQ(set(slice<Set>({}, {}, 0), "XYZ"), "VALUE_ERROR");
  EXPECT_EQ(set(slice<Set>(1, 3), "XY", "b"), "TYPE_ERROR");
  EXPECT_EQ(fill(slice<Set>(1, 3), "256"), "OVERFLOW_ERROR");
  EXPECT_EQ(fill(slice<Set>(1, 3), "1.0"), "TYPE_ERROR");
  EXPECT_EQ(array.ask(slice<Set>(1, 3)), "BAD_COMMAND");
  EXPECT_EQ(get(slice<Get>({}, {}, 0)), "VALUE_ERROR");
  EXPECT_EQ(all(), "abcdef");
}

TEST_F(SharedArrayTest, ANumberThatDoesNotFitChangesNothing) {
  EXPECT_EQ(set_item(0, "-1"), "OVERFLOW_ERROR");
  EXPECT_EQ(set_item(0, "'x'"), "TYPE_ERROR");
  EXPECT_EQ(update(0, v1::ADD, "200"), "OVERFLOW_ERROR");
  EXPECT_EQ(update(0, v1::ARITHMETIC_UNSPECIFIED, "1"), "VALUE_ERROR");
  EXPECT_EQ(compare_exchange(0, "97", "300"), "OVERFLOW_ERROR");
  EXPECT_EQ(all(), "abcdef");
}

TEST_F(SharedArrayTest, BoolsAreSetToZeroAndOneOnly) {
  test::Shell bools(zeros("?", 2));
  Set request;
  request.mutable_values()->set_typecode("?");
  request.mutable_values()->set_data(std::string("\x01\x02", 2));
  EXPECT_EQ(bools.ask(request), "VALUE_ERROR");
  request.mutable_values()->set_data(std::string("\x01\x00", 2));
  EXPECT_EQ(bools.ask(request), "done");
  EXPECT_EQ(bools.ask(v1::SharedArrayGetRequest()), "True");
}

TEST_F(SharedArrayTest, AMillionDoublesPassInOneSlice) {
  std::vector<double> numbers(1'000'000);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i) / 8;
  std::string data(numbers.size() * sizeof(double), '\0');
  std::memcpy(data.data(), numbers.data(), data.size());
  test::Shell doubles(zeros("d", numbers.size()));
  Set request;
  request.mutable_values()->set_typecode("d");
  request.mutable_values()->set_data(data);
  EXPECT_EQ(doubles.ask(request), "done");
  const test::Results results = doubles.run(1, Get());
  EXPECT_TRUE(results.at(0).outcome.shared_array_get_slice().values().data() == data);
}

TEST_F(SharedArrayTest, CountsTheBytesOfItsNumbers) {
  test::Shell doubles(zeros("d", 1000));
  EXPECT_GE(doubles.object().heap_bytes(), 8000U);
  EXPECT_LE(doubles.object().heap_bytes(), 8100U);
  EXPECT_EQ(doubles.object().length(), 1000U);
}

TEST_F(SharedArrayTest, AnEmptyArrayHasNoPlaces) {
  test::Shell empty(zeros("d", 0));
  EXPECT_EQ(empty.ask(v1::SharedArrayGetRequest()), "INDEX_ERROR");
  EXPECT_THAT(empty.ask(Get()), HasSubstr("\"d\""));
  EXPECT_EQ(empty.object().heap_bytes(), 0U);
}

TEST_F(SharedArrayTest, ItsLockIsPassedOnWhenTheOwnerEnds) {
  EXPECT_THAT(array.run(1, v1::RLockAcquireRequest()), ElementsAre(Done(1)));
  EXPECT_THAT(array.run(2, v1::RLockAcquireRequest()), IsEmpty());
  EXPECT_THAT(array.owner_gone(1), ElementsAre(Done(2)));
}

}  // namespace
}  // namespace mp::server
