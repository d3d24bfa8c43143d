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
constexpr std::size_t kUnit = 8;
constexpr std::size_t kReservedAtOnce = std::size_t{256} * 1024;

std::size_t round_up(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }

}  // namespace

Tail::~Tail() {
  if (mapped_ != nullptr) ::munmap(mapped_, size_);
}

std::byte* Tail::data(std::size_t size) {
  if (size <= size_) return mapped_;
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

void Tail::write(std::size_t capacity, std::size_t at, std::string_view bytes) {
  if (bytes.size() < kByFile) {
    if (!bytes.empty()) std::memcpy(data(capacity) + at, bytes.data(), bytes.size());
    return;
  }
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

void Tail::read(std::size_t capacity, std::size_t at, char* bytes, std::size_t size) {
  if (size < kByFile) {
    if (size != 0) std::memcpy(bytes, data(capacity) + at, size);
    return;
  }
  while (size != 0) {
    const ssize_t got = ::pread(fd_, bytes, size, static_cast<off_t>(offset_ + at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw MemoryError("cannot read from a queue" + errno_text(errno));
    bytes += got;
    at += static_cast<std::size_t>(got);
    size -= static_cast<std::size_t>(got);
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

// What wrapped around moves behind the old end, where it goes on without a break.
void Ring::make_room(InMonitor& in, Tail& memory, std::size_t size) {
  const std::size_t capacity = capacity_.get();
  if (size <= capacity - used()) return;
  const std::size_t wrapped = head_.get() + used() > capacity ? end() : 0;
  const std::size_t lacking = size - (capacity - used());
  const std::size_t more = round_up(std::max({lacking, wrapped, capacity / 2}), kPage);
  require_memory("let a queue grow to " + std::to_string(capacity + more) + " bytes", more);
  memory.reserve(capacity, capacity + wrapped);
  std::byte* const data = memory.data(capacity + more);
  std::memcpy(data + capacity, data, wrapped);
  in.set(capacity_, capacity + more);
  in.set(reserved_, std::max(reserved_.get(), round_up(capacity + wrapped, kPage)));
}

void Ring::write(Tail& memory, std::size_t& reserved, std::size_t at,
                 std::string_view bytes) const {
  const std::size_t end = at + bytes.size();
  const bool reserves_itself = bytes.size() >= Tail::kByFile && at <= reserved;
  if (!reserves_itself && end > reserved) {
    const std::size_t enough = std::min(std::max(end, reserved + kReservedAtOnce), capacity_.get());
    memory.reserve(reserved, enough);
    reserved = enough;
  }
  memory.write(capacity_.get(), at, bytes);
  if (reserves_itself)
    reserved = std::max(reserved, std::min(round_up(end, kPage), capacity_.get()));
}

std::size_t Ring::space_of(std::size_t bytes) { return kUnit + round_up(bytes, kUnit); }

void Ring::push(InMonitor& in, Tail& memory, std::span<const std::string_view> items) {
  std::size_t size = 0;
  for (const std::string_view item : items) size += space_of(item.size());
  make_room(in, memory, size);
  const std::size_t capacity = capacity_.get();
  std::size_t at = end();
  std::size_t reserved = reserved_.get();
  for (const std::string_view item : items) {
    const std::uint64_t length = item.size();
    const std::size_t begin = (at + kUnit) % capacity;
    const std::size_t before_end = std::min(item.size(), capacity - begin);
    write(memory, reserved, at, {reinterpret_cast<const char*>(&length), sizeof length});
    write(memory, reserved, begin, item.substr(0, before_end));
    write(memory, reserved, 0, item.substr(before_end));
    at = (at + space_of(item.size())) % capacity;
  }
  in.set(reserved_, reserved);
  in.add(used_, size);
}

std::size_t Ring::size_at(Tail& memory, std::size_t at) const {
  std::uint64_t length = 0;
  std::memcpy(&length, memory.data(capacity_.get()) + at, sizeof length);
  return length;
}

void Ring::copy_out(Tail& memory, std::size_t at, char* bytes, std::size_t size) const {
  const std::size_t capacity = capacity_.get();
  const std::size_t begin = (at + kUnit) % capacity;
  const std::size_t before_end = std::min(size, capacity - begin);
  memory.read(capacity, begin, bytes, before_end);
  memory.read(capacity, 0, bytes + before_end, size - before_end);
}

// The smaller capacity stands before the memory goes, so that it is reserved anew.
void Ring::tidy(InMonitor& in, Tail& memory) {
  if (used() != 0 || capacity_.get() <= kKeptWhenEmpty) return;
  static_cast<void>(memory.data(capacity_.get()));
  in.set(head_, 0);
  in.set(capacity_, kKeptWhenEmpty);
  in.set(reserved_, std::min(reserved_.get(), kKeptWhenEmpty));
  in.commit();
  memory.shrink(kKeptWhenEmpty);
}

}  // namespace mp::internal
