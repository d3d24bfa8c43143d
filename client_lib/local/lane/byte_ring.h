#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "client_lib/local/lane/sleep_word.h"

namespace mp::internal {

// A stream of bytes from one thread to another through shared memory, the two ends of which do not
// trust each other.
//
//   written ────────────────────────────────►            both only grow; a byte's place is its
//        ├── free ──┤▓▓▓▓ to be read ▓▓▓▓├── free ──┤    number modulo the capacity
//   read ───────────►
//
// What is longer than the ring goes through it in pieces, as through a socket; how the bytes form
// messages is said by the bytes.
//
// Each end keeps its own counter to itself, too, and believes that one. The other's is read once,
// into a variable of this process, and checked against it: it may say anything, and change at any
// time. The same holds for the bytes: the reader copies them once, and looks at its copy only.
//
// Memory order. The writer's store of `written` releases the bytes before it, and the reader's load
// acquires them; the other way round `read` hands the room back. All four are sequentially
// consistent at that, for the sleep protocol (sleep_word.h), which needs it.
struct RingControl {
  // As far from each other as the processor fetches at a time (two lines of 64 bytes), so that who
  // writes one does not slow down who reads another.
  static constexpr std::size_t kApart = 128;

  alignas(kApart) std::atomic<std::uint64_t> written;  // by the writer
  alignas(kApart) std::atomic<std::uint64_t> read;     // by the reader
  alignas(kApart) SleepWord reader;                    // asleep until there are bytes
  alignas(kApart) SleepWord writer;                    // asleep until there is room
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// The writing end. One thread at a time.
class RingWriter {
 public:
  // A ring that nobody has used. `capacity` is a power of two.
  RingWriter(RingControl& control, std::byte* bytes, std::size_t capacity)
      : control_(&control), bytes_(bytes), capacity_(capacity) {}

  // Writes as much as there is room for, and returns how much that was; nothing if the reader's
  // counter is impossible: then the ring is not to be used any more.
  std::optional<std::size_t> write(const char* data, std::size_t size);
  // After a write: must the reader be woken?
  bool must_ring() { return control_->reader.must_ring(); }

  // Sleeps as SleepWord::lie_down() until there is room. An impossible counter counts as such:
  // write() says so.
  bool lie_down() {
    return control_->writer.lie_down([this] { return has_room(); });
  }
  void wake() { control_->writer.wake(); }

 private:
  bool look();
  bool has_room();
  std::size_t room() const { return capacity_ - static_cast<std::size_t>(written_ - read_); }

  RingControl* control_;
  std::byte* bytes_;
  std::size_t capacity_;
  std::uint64_t written_ = 0;
  std::uint64_t read_ = 0;  // as seen last
};

// The reading end. One thread at a time.
class RingReader {
 public:
  RingReader(RingControl& control, const std::byte* bytes, std::size_t capacity)
      : control_(&control), bytes_(bytes), capacity_(capacity) {}

  // Copies as many of the bytes as are there, at most `size`, and returns how many; nothing if the
  // writer's counter is impossible: then the ring is not to be used any more.
  std::optional<std::size_t> read(char* data, std::size_t size);
  // Has anything been written, or is the counter impossible?
  bool has_bytes() const { return control_->written.load(std::memory_order_seq_cst) != read_; }
  // After a read: must the writer be woken? Not before half of the ring is free, or it would be
  // woken for each piece. It always is before the reader sleeps, which has read everything then.
  bool must_ring() { return unread_ <= capacity_ / 2 && control_->writer.must_ring(); }

  // Sleeps as SleepWord::lie_down() until there are bytes.
  bool lie_down() {
    return control_->reader.lie_down([this] { return has_bytes(); });
  }
  void wake() { control_->reader.wake(); }

 private:
  RingControl* control_;
  const std::byte* bytes_;
  std::size_t capacity_;
  std::uint64_t read_ = 0;
  std::uint64_t unread_ = 0;  // when it looked last
};

}  // namespace mp::internal
