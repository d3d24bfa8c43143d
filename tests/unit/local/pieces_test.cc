#include "mp/internal/pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mp/errors.h"

namespace mp::internal {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

// About the limits between short parts, long ones, and those that are referred to.
const std::vector<std::size_t> kSizes = {
    0, 1, 15, 16, 252, 253, 254, 255, 256, Pieces::kLarge - 1, Pieces::kLarge};

// Bytes that tell where they stand, and of which part they are.
std::string part_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + size);
  return bytes;
}

std::string written(const Pieces& pieces) {
  std::string bytes;
  pieces.append_to(bytes);
  return bytes;
}

std::vector<std::string> read_all(std::string_view body, std::size_t parts) {
  PartReader reader(body);
  std::vector<std::string> read;
  for (std::size_t i = 0; i < parts; ++i) read.emplace_back(reader.next().bytes);
  EXPECT_THROW(reader.next(), ValueError);
  return read;
}

std::vector<std::string> parts_of_all_sizes() {
  std::vector<std::string> parts;
  parts.reserve(kSizes.size());
  for (const std::size_t size : kSizes) parts.push_back(part_of(size));
  return parts;
}

TEST(PiecesOfATask, PartsOfEverySizeComeBackInTheirOrder) {
  const auto parts = parts_of_all_sizes();
  Pieces pieces;
  for (const std::string& part : parts) pieces.add_part(part);
  EXPECT_THAT(read_all(written(pieces), parts.size()), ElementsAreArray(parts));
}

TEST(PiecesOfATask, WhatIsReferredToIsReadAsWhatWasCopied) {
  const auto parts = parts_of_all_sizes();
  Pieces pieces;
  for (const std::string& part : parts) {
    pieces.add_part(part);
    pieces.refer_to_part(part);
  }
  const auto read = read_all(written(pieces), 2 * parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(read[2 * i], parts[i]);
    EXPECT_EQ(read[2 * i + 1], parts[i]);
  }
}

TEST(PiecesOfATask, WhatIsReferredToIsReadWhereItIsWhenAllIsWritten) {
  std::string part = part_of(Pieces::kLarge);
  Pieces pieces;
  pieces.refer_to_part(part);
  part[0] = '!';
  EXPECT_THAT(read_all(written(pieces), 1), ElementsAre(part));
}

TEST(PiecesOfATask, TheSizeIsThatOfWhatIsWritten) {
  Pieces pieces;
  EXPECT_EQ(pieces.size(), 0U);
  for (const std::string& part : parts_of_all_sizes()) {
    pieces.add_part(part);
    EXPECT_EQ(written(pieces).size(), pieces.size());
  }
  const std::string foreign = part_of(Pieces::kLarge);
  pieces.refer_to_part(foreign);
  EXPECT_EQ(written(pieces).size(), pieces.size());
}

TEST(PiecesOfATask, CopyingGivesTheSameBytesAsAppending) {
  const std::string foreign = part_of(Pieces::kLarge);
  Pieces pieces;
  pieces.add_part("short");
  pieces.refer_to_part(foreign);
  pieces.add_part(part_of(300));
  std::string copied(pieces.size(), '\0');
  pieces.copy_to(copied.data());
  EXPECT_EQ(copied, written(pieces));
}

TEST(PiecesOfATask, ShortPartsTakeOneByteMoreThanTheyHave) {
  for (const std::size_t size : {0U, 1U, 253U}) {
    Pieces pieces;
    pieces.add_part(part_of(size));
    EXPECT_EQ(pieces.size(), size + 1);
  }
}

TEST(PiecesOfATask, LongPartsBeginAtAMultipleOfTheAlignment) {
  for (std::size_t before = 0; before < 2 * kPartAlignment; ++before) {
    const std::string foreign = part_of(254);
    Pieces pieces;
    pieces.add_part(part_of(before));
    pieces.add_part(part_of(254));
    pieces.refer_to_part(foreign);
    const std::string body = written(pieces);
    PartReader reader(body);
    reader.next();
    for (int i = 0; i < 2; ++i) {
      const std::string_view part = reader.next().bytes;
      EXPECT_EQ(static_cast<std::size_t>(part.data() - body.data()) % kPartAlignment, 0U) << before;
      EXPECT_EQ(part, foreign);
    }
  }
}

