#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "client_lib/local/shared/memory.h"

namespace mp::internal {

// Cuts many small pieces of shared memory from few segments. What is given back is joined with what
// is free beside it, and cut again.
//
//   segment: │ piece │ hole │ piece │ piece that others may have │ hole ─ ─ ─ ─ │
//
// Of one process, and of its private memory: another that dies in the midst of a call has harmed
// nobody, since each has segments of its own. A piece that another process may have, because one
// was forked meanwhile or it was sent, is nobody's once it is given back: it goes with its segment.
//
// Invariant: no two holes touch; each lies in zeros, and in both tables.
// Thread-safety: none. Python: multiprocessing.heap.Heap.
class Heap {
 public:
  static constexpr std::size_t kSmallestSegment = std::size_t{256} << 10;
  static constexpr std::size_t kLargestSegment = std::size_t{4} << 20;
  static constexpr std::size_t kLargestPiece = kSmallestSegment / 4;

  struct Piece {
    std::shared_ptr<Segment> segment;
    std::size_t offset;
    std::size_t size;
    std::uint64_t forks;  // those that there had been when it was cut
  };

  // Zeros. `size` is a multiple of Block::kAlignment, and at most kLargestPiece.
  // Errors: MemoryError.
  Piece take(std::size_t size);
  void give_back(const Piece& piece) noexcept;

  // A piece of this segment, if that is one of these, was sent.
  void was_sent(const Segment& segment, std::size_t offset);
  // What is cut by now may be in another process, too.
  void was_forked() { ++forks_; }

  std::size_t segments() const { return arenas_.size(); }

 private:
  // A segment, and what is cut from it.
  struct Arena {
    std::shared_ptr<Segment> segment;
    std::map<std::size_t, std::size_t> holes = {};  // sizes by offsets
    std::set<std::size_t> sent = {};                // offsets of pieces
    std::size_t pieces = 0;                         // that this process has
  };
  using Arenas = std::map<const Segment*, Arena>;
  using Hole = std::tuple<std::size_t, const Segment*, std::size_t>;  // size, where, offset

  std::size_t next_segment_size() const;
  void add_segment();
  void add_hole(Arena& arena, std::size_t offset, std::size_t size);
  void remove_hole(Arena& arena, std::map<std::size_t, std::size_t>::iterator hole);
  void join_hole(Arena& arena, std::size_t offset, std::size_t size);
  Arenas::iterator remove(Arenas::iterator arena);

  Arenas arenas_;
  std::set<Hole> holes_;  // the smallest first
  std::uint64_t forks_ = 0;
};

}  // namespace mp::internal
