#include "client_lib/local/shared/heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <vector>

namespace mp::internal {
namespace {

constexpr std::size_t kUnit = Block::kAlignment;

std::span<std::byte> bytes_of(const Heap::Piece& piece) {
  return {piece.segment->data() + piece.offset, piece.size};
}

bool is_zero(const Heap::Piece& piece) {
  return std::ranges::all_of(bytes_of(piece), [](std::byte byte) { return byte == std::byte{}; });
}

// No two of them touch the same byte.
bool are_apart(const std::vector<Heap::Piece>& pieces) {
  std::map<const std::byte*, std::size_t> places;
  for (const auto& piece : pieces) places.emplace(bytes_of(piece).data(), piece.size);
  if (places.size() != pieces.size()) return false;
  for (auto place = places.begin(); std::next(place) != places.end(); ++place) {
    if (place->first + place->second > std::next(place)->first) return false;
  }
  return true;
}

std::vector<Heap::Piece> take_many(Heap& heap, std::size_t count, std::size_t size) {
  std::vector<Heap::Piece> pieces;
  for (std::size_t i = 0; i < count; ++i) pieces.push_back(heap.take(size));
  return pieces;
}

// CPython: _TestHeap.test_heap.
TEST(Heap, GivesZerosThatLieApartInWhateverOrderTheyAreTakenAndGivenBack) {
  Heap heap;
  std::mt19937 random(7);
  std::vector<Heap::Piece> pieces;
  for (int i = 0; i < 5000; ++i) {
    const auto size =
        static_cast<std::size_t>(std::lognormal_distribution(0.0, 1.0)(random) * 1000);
    const auto piece = heap.take(std::clamp(size / kUnit * kUnit, kUnit, Heap::kLargestPiece));
    ASSERT_TRUE(is_zero(piece));
    std::memset(bytes_of(piece).data(), i % 255 + 1, piece.size);
    pieces.push_back(piece);
    if (pieces.size() > 100) {
      std::swap(pieces[random() % pieces.size()], pieces.back());
      heap.give_back(pieces.back());
      pieces.pop_back();
    }
    ASSERT_TRUE(are_apart(pieces));
  }
  for (const auto& piece : pieces) heap.give_back(piece);
  EXPECT_EQ(heap.segments(), 1U);
  EXPECT_TRUE(is_zero({heap.take(kUnit).segment, 0, Heap::kSmallestSegment, 0}));
}

TEST(Heap, HasAHundredThousandPiecesInFewSegments) {
  Heap heap;
  const auto pieces = take_many(heap, 100'000, kUnit);
  EXPECT_LE(heap.segments(), 8U);
  const auto larger = take_many(heap, 1000, 4096);
  EXPECT_LE(heap.segments(), 10U);
}

TEST(Heap, JoinsWhatLiesSideBySide) {
  Heap heap;
  const auto small = take_many(heap, Heap::kSmallestSegment / kUnit, kUnit);
  ASSERT_EQ(heap.segments(), 1U);
  for (std::size_t i = 0; i < small.size(); i += 2) heap.give_back(small[i]);
  for (std::size_t i = 1; i < small.size(); i += 2) heap.give_back(small[i]);
  const auto large =
      take_many(heap, Heap::kSmallestSegment / Heap::kLargestPiece, Heap::kLargestPiece);
  EXPECT_EQ(heap.segments(), 1U);
  EXPECT_EQ(large.front().segment, small.front().segment);
}

TEST(Heap, TakesTheSmallestHoleThatIsLargeEnough) {
  Heap heap;
  const auto wide = heap.take(8 * kUnit);
  const auto between = heap.take(kUnit);
  const auto narrow = heap.take(2 * kUnit);
  const auto behind = heap.take(kUnit);
  heap.give_back(wide);
  heap.give_back(narrow);
  EXPECT_EQ(heap.take(2 * kUnit).offset, narrow.offset);
  EXPECT_EQ(heap.take(3 * kUnit).offset, wide.offset);
}

TEST(Heap, LetsSegmentsGoThatNobodyUsesButTheLast) {
  Heap heap;
  const auto pieces = take_many(heap, 1000, 4096);
  ASSERT_GT(heap.segments(), 1U);
  for (const auto& piece : pieces) heap.give_back(piece);
  EXPECT_EQ(heap.segments(), 1U);
}

TEST(Heap, DoesNotGiveAgainWhatAForkedProcessMayHave) {
  Heap heap;
  const auto before = heap.take(kUnit);
  heap.was_forked();
  const auto after = heap.take(kUnit);
  heap.give_back(before);
  heap.give_back(after);
  EXPECT_EQ(heap.take(kUnit).offset, after.offset);
  EXPECT_NE(heap.take(kUnit).offset, before.offset);
}

TEST(Heap, DoesNotGiveAgainWhatWasSent) {
  Heap heap;
  const auto sent = heap.take(kUnit);
  const auto kept = heap.take(kUnit);
  heap.was_sent(*sent.segment, sent.offset);
  heap.give_back(sent);
  heap.give_back(kept);
  EXPECT_EQ(heap.take(kUnit).offset, kept.offset);
}

TEST(Heap, LetsASegmentGoOfWhichOthersMayHaveAPiece) {
  Heap heap;
  auto sent = take_many(heap, Heap::kSmallestSegment / kUnit, kUnit);
  for (const auto& piece : sent) heap.was_sent(*piece.segment, piece.offset);
  const std::weak_ptr segment = sent.front().segment;
  for (const auto& piece : sent) heap.give_back(piece);
  sent.clear();
  EXPECT_TRUE(segment.expired());
}

TEST(Heap, KnowsNothingOfPiecesThatAreNotItsOwn) {
  Heap heap;
  Heap other;
  const auto piece = other.take(kUnit);
  heap.was_sent(*piece.segment, piece.offset);
  heap.give_back(piece);
  EXPECT_EQ(heap.segments(), 0U);
}

}  // namespace
}  // namespace mp::internal
