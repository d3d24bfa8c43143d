#include "client_lib/local/shared/ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/memory.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kReservedAtOnce = std::size_t{256} * 1024;
// From here on, pages that are new are written by way of the file.
constexpr std::size_t kByFile = std::size_t{64} * 1024;

std::size_t round_up(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }

}  // namespace

Tail::~Tail() {
  if (mapped_ != nullptr) ::munmap(mapped_, size_);
}

std::byte* Tail::map(std::size_t size) {
  void* const address = mapped_ != nullptr ? ::mremap(mapped_, size_, size, MREMAP_MAYMOVE)
                                           : ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                                    MAP_SHARED, fd_, static_cast<off_t>(offset_));
  if (address == MAP_FAILED) {
    throw MemoryError("cannot map " + std::to_string(size) + " bytes of a queue" +
                      errno_text(errno));
  }
  mapped_ = static_cast<std::byte*>(address);
  size_ = size;
  return mapped_;
}

void Tail::write_new(std::size_t at, std::string_view bytes) {
  require_file_size("let a queue grow", offset_ + at + bytes.size());
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset_ + at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw MemoryError("cannot write to a queue" + errno_text(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
    at += static_cast<std::size_t>(written);
  }
}

void Tail::reserve(std::size_t from, std::size_t to) {
  const auto attempt = "let a queue grow to " + std::to_string(to) + " bytes";
  reserve_memory(attempt, fd_, offset_ + from, offset_ + to);
}

void Tail::shrink(std::size_t to) noexcept {
  if (size_ <= to) return;
  ::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset_ + to),
              static_cast<off_t>(size_ - to));
}

void Ring::set_up(InMonitor& in, Tail& memory) {
  memory.reserve(0, kLeast);
  in.set(capacity_, kLeast);
  in.set(reserved_, kLeast);
}

// Where so many bytes have room in one piece.
std::size_t Ring::place_for(InMonitor& in, Tail& memory, std::size_t& reserved, std::size_t size) {
  const std::size_t head = head_.get();
  const std::size_t at = wrapped(head + used());
  const bool is_empty = used() == 0;
  const bool goes_on_to_head = !is_empty && at <= head;
  const std::size_t before_end = (goes_on_to_head ? head : capacity_.get()) - at;
  if (size <= before_end) return at;
  if (goes_on_to_head || size > (is_empty ? capacity_.get() : head))
    return grow(in, memory, reserved, size);
  if (is_empty) {
    in.set(head_, 0);
  } else {
    write_size(memory, reserved, at, kFiller | (before_end - kUnit));
    in.add(used_, before_end);
  }
  return 0;
}

// What wrapped around moves behind the old end, where it goes on without a break.
std::size_t Ring::grow(InMonitor& in, Tail& memory, std::size_t& reserved, std::size_t size) {
  const std::size_t capacity = capacity_.get();
  const std::size_t end = head_.get() + used();
  const std::size_t at_start = end > capacity ? end - capacity : 0;
  const std::size_t lacking = end + size - capacity;
  const std::size_t more = round_up(std::max({lacking, at_start, capacity / 2}), kPage);
  require_memory("let a queue grow to " + std::to_string(capacity + more) + " bytes", more);
  if (at_start != 0) {
    memory.reserve(reserved, capacity + at_start);
    reserved = round_up(capacity + at_start, kPage);
    std::byte* const data = memory.data(capacity + more);
    std::memcpy(data + capacity, data, at_start);
  }
  in.set(capacity_, capacity + more);
  return end;
}

inline void Ring::write(Tail& memory, std::size_t& reserved, std::size_t at,
                        std::string_view bytes) const {
  if (at + bytes.size() > reserved) return write_new(memory, reserved, at, bytes);
  if (!bytes.empty()) std::memcpy(memory.data(capacity_.get()) + at, bytes.data(), bytes.size());
}

// Beyond what is reserved.
void Ring::write_new(Tail& memory, std::size_t& reserved, std::size_t at,
                     std::string_view bytes) const {
  const std::size_t capacity = capacity_.get();
  const std::size_t end = at + bytes.size();
  if (bytes.size() >= kByFile && at <= reserved) {
    memory.write_new(at, bytes);
    reserved = std::min(round_up(end, kPage), capacity);
    return;
  }
  const std::size_t enough = std::min(std::max(end, reserved + kReservedAtOnce), capacity);
  memory.reserve(reserved, enough);
  reserved = enough;
  write(memory, reserved, at, bytes);
}

inline void Ring::write_size(Tail& memory, std::size_t& reserved, std::size_t at,
                             std::uint64_t size) const {
  write(memory, reserved, at, {reinterpret_cast<const char*>(&size), sizeof size});
}

void Ring::push(InMonitor& in, Tail& memory, std::span<const std::string_view> items) {
  std::size_t size = 0;
  for (const std::string_view item : items) size += space_of(item.size());
  const std::size_t reserved_before = reserved_.get();
  std::size_t reserved = reserved_before;
  std::size_t at = place_for(in, memory, reserved, size);
  for (const std::string_view item : items) {
    write_size(memory, reserved, at, item.size());
    write(memory, reserved, at + kUnit, item);
    at += space_of(item.size());
  }
  if (reserved != reserved_before) in.set(reserved_, reserved);
  in.add(used_, size);
  if (used() > kKeptWhenIdle && small_fillings_.get() != 0) in.set(small_fillings_, 0);
}

void Ring::end_filling(InMonitor& in, Tail& memory) {
  constexpr std::uint64_t kMany = 1000;
  in.add(small_fillings_, 1);
  if (small_fillings_.get() > kMany) tidy(in, memory);
}

// The smaller capacity stands before the memory goes, so that it is reserved anew.
void Ring::tidy(InMonitor& in, Tail& memory) {
  if (used() != 0 || capacity_.get() <= kKeptWhenIdle) return;
  static_cast<void>(memory.data(capacity_.get()));
  in.set(head_, 0);
  in.set(capacity_, kKeptWhenIdle);
  in.set(reserved_, std::min(reserved_.get(), kKeptWhenIdle));
  in.set(small_fillings_, 0);
  in.commit();
  memory.shrink(kKeptWhenIdle);
}

}  // namespace mp::internal
