#include "client_lib/local/shared/heap.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>
#include <utility>

#include "mp/errors.h"

namespace mp::internal {

Heap::Piece Heap::take(std::size_t size) {
  auto found = holes_.lower_bound({size, nullptr, 0});
  if (found == holes_.end()) {
    add_segment();
    found = holes_.lower_bound({size, nullptr, 0});
  }
  const auto [room, segment, offset] = *found;
  Arena& arena = arenas_.at(segment);
  // First the new hole: where there is no memory to note it, nothing has changed.
  if (room > size) add_hole(arena, offset + size, room - size);
  remove_hole(arena, arena.holes.find(offset));
  ++arena.pieces;
  return {arena.segment, offset, size, forks_};
}

void Heap::give_back(const Piece& piece) noexcept {
  const auto found = arenas_.find(piece.segment.get());
  if (found == arenas_.end()) return;
  Arena& arena = found->second;
  const bool was_sent = arena.sent.erase(piece.offset) != 0;
  if (!was_sent && piece.forks == forks_) {
    try {
      join_hole(arena, piece.offset, piece.size);
    } catch (const std::bad_alloc&) {
      // It could not be noted: it goes with its segment.
    }
  }
  // The last one stays for what comes next.
  if (--arena.pieces == 0 && (arenas_.size() > 1 || arena.holes.empty())) remove(found);
}

void Heap::was_sent(const Segment& segment, std::size_t offset) {
  const auto found = arenas_.find(&segment);
  if (found != arenas_.end()) found->second.sent.insert(offset);
}

// As much again as there is, so that many pieces are in few segments, and few need little memory.
std::size_t Heap::next_segment_size() const {
  std::size_t all = 0;
  for (const auto& [segment, arena] : arenas_) all += segment->size();
  return std::clamp(all, kSmallestSegment, kLargestSegment);
}

void Heap::add_segment() {
  // Those of which only holes are left that nothing fits into.
  for (auto arena = arenas_.begin(); arena != arenas_.end();)
    arena = arena->second.pieces == 0 ? remove(arena) : std::next(arena);
  std::shared_ptr<Segment> segment;
  const std::size_t size = next_segment_size();
  try {
    segment = std::make_shared<Segment>(size);
  } catch (const MemoryError&) {
    if (size == kSmallestSegment) throw;
    segment = std::make_shared<Segment>(kSmallestSegment);
  }
  const auto arena = arenas_.emplace(segment.get(), Arena{.segment = segment}).first;
  add_hole(arena->second, 0, segment->size());
}

void Heap::add_hole(Arena& arena, std::size_t offset, std::size_t size) {
  const auto hole = arena.holes.emplace(offset, size).first;
  try {
    holes_.emplace(size, arena.segment.get(), offset);
  } catch (...) {
    arena.holes.erase(hole);
    throw;
  }
}

void Heap::remove_hole(Arena& arena, std::map<std::size_t, std::size_t>::iterator hole) {
  holes_.erase({hole->second, arena.segment.get(), hole->first});
  arena.holes.erase(hole);
}

void Heap::join_hole(Arena& arena, std::size_t offset, std::size_t size) {
  std::memset(arena.segment->data() + offset, 0, size);
  const auto next = arena.holes.lower_bound(offset);
  if (next != arena.holes.end() && next->first == offset + size) {
    size += next->second;
    remove_hole(arena, next);
  }
  const auto behind = arena.holes.lower_bound(offset);
  if (behind != arena.holes.begin()) {
    const auto before = std::prev(behind);
    if (before->first + before->second == offset) {
      offset = before->first;
      size += before->second;
      remove_hole(arena, before);
    }
  }
  add_hole(arena, offset, size);
}

Heap::Arenas::iterator Heap::remove(Arenas::iterator arena) {
  while (!arena->second.holes.empty()) remove_hole(arena->second, arena->second.holes.begin());
  return arenas_.erase(arena);
}

}  // namespace mp::internal
