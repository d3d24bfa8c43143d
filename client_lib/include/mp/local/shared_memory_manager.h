#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "mp/local/shareable_list.h"
#include "mp/local/shared_memory.h"

namespace mp {

// A scope that owns pieces of shared memory, and unlinks them all at its end.
//
// Python: multiprocessing.managers.SharedMemoryManager. It is no process, and needs none: if the
// process that has it is killed, its names count as gone, and the next process that uses
// SharedMemory removes them.
//
// In a forked child it owns what the child makes by it, and leaves what it had to its parent.
// Errors: ValueError after shutdown(). Thread-safety: any thread. Fork-safety: as said.
//
//   mp::SharedMemoryManager smm;
//   auto shm = smm.shared_memory(128);
//   auto list = smm.shareable_list({1, 2, 3});
class SharedMemoryManager {
 public:
  SharedMemoryManager();
  ~SharedMemoryManager();
  SharedMemoryManager(const SharedMemoryManager&) = delete;
  SharedMemoryManager& operator=(const SharedMemoryManager&) = delete;

  // Under a name that nobody has. Python: smm.SharedMemory(size=size).
  // Errors: those of SharedMemory::create().
  SharedMemory shared_memory(std::int64_t size) const;

  // Python: smm.ShareableList(items). Errors: those of ShareableList::create().
  ShareableList shareable_list(const Any::List& items) const;
  template <internal::ItemsForAList Items>
  ShareableList shareable_list(Items&& items) const {
    auto list = ShareableList::create(std::forward<Items>(items));
    keep(list.shm());
    return list;
  }

  // Unlinks all of them that are not yet. Twice does nothing. Who has one keeps the memory. Errors:
  // MemoryError if the system refuses; all the others are unlinked.
  void shutdown() const;

 private:
  struct State;

  void keep(const SharedMemory& memory) const;

  std::unique_ptr<State> state_;
};

}  // namespace mp
