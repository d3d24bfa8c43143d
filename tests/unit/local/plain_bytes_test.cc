#include "mp/internal/plain_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "mp/any.h"
#include "mp/errors.h"
#include "mp/internal/reference_travel.h"

namespace shop {

enum class Colour : std::uint8_t { kRed = 1, kBlue = 200 };

struct Task {
  std::string name;
  std::vector<double> weights;
  std::optional<int> retries;
  friend bool operator==(const Task&, const Task&) = default;
};
MP_RECORD(Task, name, weights, retries)

struct Pair {
  int first;
  std::map<std::string, Task> second;
  friend bool operator==(const Pair&, const Pair&) = default;
};

}  // namespace shop

namespace mp::internal {
namespace {

using shop::Colour;
using shop::Pair;
using shop::Task;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

template <class T>
std::string described(const T& value) {
  std::string bytes;
  write_value(bytes, value);
  return bytes;
}

template <class T>
std::string plain(const T& value) {
  std::string bytes;
  write_plain(bytes, value);
  return bytes;
}

template <class T>
void expect_round_trip(const T& value) {
  EXPECT_EQ(read_value<T>(described(value)), value) << repr(value);
  EXPECT_EQ(read_plain<T>(plain(value)), value) << repr(value);
}

const Task kTask{"train", {0.5, 1.5}, 3};

Any one_of_each_kind() {
  return Any{1,
             "two",
             None,
             2.5,
             true,
             Bytes("b"),
             Any::dict({{"k", Any::set({1})}}),
             ObjectRef(3, "dict"),
             Any::Array{'b', Bytes("abc")},
             Any::Record{"R", {{"x", 1}, {"y", Any::tuple({2})}}, {}},
             Any::Record{"F", {}, Bytes("data")}};
}

TEST(PlainBytes, EveryWholeNumberComesBack) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{7}, std::int64_t{-7}, std::int64_t{8}, std::int64_t{-8},
        Limits::max(), Limits::min()}) {
    expect_round_trip(number);
    expect_round_trip(Any(number));
  }
  expect_round_trip(std::numeric_limits<std::uint64_t>::max());
  for (int bit = 0; bit < 64; ++bit) expect_round_trip(std::uint64_t{1} << bit);
}

TEST(PlainBytes, EveryScalarComesBack) {
  expect_round_trip(true);
  expect_round_trip(false);
  expect_round_trip('x');
  expect_round_trip(2.5);
  expect_round_trip(-0.25F);
  expect_round_trip(std::numeric_limits<double>::infinity());
  expect_round_trip(Colour::kBlue);
  expect_round_trip(None);
  expect_round_trip(std::chrono::milliseconds(5));
}

