#include "mp/local/shareable_list.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "mp/errors.h"
#include "mp/range.h"
#include "mp/repr.h"
#include "tests/unit/local/named_memory_fixture.h"

// Lists in named shared memory, in one process.

namespace mp::test {
namespace {

using namespace std::string_literals;

class AShareableList : private NamesAreGone, public testing::Test {
 protected:
  // That of CPython's test.
  const ShareableList list = ShareableList::create(
      {"howdy", Bytes("HoWdY"), -273.154, 100, None, true, 42}, own_name("list"));
};

TEST_F(AShareableList, HasItsItemsFromBothEnds) {
  EXPECT_EQ(list.size(), 7U);
  EXPECT_EQ(list[0], "howdy");
  EXPECT_EQ(list[1], Bytes("HoWdY"));
  EXPECT_EQ(list[-5], -273.154);
  EXPECT_EQ(list[3], 100);
  EXPECT_TRUE(list[4].value().is_none());
  EXPECT_TRUE(list[5].value().get_if<bool>() != nullptr);
  EXPECT_EQ(list[-1].as<int>(), 42);
}

TEST_F(AShareableList, HasNoItemBeyondItsEnds) {
  EXPECT_THROW(list.at(7), IndexError);
  EXPECT_THROW(list.at(-8), IndexError);
  EXPECT_THROW(list.set(7, 1), IndexError);
  EXPECT_THROW((list[-8] = 1), IndexError);
}

TEST_F(AShareableList, ChangesTypesWithinASlot) {
  list[3] = 42;
  EXPECT_EQ(list[3], 42);
  list[4] = "some";
  EXPECT_EQ(list[4], "some");
  list[0] = 2.5;
  EXPECT_EQ(list[0], 2.5);
  list[0] = "\xc3\xa9t\xc3\xa9";
  EXPECT_EQ(list[0], "\xc3\xa9t\xc3\xa9");
  list[5] = None;
  EXPECT_TRUE(list.at(5).is_none());
  list[1] = list[2];
  EXPECT_EQ(list[1], -273.154);
}

TEST_F(AShareableList, RefusesWhatExceedsTheSlotAndKeepsTheItem) {
  EXPECT_THROW(list.set(4, "far too many"), ValueError);
  EXPECT_THROW(list.set(0, std::string(9, 'x')), ValueError);
  EXPECT_TRUE(list.at(4).is_none());
  EXPECT_EQ(list[0], "howdy");
  list.set(0, std::string(8, 'x'));
  EXPECT_EQ(list[0], "xxxxxxxx");
}

TEST_F(AShareableList, RefusesTypesThatItCannotHold) {
  EXPECT_THROW(list.set(0, Any::list({1})), TypeError);
  EXPECT_THROW(list.set(0, std::numeric_limits<std::uint64_t>::max()), OverflowError);
  EXPECT_THROW(list.set(0, "\xff"), ValueError);
  EXPECT_THROW(ShareableList::create({Any::dict({})}), TypeError);
  EXPECT_EQ(list[0], "howdy");
}

TEST_F(AShareableList, HasPythonsFormat) {
  EXPECT_EQ(list.format(), "8s8sdqxxxxxx?xxxxxxxx?q");
  list[0] = 1;
  list[4] = Bytes("x");
  EXPECT_EQ(list.format(), "q8sdq8sxxxxxxx?q");
}

TEST_F(AShareableList, CountsAndFindsAsPythonDoes) {
  EXPECT_EQ(list.count(42), 1U);
  EXPECT_EQ(list.count("howdy"), 1U);
  EXPECT_EQ(list.count("adios"), 0U);
  EXPECT_EQ(list.count(1), 1U);  // True
  EXPECT_EQ(list.index(100.0), 3U);
  EXPECT_THROW(list.index(-1), ValueError);
  EXPECT_TRUE(list.contains(None));
}

TEST_F(AShareableList, IsTheSameUnderItsName) {
  const auto also = ShareableList::attach(own_name("list"));
  EXPECT_EQ(also.to_vector(), list.to_vector());
  also[-1] = 43;
  EXPECT_EQ(list[-1], 43);
  EXPECT_TRUE(list.shm().is_owner());
  EXPECT_FALSE(also.shm().is_owner());
}

TEST_F(AShareableList, IsCopiedIntoANewOne) {
  const auto copy = ShareableList::create(list, own_name("copy"));
  list[-1] = 0;
  EXPECT_EQ(copy[-1], 42);
  EXPECT_EQ(copy.format(), list.format());
}

TEST_F(AShareableList, IsMadeOfAnyRange) {
  const auto numbers = ShareableList::create(std::vector<int>{5, 6, 7});
  EXPECT_EQ(numbers.to_vector(), (Any::List{5, 6, 7}));
  EXPECT_EQ(ShareableList::create(mp::range(4))[-1], 3);
  EXPECT_EQ(ShareableList::create({8}).size(), 1U);
  const auto empty = ShareableList::create({});
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.format(), "");
}

TEST_F(AShareableList, KeepsZerosAtTheEnd) {
  const auto text = "with zeros\0\0"s;
  const auto zeros = ShareableList::create({text, Bytes(text), Bytes("\0"s), "\0"s, "", Bytes()},
                                           own_name("zeros"));
  EXPECT_EQ(zeros[0], text);
  EXPECT_EQ(zeros[1], Bytes(text));
  EXPECT_EQ(zeros[2], Bytes("\0"s));
  EXPECT_EQ(zeros[3], "\0"s);
  EXPECT_EQ(zeros[4], "");
  EXPECT_EQ(zeros[5], Bytes());
}

TEST_F(AShareableList, HasRoomForCharactersOfSeveralBytes) {
  std::string snowmen;
  for (int i = 0; i < 21; ++i) snowmen += "\xe2\x98\x83";
  const auto wide = ShareableList::create({snowmen, "ab"});
  EXPECT_EQ(wide[0], snowmen);
  EXPECT_EQ(wide[1], "ab");
  wide[0] = snowmen.substr(3) + "\xe2\x98\x84";
  EXPECT_EQ(wide[0], snowmen.substr(3) + "\xe2\x98\x84");
  EXPECT_EQ(wide[1], "ab");
}

TEST_F(AShareableList, HoldsExtremes) {
  const auto extremes = ShareableList::create({std::numeric_limits<std::int64_t>::min(),
                                               std::numeric_limits<std::int64_t>::max(),
                                               -std::numeric_limits<double>::infinity(), false});
  EXPECT_EQ(extremes[0].as<std::int64_t>(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(extremes[1].as<std::int64_t>(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(extremes[2].as<double>(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(extremes[3], false);
}

TEST_F(AShareableList, IsNotFoundInOtherMemory) {
  const auto small = SharedMemory::create(own_name("small"), 8);
  const auto large = SharedMemory::create(own_name("large"), 8192);
  EXPECT_THROW(ShareableList::attach(small.name()), TypeError);
  EXPECT_THROW(ShareableList::attach(large.name()), TypeError);
  EXPECT_THROW(ShareableList::attach(own_name("none")), NoSuchObject);
}

TEST_F(AShareableList, NoticesWhatWasWrittenOverIt) {
  std::ranges::fill(list.shm().buf(), std::byte{0xff});
  EXPECT_THROW(list.at(0), TypeError);
}

TEST_F(AShareableList, IsPrintedAsPythonsIs) {
  const auto two = ShareableList::create({1, "b"}, own_name("two"));
  EXPECT_EQ(str(two.to_vector()), "[1, 'b']");
  std::ostringstream out;
  out << two;
  EXPECT_EQ(out.str(), "ShareableList([1, 'b'], name='" + own_name("two") + "')");
}

TEST_F(AShareableList, IsClosedAndUnlinkedByItsMemory) {
  list.shm().close();
  EXPECT_THROW(list.at(0), ValueError);
  list.shm().unlink();
  EXPECT_FALSE(exists(own_name("list")));
}

}  // namespace
}  // namespace mp::test
