#include "mp/local/shared_memory.h"

#include <ostream>

#include "client_lib/local/named_memory/named_memory.h"
#include "mp/codec/text.h"
#include "mp/errors.h"
#include "mp/repr.h"

namespace mp {
namespace internal {

void require_place(std::size_t size, std::size_t offset, std::size_t alignment) {
  if (offset <= size && offset % alignment == 0) return;
  throw ValueError("nothing that has to be aligned to " + std::to_string(alignment) +
                   " can lie at byte " + std::to_string(offset) + " of " + std::to_string(size));
}

}  // namespace internal

SharedMemory::SharedMemory(std::shared_ptr<internal::NamedMemory> memory)
    : memory_(std::move(memory)) {}

SharedMemory SharedMemory::create(std::int64_t size, Lifetime lifetime) {
  return SharedMemory(
      std::make_shared<internal::NamedMemory>(std::string_view(), size, lifetime, nullptr));
}

SharedMemory SharedMemory::create(std::string_view name, std::int64_t size, Lifetime lifetime) {
  return SharedMemory(std::make_shared<internal::NamedMemory>(internal::checked_name(name), size,
                                                              lifetime, nullptr));
}

SharedMemory SharedMemory::attach(std::string_view name) {
  return SharedMemory(std::make_shared<internal::NamedMemory>(name));
}

void SharedMemory::close() const { memory_->close(); }
void SharedMemory::unlink() const { memory_->unlink(); }
const std::string& SharedMemory::name() const { return memory_->name(); }
std::size_t SharedMemory::size() const { return memory_->size(); }
bool SharedMemory::is_owner() const { return memory_->is_owner(); }
std::span<std::byte> SharedMemory::buf() const { return memory_->bytes(); }
std::size_t SharedMemory::sweep() { return internal::sweep_names(); }

std::ostream& operator<<(std::ostream& out, const SharedMemory& memory) {
  return out << "SharedMemory(" << repr(memory.name()) << ", size=" << memory.size() << ')';
}

}  // namespace mp
