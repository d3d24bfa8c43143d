#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "client_lib/local/named_memory/shm_names.h"
#include "client_lib/local/os/descriptor.h"
#include "mp/local/shared_memory.h"

namespace mp::internal {

// An attachment to memory that has a name: what a SharedMemory is a handle to.
class NamedMemory {
 public:
  // Writes into new memory what is to be there when it gets its name.
  using Fill = std::function<void(std::span<std::byte>)>;

  // Without a name: a random one. Errors: see SharedMemory::create() and attach().
  NamedMemory(std::string_view name, std::int64_t size, Lifetime lifetime, const Fill& fill);
  explicit NamedMemory(std::string_view name);
  // Takes the name away, if it is the owner's in the process that made it.
  ~NamedMemory();
  NamedMemory(const NamedMemory&) = delete;
  NamedMemory& operator=(const NamedMemory&) = delete;

  void close() noexcept;
  void unlink();

  const std::string& name() const { return name_; }
  std::size_t size() const { return size_; }
  bool is_owner() const;
  // Errors: ValueError if it is closed; MemoryError if it was shrunk.
  std::span<std::byte> bytes() const;

 private:
  void map();
  void give_a_name(std::string_view name);

  std::string name_;
  Descriptor file_;  // the owner keeps it after close(), and is the owner by it
  ino_t inode_ = 0;
  std::size_t size_ = 0;
  std::byte* data_ = nullptr;
  bool owns_ = false;
  std::uint64_t generation_;  // the fork_generation() that it was made in
};

}  // namespace mp::internal
