#include "mp/repr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "mp/any.h"
#include "mp/codec.h"
#include "mp/none.h"

namespace mp {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The tables hold what Python 3.11 prints.

struct FloatCase {
  double value;
  const char* expected;
};

// clang-format off
const FloatCase kFloats[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {-1.0, "-1.0"},
    {0.25, "0.25"},
    {0.1, "0.1"},
    {0.30000000000000004, "0.30000000000000004"},
    {0.3333333333333333, "0.3333333333333333"},
    {0.6666666666666666, "0.6666666666666666"},
    {100.0, "100.0"},
    {1234567.0, "1234567.0"},
    {123456789012345.0, "123456789012345.0"},
    {1234567890123456.0, "1234567890123456.0"},
    {9999999999999998.0, "9999999999999998.0"},
    {1000000000000000.0, "1000000000000000.0"},
    {1e+16, "1e+16"},
    {1.5e+16, "1.5e+16"},
    {1.2345678901234568e+16, "1.2345678901234568e+16"},
    {1e+17, "1e+17"},
    {1e+21, "1e+21"},
    {1e+22, "1e+22"},
    {1e+23, "1e+23"},
    {1e+100, "1e+100"},
    {1.7976931348623157e+308, "1.7976931348623157e+308"},
    {5e-324, "5e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {0.001, "0.001"},
    {0.0001, "0.0001"},
    {0.00012345, "0.00012345"},
    {1e-05, "1e-05"},
    {1e-05, "1e-05"},
    {1.5e-07, "1.5e-07"},
    {123.456, "123.456"},
    {3.1415927, "3.1415927"},
    {3.141592653589793, "3.141592653589793"},
    {-2.5e-10, "-2.5e-10"},
    {9007199254740992.0, "9007199254740992.0"},
    {9.223372036854776e+18, "9.223372036854776e+18"},
    {1.8446744073709552e+19, "1.8446744073709552e+19"},
    {kInf, "inf"},
    {-kInf, "-inf"},
    {kNan, "nan"},
    {0.0001, "0.0001"},
    {9.999e-05, "9.999e-05"},
    {4.35, "4.35"},
    {0.5, "0.5"},
    {100.0, "100.0"},
};

struct TextCase {
  const char* data;
  std::size_t size;
  const char* expected;
};

const TextCase kTexts[] = {
    {"", 0, "''"},
    {"a", 1, "'a'"},
    {"it's", 4, "\"it's\""},
    {"say \"hi\"", 8, "'say \"hi\"'"},
    {"both ' and \"", 12, "'both \\' and \"'"},
    {"back\\slash", 10, "'back\\\\slash'"},
    {"tab\011 nl\012 cr\015", 12, "'tab\\t nl\\n cr\\r'"},
    {"\000\001\037\177", 4, "'\\x00\\x01\\x1f\\x7f'"},
    {"caf\303\251", 5, "'caf\303\251'"},
    {"\344\275\240\345\245\275", 6, "'\344\275\240\345\245\275'"},
    {"\360\237\230\200", 4, "'\360\237\230\200'"},
    {"\302\240", 2, "'\\xa0'"},
    {"\302\255", 2, "'\\xad'"},
    {"\342\200\213", 3, "'\\u200b'"},
    {"\342\200\250", 3, "'\\u2028'"},
    {"\356\200\200", 3, "'\\ue000'"},
    {"\357\273\277", 3, "'\\ufeff'"},
    {"\363\240\200\201", 4, "'\\U000e0001'"},
    {"\302\205", 2, "'\\x85'"},
    {"\343\200\200", 3, "'\\u3000'"},
    {"e\314\201", 3, "'e\314\201'"},
    {"\341\232\200", 3, "'\\u1680'"},
    {"\364\217\277\277", 4, "'\\U0010ffff'"},
    {"\357\277\276", 3, "'\\ufffe'"},
    {"\302\241", 2, "'\302\241'"},
    {"\303\277", 2, "'\303\277'"},
    {"\360\237\221\250\342\200\215\360\237\221\251", 11, "'\360\237\221\250\\u200d\360\237\221\251'"},
    {"\330\234", 2, "'\\u061c'"},
    {"\330\200", 2, "'\\u0600'"},
    {"\342\200\256", 3, "'\\u202e'"},
    {"\342\201\240", 3, "'\\u2060'"},
    {"\357\277\275", 3, "'\357\277\275'"},
    {"\357\277\271", 3, "'\\ufff9'"},
    {"\360\235\205\263", 4, "'\\U0001d173'"},
    {"\363\260\200\200", 4, "'\\U000f0000'"},
    {"'", 1, "\"'\""},
    {"\"", 1, "'\"'"},
    {"'\\'", 3, "\"'\\\\'\""},
    {"\033[0m", 4, "'\\x1b[0m'"},
};

const TextCase kBytes[] = {
    {"", 0, "b''"},
    {"abc", 3, "b'abc'"},
    {"it's", 4, "b\"it's\""},
    {"\"", 1, "b'\"'"},
    {"'\"", 2, "b'\\'\"'"},
    {"\\", 1, "b'\\\\'"},
    {"\000\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021\022\023\024\025\026\027\030\031\032\033\034\035\036\037 !\"#$%&'", 40, "b'\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\t\\n\\x0b\\x0c\\r\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f !\"#$%&\\''"},
    {"xyz{|}~\177\200\201\202\203\204\205\206\207\210\211\212\213", 20, "b'xyz{|}~\\x7f\\x80\\x81\\x82\\x83\\x84\\x85\\x86\\x87\\x88\\x89\\x8a\\x8b'"},
    {"\377\376", 2, "b'\\xff\\xfe'"},
    {"\011\012\015\013\014", 5, "b'\\t\\n\\r\\x0b\\x0c'"},
    {"\000", 1, "b'\\x00'"},
};
// clang-format on

TEST(ReprTest, FloatsAreThoseOfPython) {
  for (const auto& [value, expected] : kFloats) EXPECT_EQ(repr(value), expected);
}

TEST(ReprTest, StringsAreQuotedAndEscapedAsByPython) {
  for (const auto& [data, size, expected] : kTexts) {
    EXPECT_EQ(repr(std::string(data, size)), expected);
  }
}

TEST(ReprTest, BytesAreThoseOfPython) {
  for (const auto& [data, size, expected] : kBytes) {
    EXPECT_EQ(repr(Bytes(std::string(data, size))), expected);
  }
}

TEST(ReprTest, TextThatIsNotUtf8IsShownByteForByte) {
  EXPECT_EQ(repr(std::string("a\xff"
                             "b")),
            "'a\\udcffb'");
}

TEST(ReprTest, TheDictOfTheManual) {
  Any::Dict d;
  d[1] = "1";
  d["2"] = 2;
  d[0.25] = None;
  EXPECT_EQ(repr(d), "{1: '1', '2': 2, 0.25: None}");
}

TEST(ReprTest, ContainersAreThoseOfPython) {
  EXPECT_EQ(repr(std::vector<int>{1, 4, 9}), "[1, 4, 9]");
  EXPECT_EQ(repr(std::vector<int>{}), "[]");
  EXPECT_EQ(repr(std::tuple(1)), "(1,)");
  EXPECT_EQ(repr(std::tuple<>()), "()");
  EXPECT_EQ(repr(std::tuple(1, "a", true)), "(1, 'a', True)");
  EXPECT_EQ(repr(std::set<int>{2, 1}), "{1, 2}");
  EXPECT_EQ(repr(std::set<int>{}), "set()");
  EXPECT_EQ(repr(std::map<std::string, int>{{"a", 1}, {"b", 2}}), "{'a': 1, 'b': 2}");
  EXPECT_EQ(repr(std::map<int, int>{}), "{}");
  EXPECT_EQ(repr(std::vector<std::vector<int>>{{1}, {}, {2, 3}}), "[[1], [], [2, 3]]");
  EXPECT_EQ(repr(std::vector<std::pair<std::string, int>>{{"num", 100}}), "[('num', 100)]");
}

TEST(ReprTest, NumbersAndNone) {
  EXPECT_EQ(repr(None), "None");
  EXPECT_EQ(repr(true), "True");
  EXPECT_EQ(repr(-5), "-5");
  EXPECT_EQ(repr(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(repr(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

TEST(ReprTest, PackedArraysAreThoseOfPython) {
  const double numbers[] = {1.0, 2.5};
  const Bytes data(std::as_bytes(std::span(numbers)));
  EXPECT_EQ(repr(Any(Any::Array{'d', data})), "array('d', [1.0, 2.5])");
  EXPECT_EQ(repr(Any(Any::Array{'i', Bytes()})), "array('i')");
}

TEST(ReprTest, RecordsLookLikeDataclasses) {
  const Any::Record point{"Point", {{"x", 1}, {"y", 2.5}}, {}};
  EXPECT_EQ(repr(Any(point)), "Point(x=1, y=2.5)");
  EXPECT_EQ(repr(Any(Any::Record{"Blob", {}, Bytes("ab")})), "Blob(b'ab')");
  EXPECT_EQ(repr(Any::list({point, point})), "[Point(x=1, y=2.5), Point(x=1, y=2.5)]");
}

TEST(ReprTest, AReferenceLooksLikePythonsProxy) {
  EXPECT_EQ(repr(ObjectRef(255, "dict")), "<DictProxy object, typeid 'dict' at 0xff>");
}

TEST(ReprTest, StrLeavesTextAlone) {
  EXPECT_EQ(str("it's"), "it's");
  EXPECT_EQ(str(Any("it's")), "it's");
  EXPECT_EQ(str(Any::list({"a"})), "['a']");
  EXPECT_EQ(str(2.0), "2.0");
}

TEST(ReprTest, AnyAndBytesAndDictGoIntoStreams) {
  std::ostringstream out;
  out << Any{1, "two", None} << ' ' << Bytes{1, 'a'} << ' ' << Dict<int, int>{{1, 2}};
  EXPECT_EQ(out.str(), "[1, 'two', None] b'\\x01a' {1: 2}");
}

}  // namespace
}  // namespace mp
