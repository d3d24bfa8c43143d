#include "client_lib/local/lane/byte_ring.h"

#include <algorithm>
#include <cstring>

namespace mp::internal {

// The reader can't have read less than before, nor more than was written.
bool RingWriter::look() {
  const std::uint64_t read = control_->read.load(std::memory_order_seq_cst);
  if (read - read_ > written_ - read_) return false;
  read_ = read;
  return true;
}

bool RingWriter::has_room() { return !look() || room() != 0; }

std::optional<std::size_t> RingWriter::write(const char* data, std::size_t size) {
  if (room() < size && !look()) return std::nullopt;
  const std::size_t all = std::min(size, room());
  if (all == 0) return 0;
  const auto at = static_cast<std::size_t>(written_ & (capacity_ - 1));
  const std::size_t first = std::min(all, capacity_ - at);
  std::memcpy(bytes_ + at, data, first);
  std::memcpy(bytes_, data + first, all - first);
  written_ += all;
  control_->written.store(written_, std::memory_order_seq_cst);
  return all;
}

std::optional<std::size_t> RingReader::read(char* data, std::size_t size) {
  const std::uint64_t written = control_->written.load(std::memory_order_seq_cst);
  // Less than was read is, as a distance, more than any capacity. What it said before does not bind
  // the writer to more than that.
  if (written - read_ > capacity_) return std::nullopt;
  const auto there = static_cast<std::size_t>(written - read_);
  const std::size_t all = std::min(size, there);
  unread_ = there - all;
  if (all == 0) return 0;
  const auto at = static_cast<std::size_t>(read_ & (capacity_ - 1));
  const std::size_t first = std::min(all, capacity_ - at);
  std::memcpy(data, bytes_ + at, first);
  std::memcpy(data + first, bytes_, all - first);
  read_ += all;
  control_->read.store(read_, std::memory_order_seq_cst);
  return all;
}

}  // namespace mp::internal
