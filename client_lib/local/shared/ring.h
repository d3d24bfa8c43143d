#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "client_lib/local/shared/monitor.h"

namespace mp::internal {

// The part of a memory file behind its first pages, which grows, as this process has it mapped.
class Tail {
 public:
  Tail(int fd, std::size_t offset) : fd_(fd), offset_(offset) {}
  ~Tail();
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  // At least so much of it, which must be there. Errors: MemoryError.
  std::byte* data(std::size_t size);

  // What is at least so long is copied by way of the file: this costs less than to touch pages for
  // the first time, and reserves them.
  static constexpr std::size_t kByFile = std::size_t{64} * 1024;

  // Errors: MemoryError.
  void write(std::size_t capacity, std::size_t at, std::string_view bytes);
  void read(std::size_t capacity, std::size_t at, char* bytes, std::size_t size);

  // Reserves what lies between the two sizes. Errors: MemoryError: nothing has changed then.
  void reserve(std::size_t from, std::size_t to);
  // Gives back what lies behind `to`.
  void shrink(std::size_t to) noexcept;

 private:
  const int fd_;  // its owner's
  const std::size_t offset_;
  std::byte* mapped_ = nullptr;
  std::size_t size_ = 0;
};

// Records of bytes, first in, first out, in a ring that grows: the state in shared memory.
//
//        ┌──────── used ────────┐
//   ─────┬──────┬───────┬───────┬─────      each record: its size, then its bytes, filled up
//        │ first│second │ third │           to a multiple of 8
//   ─────┴──────┴───────┴───────┴─────
//        ▲ head                      ▲ capacity: what lies beyond continues at 0
//
// Of the capacity, memory is reserved as far as anything was ever written.
//
// All in the monitor of the object it lies in. What is written to bytes that are not in use needs
// no journal.
class Ring {
 public:
  static constexpr std::size_t kLeast = std::size_t{48} * 1024;
  // An empty ring keeps no more memory than this.
  static constexpr std::size_t kKeptWhenEmpty = std::size_t{16} << 20U;

  // Once, before anybody else has it. Errors: MemoryError.
  void set_up(InMonitor& in, Tail& memory);

  std::size_t used() const { return used_.get(); }

  // Appends a record for each. Errors: MemoryError.
  void push(InMonitor& in, Tail& memory, std::span<const std::string_view> items);

  // Takes the first records, which must be there: their bytes go to where `place(size)` says for
  // each.
  template <class Place>
  void pop(InMonitor& in, Tail& memory, std::size_t count, Place&& place) {
    std::size_t at = head_.get();
    std::size_t taken = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = size_at(memory, at);
      copy_out(memory, at, place(size), size);
      taken += space_of(size);
      at = (at + space_of(size)) % capacity_.get();
    }
    in.set(head_, at);
    in.set(used_, used() - taken);
  }
  void clear(InMonitor& in) { in.set(used_, 0); }

  // Gives memory back that an empty ring does not need. What was set before stands.
  void tidy(InMonitor& in, Tail& memory);

 private:
  std::size_t end() const { return (head_.get() + used()) % capacity_.get(); }
  static std::size_t space_of(std::size_t bytes);
  std::size_t size_at(Tail& memory, std::size_t at) const;
  void copy_out(Tail& memory, std::size_t at, char* bytes, std::size_t size) const;
  void write(Tail& memory, std::size_t& reserved, std::size_t at, std::string_view bytes) const;
  void make_room(InMonitor& in, Tail& memory, std::size_t size);

  Word capacity_;
  Word reserved_;
  Word head_;
  Word used_;
};

}  // namespace mp::internal
