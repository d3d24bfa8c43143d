#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "client_lib/local/os/descriptor.h"
#include "mp/internal/travel.h"

// Memory that processes share: anonymous files, so that nothing has a name that could be left over
// and the kernel takes all back with the last process that has it.
//
// It is reserved when it is made: what cannot be had is an mp::MemoryError then, and never a
// SIGBUS later. No process can shrink it.

namespace mp::internal {

// Each throws a MemoryError, which says what was attempted.
//
// Beyond this limit (RLIMIT_FSIZE) the system sends a signal instead of an error.
void require_file_size(const std::string& attempt, std::size_t size);
// Beyond the room that there is the system kills a process instead of refusing. Asks from 1 MiB on.
void require_memory(const std::string& attempt, std::size_t size);
// What lies between the two offsets.
void reserve_memory(const std::string& attempt, int fd, std::size_t from, std::size_t to);

// One file, mapped whole. Unmapped with its owner.
class Segment : public std::enable_shared_from_this<Segment> {
 public:
  // Errors: MemoryError.
  explicit Segment(std::size_t size);
  // What another process made, or the first `most` bytes of it. `fd` stays the caller's.
  // Errors: MemoryError if it is not such a file, or can't be mapped.
  static std::shared_ptr<Segment> adopt(int fd, std::size_t most = static_cast<std::size_t>(-1));
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  int fd() const { return fd_.get(); }

 private:
  Segment(Descriptor fd, std::size_t size);

  Descriptor fd_;
  std::size_t size_;
  std::byte* data_;
};

// A piece of a segment, which small objects share (client_lib/local/shared/heap.h). Copies are the
// same piece; it is free for others once no copy is left in the process that made it, provided that
// no other process can have it.
class Block {
 public:
  static constexpr std::size_t kAlignment = 64;

  Block() = default;
  Block(std::shared_ptr<Segment> segment, std::size_t offset, std::size_t size)
      : segment_(std::move(segment)), offset_(offset), size_(size) {}

  // Zeros, on an address that is a multiple of kAlignment.
  // Errors: MemoryError.
  // Thread-safety: any thread. Fork-safety: a child makes its own from segments of its own.
  static Block make(std::size_t size);

  std::byte* data() const { return segment_->data() + offset_; }
  std::size_t size() const { return size_; }

  // To another process, and from there: see mp/internal/travel.h.
  // Errors: ProcessError where no descriptor can go along.
  BlockTicket pack(const char* what) const;
  static Block unpack(const char* what, const BlockTicket& ticket);

 private:
  std::shared_ptr<Segment> segment_;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

void require_size(const Block& block, std::size_t size);

// Makes the T of a new block. It is never destroyed: its memory is given back.
template <class T, class... Args>
T& construct_in(const Block& block, Args&&... args) {
  static_assert(alignof(T) <= Block::kAlignment && std::is_trivially_destructible_v<T>);
  return *new (block.data()) T(std::forward<Args>(args)...);
}

// The T that another process made in a block. Errors: ValueError if it cannot be one.
template <class T>
T& object_in(const Block& block) {
  require_size(block, sizeof(T));
  return *std::launder(reinterpret_cast<T*>(block.data()));
}

}  // namespace mp::internal
