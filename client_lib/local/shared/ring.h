#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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
  std::byte* data(std::size_t size) { return size <= size_ ? mapped_ : map(size); }

  // Reserves what lies between the two sizes. Errors: MemoryError: nothing has changed then.
  void reserve(std::size_t from, std::size_t to);
  // Reserves and fills in one, by way of the file, which for much costs less than to touch each
  // page for the first time. Errors: MemoryError.
  void write_new(std::size_t at, std::string_view bytes);
  // Gives back what lies behind `to`.
  void shrink(std::size_t to) noexcept;

 private:
  std::byte* map(std::size_t size);

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
// A record lies in one piece, so that it is copied once on its way out. Where it does not fit
// before the end, a filler does: a record of nobody's.
//
// Of the capacity, memory is reserved as far as anything was ever written. One that was large gives
// the memory back once it is empty and stays so, or was filled and emptied often without need of
// it.
//
// All in the monitor of the object it lies in. What is written to bytes that are not in use needs
// no journal.
class Ring {
 public:
  static constexpr std::size_t kLeast = std::size_t{48} * 1024;
  // An idle ring keeps no more memory than this.
  static constexpr std::size_t kKeptWhenIdle = std::size_t{16} << 20U;

  // Once, before anybody else has it. Errors: MemoryError.
  void set_up(InMonitor& in, Tail& memory);

  std::size_t used() const { return used_.get(); }

  // Appends a record for each. Errors: MemoryError.
  void push(InMonitor& in, Tail& memory, std::span<const std::string_view> items);

  // Takes the first records, which must be there: `read(bytes)` is called for each, and what it
  // throws leaves all where they are once the section is taken back. The bytes last for the call.
  template <class Read>
  void pop(InMonitor& in, Tail& memory, std::size_t count, Read&& read) {
    const std::byte* const data = memory.data(capacity_.get());
    std::size_t at = head_.get();
    std::size_t taken = 0;
    while (count > 0) {
      const std::uint64_t size = size_at(data + at);
      if ((size & kFiller) == 0) {
        read(std::string_view(reinterpret_cast<const char*>(data + at + kUnit), size));
        --count;
      }
      const std::size_t space = space_of(size & ~kFiller);
      taken += space;
      at = wrapped(at + space);
    }
    in.set(head_, at);
    in.set(used_, used() - taken);
    if (capacity_.get() > kKeptWhenIdle && used() == 0) end_filling(in, memory);
  }
  void clear(InMonitor& in) { in.set(used_, 0); }

  // Gives memory back that an idle ring does not need, if it is empty. What was set before stands.
  void tidy(InMonitor& in, Tail& memory);

 private:
  static constexpr std::size_t kUnit = 8;  // of a record's place
  static constexpr std::uint64_t kFiller = std::uint64_t{1} << 63U;

  static std::size_t space_of(std::size_t bytes) {
    return kUnit + (bytes + kUnit - 1) / kUnit * kUnit;
  }
  static std::uint64_t size_at(const std::byte* record) {
    std::uint64_t size = 0;
    std::memcpy(&size, record, sizeof size);
    return size;
  }
  std::size_t wrapped(std::size_t at) const {
    return at < capacity_.get() ? at : at - capacity_.get();
  }
  std::size_t place_for(InMonitor& in, Tail& memory, std::size_t& reserved, std::size_t size);
  std::size_t grow(InMonitor& in, Tail& memory, std::size_t& reserved, std::size_t size);
  void write(Tail& memory, std::size_t& reserved, std::size_t at, std::string_view bytes) const;
  void write_size(Tail& memory, std::size_t& reserved, std::size_t at, std::uint64_t size) const;
  void write_new(Tail& memory, std::size_t& reserved, std::size_t at, std::string_view bytes) const;
  void end_filling(InMonitor& in, Tail& memory);

  Word capacity_;
  Word reserved_;
  Word head_;
  Word used_;
  Word small_fillings_;  // since it held more than kKeptWhenIdle
};

}  // namespace mp::internal
