#include "mp/internal/slice_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <sstream>
#include <string>

#include "mp/errors.h"
#include "tests/unit/objects/slice_table.h"

namespace mp::internal {
namespace {

// One part of "1:-2:3", as Python writes it.
std::optional<std::int64_t> part(std::istream& in) {
  std::string text;
  std::getline(in, text, ':');
  if (text.empty()) return std::nullopt;
  return std::stoll(text);
}

TEST(SliceRange, SelectsWhatPythonSelects) {
  for (const char* row : server::test::kGetSlices) {
    std::istringstream columns(row);
    std::size_t length = 0;
    std::string bounds;
    std::string expected;
    columns >> length >> bounds >> expected;
    std::istringstream parts(bounds);
    Slice slice;
    slice.start = part(parts);
    slice.stop = part(parts);
    slice.step = part(parts);
    const SliceRange range = resolve(slice, length);
    std::string selected;
    for (std::size_t i = 0; i < range.count; ++i) selected += std::to_string(range[i]);
    EXPECT_EQ(selected, expected) << row;
  }
}

TEST(SliceRange, HasNoStepOfZero) {
  EXPECT_THROW(static_cast<void>(resolve(slice(None, None, 0), 3)), ValueError);
}

TEST(PlaceOf, CountsANegativeIndexFromTheEnd) {
  EXPECT_EQ(place_of(0, 3), 0U);
  EXPECT_EQ(place_of(2, 3), 2U);
  EXPECT_EQ(place_of(-1, 3), 2U);
  EXPECT_EQ(place_of(-3, 3), 0U);
}

TEST(PlaceOf, RefusesAnIndexOutOfRange) {
  for (const std::int64_t index :
       {std::int64_t{3}, std::int64_t{-4}, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_THROW(static_cast<void>(place_of(index, 3)), IndexError) << index;
  }
  EXPECT_THROW(static_cast<void>(place_of(0, 0)), IndexError);
}

}  // namespace
}  // namespace mp::internal
