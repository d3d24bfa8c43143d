#include "mp/internal/hash_index.h"

namespace mp::internal {

void HashIndex::push_back(std::size_t hash) {
  hashes_.push_back(hash);
  constexpr std::size_t kFewest = 8;
  if (hashes_.size() * 3 > slots_.size() * 2) {
    rebuild(slots_.empty() ? kFewest : slots_.size() * 2);
  } else {
    insert(hashes_.size() - 1);
  }
}

void HashIndex::erase(std::size_t position) {
  hashes_.erase(hashes_.begin() + static_cast<std::ptrdiff_t>(position));
  rebuild(slots_.size());
}

void HashIndex::clear() {
  hashes_.clear();
  slots_.clear();
}

void HashIndex::insert(std::size_t position) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = mix(hashes_[position]) & mask;
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  slots_[slot] = static_cast<std::uint32_t>(position + 1);
}

void HashIndex::rebuild(std::size_t slots) {
  slots_.assign(slots, 0);
  for (std::size_t position = 0; position < hashes_.size(); ++position) insert(position);
}

}  // namespace mp::internal
