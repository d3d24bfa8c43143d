#include "mp/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "mp/any.h"
#include "mp/dict.h"
#include "mp/errors.h"
#include "tests/unit/client/wire_form.h"

namespace shop {

enum class Colour : std::uint8_t { kRed = 1, kBlue = 200 };

struct Empty {
  friend bool operator==(const Empty&, const Empty&) = default;
};

struct Item {
  std::string name;
  double price = 0;
  std::optional<Colour> colour;
  std::array<int, 2> size{};
  mp::Any note;
  friend bool operator==(const Item&, const Item&) = default;
};

struct Sixteen {
  int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p;
  friend bool operator==(const Sixteen&, const Sixteen&) = default;
};

// A type with a codec of its own.
class Celsius {
 public:
  explicit Celsius(double degrees) : degrees_(degrees) {}
  double degrees() const { return degrees_; }
  friend bool operator==(const Celsius&, const Celsius&) = default;

 private:
  double degrees_;
};

}  // namespace shop

template <>
struct mp::Codec<shop::Celsius> {
  template <class Sink>
  static void write(Sink& out, const shop::Celsius& value) {
    out.text(mp::repr(value.degrees()) + " C");
  }
  template <class Source>
  static shop::Celsius read(Source& in) {
    return shop::Celsius(std::stod(std::string(in.text())));
  }
};

namespace mp {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

// Over the wire, and through an mp::Any.
template <class T>
void expect_round_trip(const T& value) {
  EXPECT_EQ(decode<T>(bytes_of(value)), value) << repr(value);
  EXPECT_EQ(Any(value).as<T>(), value) << repr(value);
  EXPECT_EQ(decode<Any>(bytes_of(value)).template as<T>(), value) << repr(value);
  wire_form(value);
}

template <class T>
void expect_limits_round_trip() {
  expect_round_trip(std::numeric_limits<T>::min());
  expect_round_trip(std::numeric_limits<T>::max());
  expect_round_trip(T{0});
}

TEST(CodecTest, NumbersComeBack) {
  expect_limits_round_trip<std::int8_t>();
  expect_limits_round_trip<std::uint8_t>();
  expect_limits_round_trip<std::int16_t>();
  expect_limits_round_trip<std::uint16_t>();
  expect_limits_round_trip<std::int32_t>();
  expect_limits_round_trip<std::uint32_t>();
  expect_limits_round_trip<std::int64_t>();
  expect_limits_round_trip<std::uint64_t>();
  expect_limits_round_trip<long>();
  expect_limits_round_trip<unsigned long long>();
  expect_limits_round_trip<double>();
  expect_limits_round_trip<float>();
  expect_round_trip(true);
  expect_round_trip(false);
  expect_round_trip('x');
  expect_round_trip(shop::Colour::kBlue);
}

TEST(CodecTest, TextBytesAndNoneComeBack) {
  expect_round_trip(std::string("caf\u00e9"));
  expect_round_trip(std::string());
  expect_round_trip(Bytes{0, 1, 255});
  expect_round_trip(Bytes());
  expect_round_trip(None);
  expect_round_trip(std::monostate());
}

TEST(CodecTest, ContainersComeBack) {
  expect_round_trip(std::vector<int>{1, 2, 3});
  expect_round_trip(std::vector<bool>{true, false});
  expect_round_trip(std::vector<std::string>{"a", ""});
  expect_round_trip(std::deque<int>{1});
  expect_round_trip(std::list<double>{0.5});
  expect_round_trip(std::array<int, 3>{1, 2, 3});
  expect_round_trip(std::array<std::string, 0>{});
  expect_round_trip(std::set<int>{3, 1});
  expect_round_trip(std::unordered_set<std::string>{"a", "b"});
  expect_round_trip(std::map<int, std::string>{{1, "a"}});
  expect_round_trip(std::unordered_map<std::string, int>{{"a", 1}});
  expect_round_trip(std::map<std::tuple<int, std::string>, std::vector<int>>{{{1, "a"}, {2}}});
  expect_round_trip(Dict<std::string, int>{{"b", 1}, {"a", 2}});
}

TEST(CodecTest, BytesOfTheStandardLibraryAreBytes) {
  expect_round_trip(std::vector<std::byte>{std::byte{1}, std::byte{255}});
  expect_round_trip(std::vector<unsigned char>{1, 255});
  expect_round_trip(std::array<std::byte, 2>{});
  EXPECT_EQ(wire_form(std::vector<unsigned char>{65}), "bytes: \"A\"");
  EXPECT_EQ((Any::list({1, 2}).as<std::vector<unsigned char>>()),
            (std::vector<unsigned char>{1, 2}));
}

TEST(CodecTest, TuplesOptionalsAndVariantsComeBack) {
  expect_round_trip(std::tuple(1, std::string("a"), 0.5));
  expect_round_trip(std::tuple<>());
  expect_round_trip(std::pair(1, std::string("a")));
  expect_round_trip(std::optional<int>(3));
  expect_round_trip(std::optional<int>());
  using Choice = std::variant<int, double, std::string, std::vector<int>>;
  expect_round_trip(Choice(1));
  expect_round_trip(Choice(1.0));
  expect_round_trip(Choice("a"));
  expect_round_trip(Choice(std::vector<int>{1}));
}

TEST(CodecTest, AChoiceThatItsKindTellsIsLegible) {
  EXPECT_EQ(wire_form(std::optional<int>()), "none: NONE");
  EXPECT_EQ(wire_form(std::optional<int>(3)), "int: 3");
  EXPECT_EQ(wire_form(std::variant<int, std::string>("a")), "str: \"a\"");
  EXPECT_EQ((from_wire_form<std::variant<double, std::string>>("int: 3")),
            (std::variant<double, std::string>(3.0)));
}

TEST(CodecTest, AChoiceThatItsKindDoesNotTellComesBackAllTheSame) {
  using Inner = std::optional<int>;
  expect_round_trip(std::optional<Inner>());
  expect_round_trip(std::optional<Inner>(Inner()));
  expect_round_trip(std::optional<Inner>(Inner(3)));
  expect_round_trip(std::optional<Any>(Any()));
  using Choice = std::variant<std::int8_t, std::int64_t, std::vector<int>, std::vector<double>>;
  expect_round_trip(Choice(std::int8_t{1}));
  expect_round_trip(Choice(std::int64_t{1}));
  expect_round_trip(Choice(std::vector<int>{1}));
  expect_round_trip(Choice(std::vector<double>{}));
  expect_round_trip(std::variant<shop::Celsius, int>(shop::Celsius(3)));
  EXPECT_THROW((Any::tuple({9, 1}).as<Choice>()), TypeError);
  EXPECT_THROW((Any::tuple({0, 1, 2}).as<Choice>()), TypeError);
}

TEST(CodecTest, DurationsAndTimesComeBack) {
  expect_round_trip(std::chrono::nanoseconds(-5));
  expect_round_trip(250ms);
  expect_round_trip(std::chrono::hours(24 * 365 * 200));
  expect_round_trip(std::chrono::duration<double>(0.25));
  expect_round_trip(std::chrono::duration<float, std::milli>(2.5F));
  expect_round_trip(
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()));
}

