#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mp::internal {

// Finds by hash the positions of a sequence that grows at its end. The sequence itself is
// elsewhere.
class HashIndex {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // The position with this hash for which `is_it(position)` holds, or kNone.
  template <class IsIt>
  std::size_t find(std::size_t hash, IsIt&& is_it) const {
    if (slots_.empty()) return kNone;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = mix(hash) & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
      const std::size_t position = slots_[slot] - 1;
      if (hashes_[position] == hash && is_it(position)) return position;
    }
    return kNone;
  }

  // The sequence has one position more.
  void push_back(std::size_t hash);

  // The sequence has lost a position, and those after it moved down. Takes time in proportion to
  // the size.
  void erase(std::size_t position);

  void clear();

 private:
  static std::size_t mix(std::size_t hash) { return hash * 0x9e3779b97f4a7c15U >> 20; }
  void insert(std::size_t position);
  void rebuild(std::size_t slots);

  std::vector<std::size_t> hashes_;
  std::vector<std::uint32_t> slots_;  // position + 1, or 0; their number is a power of two
};

}  // namespace mp::internal
