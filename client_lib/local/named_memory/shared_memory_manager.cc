#include "mp/local/shared_memory_manager.h"

#include <mutex>
#include <optional>
#include <vector>

#include "client_lib/local/process/fork_safe_lock.h"
#include "mp/errors.h"

namespace mp {

struct SharedMemoryManager::State {
  internal::ForkSafeLock lock;
  std::vector<SharedMemory> owned;  // guarded by lock
  bool is_shut_down = false;        // guarded by lock
};

SharedMemoryManager::SharedMemoryManager() : state_(std::make_unique<State>()) {}

SharedMemoryManager::~SharedMemoryManager() {
  try {
    shutdown();
  } catch (const MemoryError&) {
    // A name that the system does not let go of has no owner any more: it is swept.
  }
}

SharedMemory SharedMemoryManager::shared_memory(std::int64_t size) const {
  auto memory = SharedMemory::create(size);
  keep(memory);
  return memory;
}

ShareableList SharedMemoryManager::shareable_list(const Any::List& items) const {
  auto list = ShareableList::create(items);
  keep(list.shm());
  return list;
}

// What comes too late is unlinked with its last handle, the caller's.
void SharedMemoryManager::keep(const SharedMemory& memory) const {
  const std::lock_guard lock(state_->lock);
  if (state_->is_shut_down) throw ValueError("the SharedMemoryManager is shut down");
  state_->owned.push_back(memory);
}

void SharedMemoryManager::shutdown() const {
  std::vector<SharedMemory> owned;
  {
    const std::lock_guard lock(state_->lock);
    state_->is_shut_down = true;
    owned.swap(state_->owned);
  }
  std::optional<MemoryError> refused;
  for (const auto& memory : owned) {
    if (!memory.is_owner()) continue;  // its parent's, or unlinked
    try {
      memory.unlink();
    } catch (const NoSuchObject&) {
      // Somebody else was faster.
    } catch (const MemoryError& error) {
      refused = error;
    }
  }
  if (refused) throw MemoryError(*refused);
}

}  // namespace mp