TEST(CodecTest, DurationsOfDifferentUnitsAgree) {
  EXPECT_EQ(wire_form(1ms), "int: 1000000");
  EXPECT_EQ(wire_form(1.5s), "float: 1.5");
  EXPECT_EQ(Any(2s).as<std::chrono::milliseconds>(), 2000ms);
  EXPECT_EQ(Any(1.5s).as<std::chrono::milliseconds>(), 1500ms);
  EXPECT_EQ(Any(250ms).as<std::chrono::duration<double>>().count(), 0.25);
  EXPECT_THROW(Any(1ms).as<std::chrono::seconds>(), ValueError);
  EXPECT_THROW(Any(std::chrono::hours::max()), ValueError);
  EXPECT_THROW(Any(1e300).as<std::chrono::seconds>(), ValueError);
}

TEST(CodecTest, PlainStructsAreTuplesOfTheirFields) {
  const shop::Item item{"lamp", 9.5, shop::Colour::kRed, {2, 3}, None};
  expect_round_trip(item);
  expect_round_trip(std::vector{item, item});
  expect_round_trip(shop::Empty());
  expect_round_trip(shop::Sixteen{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  EXPECT_EQ(repr(item), "('lamp', 9.5, 1, [2, 3], None)");
  EXPECT_THROW(Any::tuple({"lamp"}).as<shop::Item>(), TypeError);
}

TEST(CodecTest, ACodecOfOnesOwnIsUsedEverywhere) {
  expect_round_trip(shop::Celsius(21.5));
  expect_round_trip(std::vector{shop::Celsius(1)});
  expect_round_trip(std::optional<shop::Celsius>());
  EXPECT_EQ(wire_form(shop::Celsius(21.5)), "str: \"21.5 C\"");
}

TEST(CodecTest, ViewsCanBeWritten) {
  const std::vector<int> numbers{1, 2};
  EXPECT_EQ(bytes_of(std::span(numbers)), bytes_of(numbers));
  EXPECT_EQ(bytes_of(std::string_view("a")), bytes_of(std::string("a")));
  EXPECT_EQ(bytes_of("a"), bytes_of(std::string("a")));
}

TEST(CodecTest, SequencesAreReadFromWhateverHoldsItems) {
  EXPECT_EQ(from_wire_form<std::vector<int>>("tuple { items { int: 1 } }"), std::vector<int>{1});
  EXPECT_EQ(from_wire_form<std::set<int>>("list { items { int: 1 } items { int: 1 } }"),
            std::set<int>{1});
  EXPECT_EQ(
      from_wire_form<std::vector<int>>("array { typecode: 'h' data: '\\x01\\x00\\xff\\xff' }"),
      (std::vector<int>{1, -1}));
  EXPECT_EQ(from_wire_form<std::vector<double>>("array { typecode: 'B' data: '\\x02' }"),
            std::vector<double>{2.0});
  EXPECT_EQ(from_wire_form<std::vector<int>>(
                "array { typecode: 'l' data: '\\x07\\0\\0\\0\\0\\0\\0\\0' }"),
            std::vector<int>{7});
  EXPECT_EQ(from_wire_form<std::vector<int>>("array { typecode: '?' data: '\\x01\\0' }"),
            (std::vector<int>{1, 0}));
}

TEST(CodecTest, PackedArraysAreChecked) {
  EXPECT_THROW(from_wire_form<std::vector<int>>("array { typecode: 'h' data: 'abc' }"), ValueError);
  EXPECT_THROW(from_wire_form<std::vector<int>>("array { typecode: 'x' data: 'ab' }"), RemoteError);
  EXPECT_THROW(from_wire_form<std::vector<std::int8_t>>("array { typecode: 'B' data: '\\xff' }"),
               ValueError);
  EXPECT_THROW(from_wire_form<std::vector<int>>("array { typecode: 'f' data: 'abcd' }"), TypeError);
}

TEST(CodecTest, WhatDoesNotFitIsAValueError) {
  EXPECT_THAT([] { from_wire_form<std::uint8_t>("int: 256"); },
              ThrowsMessage<ValueError>("256 does not fit uint8 (0 to 255)"));
  EXPECT_THROW(from_wire_form<std::int64_t>("uint: 9223372036854775808"), ValueError);
  EXPECT_THROW(from_wire_form<unsigned>("int: -1"), ValueError);
  EXPECT_THROW(from_wire_form<float>("float: 1e300"), ValueError);
  EXPECT_THROW(from_wire_form<char>("str: 'ab'"), ValueError);
}

TEST(CodecTest, WhatIsOfAnotherKindIsATypeError) {
  EXPECT_THAT([] { from_wire_form<int>("str: '1'"); },
              ThrowsMessage<TypeError>("expected int, found str"));
  EXPECT_THAT([] { (from_wire_form<std::map<int, int>>("list { }")); },
              ThrowsMessage<TypeError>("expected dict, found list"));
  EXPECT_THROW(from_wire_form<int>("bool: true"), TypeError);
  EXPECT_THROW(from_wire_form<int>("float: 1"), TypeError);
  EXPECT_THROW(from_wire_form<bool>("int: 1"), TypeError);
  EXPECT_THROW(from_wire_form<std::string>("bytes: 'a'"), TypeError);
  EXPECT_THROW(from_wire_form<Bytes>("str: 'a'"), TypeError);
  EXPECT_THROW(from_wire_form<NoneType>("int: 0"), TypeError);
  EXPECT_THROW((from_wire_form<std::array<int, 2>>("list { items { int: 1 } }")), TypeError);
  EXPECT_THROW((from_wire_form<std::variant<int, std::string>>("list { }")), TypeError);
}

}  // namespace
}  // namespace mp
