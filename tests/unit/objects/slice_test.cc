#include "server/objects/slice.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/unit/objects/harness.h"
#include "tests/unit/objects/slice_table.h"

// Slices of lists against what CPython answers. Items are texts of one character.

namespace mp::server {
namespace {

// "1:-2:3", as Python writes it.
v1::Slice slice(std::string_view text) {
  v1::Slice slice;
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), ':');
  if (!parts[0].empty()) slice.set_start(std::stoll(parts[0]));
  if (!parts[1].empty()) slice.set_stop(std::stoll(parts[1]));
  if (!parts[2].empty()) slice.set_step(std::stoll(parts[2]));
  return slice;
}

class SliceTest : public ::testing::Test {
 protected:
  static void add_all(std::string_view items, google::protobuf::RepeatedPtrField<v1::Value>* to) {
    for (const char item : items) to->Add()->set_str(std::string(1, item));
  }
  static test::Shell list_of(std::string_view items) {
    v1::ListCreateRequest request;
    add_all(items, request.mutable_values());
    return test::Shell(request);
  }
  static std::string digits(const std::string& length) {
    return std::string("0123456789").substr(0, std::stoul(length));
  }
  // ['a', 'b'] as "ab".
  static std::string plain(std::string text) {
    std::erase_if(text, [](char c) { return !absl::ascii_isalnum(static_cast<unsigned char>(c)); });
    return text;
  }
  static std::string items(test::Shell& list) { return plain(list.ask(v1::ListGetSliceRequest())); }
};

TEST_F(SliceTest, SelectsWhatPythonSelects) {
  for (const char* row : test::kGetSlices) {
    const std::vector<std::string> columns = absl::StrSplit(row, ' ');
    test::Shell list = list_of(digits(columns[0]));
    v1::ListGetSliceRequest request;
    *request.mutable_slice() = slice(columns[1]);
    EXPECT_EQ(plain(list.ask(request)), columns[2]) << row;
  }
}

TEST_F(SliceTest, DeletesWhatItSelects) {
  for (const char* row : test::kGetSlices) {
    const std::vector<std::string> columns = absl::StrSplit(row, ' ');
    std::string rest = digits(columns[0]);
    std::erase_if(rest, [&](char c) { return columns[2].find(c) != std::string::npos; });
    test::Shell list = list_of(digits(columns[0]));
    v1::ListDeleteSliceRequest request;
    *request.mutable_slice() = slice(columns[1]);
    EXPECT_EQ(list.ask(request), "done") << row;
    EXPECT_EQ(items(list), rest) << row;
  }
}

TEST_F(SliceTest, AssignsAsPythonDoes) {
  for (const char* row : test::kSetSlices) {
    const std::vector<std::string> columns = absl::StrSplit(row, ' ');
    test::Shell list = list_of(digits(columns[0]));
    v1::ListSetSliceRequest request;
    *request.mutable_slice() = slice(columns[1]);
    add_all(columns[2], request.mutable_values());
    const bool refused = columns[3] == "!";
    EXPECT_EQ(list.ask(request), refused ? "VALUE_ERROR" : "done") << row;
    EXPECT_EQ(items(list), refused ? digits(columns[0]) : columns[3]) << row;
  }
}

TEST_F(SliceTest, AStepOf0IsAValueError) {
  test::Shell list = list_of("abc");
  v1::ListGetSliceRequest get;
  v1::ListSetSliceRequest set;
  v1::ListDeleteSliceRequest erase;
  get.mutable_slice()->set_step(0);
  set.mutable_slice()->set_step(0);
  erase.mutable_slice()->set_step(0);
  EXPECT_EQ(list.ask(get), "VALUE_ERROR");
  EXPECT_EQ(list.ask(set), "VALUE_ERROR");
  EXPECT_EQ(list.ask(erase), "VALUE_ERROR");
  EXPECT_EQ(items(list), "abc");
}

TEST_F(SliceTest, AnAssignmentPastTheLimitChangesNothing) {
  test::Shell list = list_of("abc");
  list.limits.max_items = 4;
  v1::ListSetSliceRequest request;
  *request.mutable_slice() = slice("1:2:");
  add_all("xy", request.mutable_values());
  EXPECT_EQ(list.ask(request), "done");
  EXPECT_EQ(list.ask(request), "LIMIT_EXCEEDED");
  EXPECT_EQ(items(list), "axyc");
}

TEST_F(SliceTest, EverySelectedPlaceIsInsideTheList) {
  for (const std::int64_t start : {INT64_MIN, std::int64_t{-2}, std::int64_t{0}, INT64_MAX}) {
    for (const std::int64_t stop : {INT64_MIN, std::int64_t{-2}, std::int64_t{0}, INT64_MAX}) {
      for (const std::int64_t step : {INT64_MIN, std::int64_t{-1}, std::int64_t{1}, INT64_MAX}) {
        for (const std::size_t length : {0U, 1U, 5U}) {
          const auto range = resolve(slice(absl::StrCat(start, ":", stop, ":", step)), length);
          ASSERT_TRUE(range.ok());
          for (std::size_t i = 0; i < range->count; ++i) EXPECT_LT((*range)[i], length);
          if (range->is_stretch()) {
            EXPECT_LE((*range)[0] + range->count, length);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace mp::server