TEST(PiecesOfATask, ErrorsAreToldFromValues) {
  Pieces pieces;
  pieces.add_part("value");
  pieces.mark_error();
  pieces.add_part("error");
  pieces.mark_error();
  pieces.add_part(part_of(300));
  const std::string body = written(pieces);
  PartReader reader(body);
  EXPECT_FALSE(reader.next().is_error);
  const Part error = reader.next();
  EXPECT_TRUE(error.is_error);
  EXPECT_EQ(error.bytes, "error");
  const Part long_error = reader.next();
  EXPECT_TRUE(long_error.is_error);
  EXPECT_EQ(long_error.bytes, part_of(300));
}

TEST(PiecesOfATask, RewindingLeavesWhatWasThereBeforeTheMark) {
  const std::string foreign = part_of(Pieces::kLarge);
  Pieces pieces;
  pieces.add_part("first");
  pieces.refer_to_part(foreign);
  const Pieces::Mark mark = pieces.mark();
  const std::string before = written(pieces);
  pieces.add_part(part_of(1000));
  pieces.refer_to_part(foreign);
  pieces.mark_error();
  pieces.rewind(mark);
  EXPECT_EQ(written(pieces), before);
  EXPECT_EQ(pieces.size(), before.size());
  pieces.add_part(part_of(254));
  EXPECT_THAT(read_all(written(pieces), 3), ElementsAre("first", foreign, part_of(254)));
}

TEST(PiecesOfATask, ClearingLeavesNothing) {
  const std::string foreign = part_of(Pieces::kLarge);
  Pieces pieces;
  pieces.add_part("text");
  pieces.refer_to_part(foreign);
  pieces.clear();
  EXPECT_EQ(pieces.size(), 0U);
  EXPECT_EQ(written(pieces), "");
}

// The bytes lie at the end of memory of just their size, where a sanitizer sees who reads on.
void expect_cut_off(std::string_view body, std::size_t parts) {
  for (std::size_t size = 0; size < body.size(); ++size) {
    const auto memory = std::make_unique<char[]>(size);
    body.copy(memory.get(), size);
    PartReader reader({memory.get(), size});
    const auto read = [&] {
      for (std::size_t i = 0; i < parts; ++i) {
        const std::string_view part = reader.next().bytes;
        EXPECT_LE(part.data() + part.size(), memory.get() + size);
      }
    };
    EXPECT_THROW(read(), ValueError) << size;
  }
}

TEST(PiecesOfATask, ABodyThatIsCutOffAnywhereIsAnError) {
  Pieces pieces;
  pieces.add_part("text");
  pieces.add_part(part_of(300));
  pieces.mark_error();
  pieces.add_part(part_of(254));
  pieces.add_part(part_of(253));
  expect_cut_off(written(pieces), 4);
}

TEST(PiecesOfATask, AnEmptyBodyHasNoParts) { EXPECT_THROW(PartReader("").next(), ValueError); }

TEST(PiecesOfATask, ASizeBeyondTheBodyIsAnError) {
  Pieces pieces;
  pieces.add_part(part_of(254));
  for (const std::uint64_t size :
       {std::uint64_t{255}, std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
    std::string body = written(pieces);
    body.replace(1, sizeof size, reinterpret_cast<const char*>(&size), sizeof size);
    EXPECT_THROW(PartReader(body).next(), ValueError) << size;
  }
}

TEST(PiecesOfATask, APartIsNoErrorTwice) {
  Pieces pieces;
  pieces.mark_error();
  pieces.mark_error();
  pieces.add_part("text");
  EXPECT_THROW(PartReader(written(pieces)).next(), ValueError);
}

}  // namespace
}  // namespace mp::internal