TEST(PlainBytes, TextAndBytesOfAnySizeComeBack) {
  for (const std::size_t size : {0U, 1U, 14U, 15U, 127U, 128U, 70'000U}) {
    expect_round_trip(std::string(size, 'x'));
    expect_round_trip(Bytes(std::string(size, '\0')));
  }
}

TEST(PlainBytes, ContainersComeBack) {
  expect_round_trip(std::vector<int>{});
  expect_round_trip(std::vector<std::string>{"a", "", "c"});
  expect_round_trip(std::vector<std::tuple<int, std::string>>{{1, "a"}, {2, "b"}});
  expect_round_trip(std::deque<bool>{true, false});
  expect_round_trip(std::array<std::string, 2>{"a", "b"});
  expect_round_trip(std::map<int, std::set<int>>{{1, {2, 3}}, {4, {}}});
  expect_round_trip(std::pair<int, std::vector<std::vector<double>>>{1, {{0.5}, {}}});
}

TEST(PlainBytes, NumbersInOnePieceComeBack) {
  expect_round_trip(std::vector<double>{1.5, -2.5});
  expect_round_trip(std::vector<std::int16_t>{-1, 0, 32'767});
  expect_round_trip(std::vector<std::uint64_t>{0, std::numeric_limits<std::uint64_t>::max()});
  expect_round_trip(std::vector<unsigned char>{0, 255});
  expect_round_trip(std::array<float, 3>{1, 2, 3});
  expect_round_trip(std::vector<std::array<int, 2>>{{1, 2}, {3, 4}});
}

TEST(PlainBytes, OptionalsAndVariantsComeBack) {
  expect_round_trip(std::optional<int>());
  expect_round_trip(std::optional<std::optional<int>>(std::optional<int>()));
  expect_round_trip(std::variant<int, std::string>("a"));
  expect_round_trip(std::variant<int, std::int64_t, Task>(kTask));
}

TEST(PlainBytes, StructsComeBack) {
  expect_round_trip(kTask);
  expect_round_trip(Pair{1, {{"t", kTask}}});
}

TEST(PlainBytes, AnAnyOfEveryKindComesBack) { expect_round_trip(one_of_each_kind()); }

TEST(PlainBytes, WhatWasWrittenAsOneTypeCanBeReadAsAnother) {
  EXPECT_EQ(read_value<double>(described(3)), 3.0);
  EXPECT_EQ(read_value<std::int64_t>(described(std::uint8_t{200})), 200);
  EXPECT_EQ(read_value<Any>(described(std::vector<int>{1, -2})), (Any{1, -2}));
  EXPECT_EQ(read_value<std::vector<double>>(described(std::vector<int>{1, 2})),
            (std::vector<double>{1, 2}));
  EXPECT_EQ(read_value<std::set<long>>(described(std::array<short, 2>{1, 2})),
            (std::set<long>{1, 2}));
  EXPECT_EQ(read_value<std::vector<int>>(described(Any{1, 2})), (std::vector<int>{1, 2}));
}

TEST(PlainBytes, ANumberThatDoesNotFitIsAnError) {
  EXPECT_THROW(read_value<std::int8_t>(described(300)), ValueError);
  EXPECT_THROW(read_value<std::vector<std::int8_t>>(described(std::vector<int>{300})), ValueError);
}

TEST(PlainBytes, AnotherKindIsATypeError) {
  EXPECT_THAT([] { read_value<int>(described("text")); },
              ThrowsMessage<TypeError>(HasSubstr("expected int, found str")));
  EXPECT_THROW(read_value<std::string>(described(std::vector<int>{1})), TypeError);
}

TEST(PlainBytes, SmallValuesAreShort) {
  EXPECT_THAT(described(7), SizeIs(1));
  EXPECT_THAT(described(None), SizeIs(1));
  EXPECT_THAT(described("hello"), SizeIs(6));
  EXPECT_THAT(described(std::tuple(1, "ab")), SizeIs(5));
}

TEST(PlainBytes, AValueOfAKnownTypeIsItsMemory) {
  EXPECT_THAT(plain(std::int64_t{1}), SizeIs(8));
  EXPECT_THAT(plain(Colour::kRed), SizeIs(1));
  EXPECT_EQ(plain(std::string("text")), "text");
  EXPECT_THAT(plain(std::vector<double>(1000)), SizeIs(8000));
}

TEST(PlainBytes, BytesOfAnotherLengthAreNoNumber) {
  EXPECT_THROW(read_plain<int>("abc"), ValueError);
  EXPECT_THROW(read_plain<std::vector<int>>("abcde"), ValueError);
}

TEST(PlainBytes, EveryTruncationIsAnError) {
  const std::string bytes = described(std::pair(one_of_each_kind(), kTask));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW((read_value<std::pair<Any, Task>>(bytes.substr(0, size))), ValueError) << size;
  }
}

TEST(PlainBytes, WhatFollowsTheValueIsAnError) {
  EXPECT_THAT([] { read_value<int>(described(1) + "x"); },
              ThrowsMessage<ValueError>(HasSubstr("1 bytes are left after it")));
}

TEST(PlainBytes, ACountBeyondTheBytesIsAnErrorBeforeAnyWork) {
  std::string bytes = described(std::vector<std::string>(15, "x"));
  bytes.replace(1, 1, "\xff\xff\xff\xff\xff\xff\xff\x7f");
  EXPECT_THROW(read_value<std::vector<std::string>>(bytes), ValueError);
  EXPECT_THROW(read_value<Any>(std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")),
               ValueError);
}

// What a reader makes of damaged bytes: a value, or an error of the library, and nothing else.
TEST(PlainBytes, DamagedBytesAreReadOrRefused) {
  std::mt19937 random(4711);
  const std::string good = described(std::pair(one_of_each_kind(), std::vector<int>{1, 2, 3}));
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (int hits = 0; hits < 3; ++hits)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    try {
      static_cast<void>(read_value<Any>(bytes));
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

Any nested(int levels) {
  Any value = 1;
  for (int i = 0; i < levels; ++i) value = Any::list({value});
  return value;
}

TEST(PlainBytes, NestingIsLimited) {
  expect_round_trip(nested(kMaxPlainDepth));
  EXPECT_THROW(described(nested(kMaxPlainDepth + 1)), LimitExceeded);
  const std::string deep(kMaxPlainDepth + 1, '\x18');  // lists of one item
  EXPECT_THAT([&] { read_value<Any>(deep + '\x02'); },
              ThrowsMessage<ValueError>(HasSubstr("nested more than 100 levels deep")));
}

class ReferencesOnTheirWay : public testing::Test {
 protected:
  ~ReferencesOnTheirWay() override { set_reference_travel(nullptr); }
};

TEST_F(ReferencesOnTheirWay, AreIdsWhereNobodyKnowsTheManager) {
  const auto ref = read_value<ObjectRef>(described(ObjectRef(1ULL << 40U, "dict")));
  EXPECT_EQ(ref.id(), 1ULL << 40U);
  EXPECT_EQ(ref.kind(), "dict");
  EXPECT_EQ(ref.object(), nullptr);
}

// Stands for a handle; nobody looks into it.
std::shared_ptr<const RemoteObject> handle() {
  static const auto target = std::make_shared<int>();
  return {target, reinterpret_cast<const RemoteObject*>(target.get())};
}

TEST_F(ReferencesOnTheirWay, TakeAlongWhatResolvesThem) {
  static constexpr ReferenceTravel kTravel{
      .origin_of = [](const RemoteObject& object) -> std::string {
        return &object == handle().get() ? "the manager's address" : "";
      },
      .resolve =
          [](std::uint64_t id, std::string_view kind, std::string_view origin) {
            return id == 3 && kind == "dict" && origin == "the manager's address" ? handle()
                                                                                  : nullptr;
          }};
  set_reference_travel(&kTravel);
  EXPECT_EQ(read_value<ObjectRef>(described(ObjectRef(3, "dict", handle()))).object(), handle());
}

}  // namespace
}  // namespace mp::internal
