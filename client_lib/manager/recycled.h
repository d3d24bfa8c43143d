#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace mp::internal {

// An allocator for objects that come and go by the hundred, for std::allocate_shared: what a thread
// frees it gives out again. A thread keeps a bounded number of blocks, and none after its end.
template <class T>
class Recycled {
 public:
  using value_type = T;

  Recycled() = default;
  template <class U>
  Recycled(const Recycled<U>& /*other*/) noexcept {}  // implicit: allocators are rebound

  T* allocate(std::size_t count) {
    Blocks& mine = blocks();
    if (count != 1 || mine.first == nullptr) return std::allocator<T>().allocate(count);
    Block* const block = mine.first;
    mine.first = block->next;
    --mine.kept;
    return static_cast<T*>(static_cast<void*>(block));
  }

  void deallocate(T* object, std::size_t count) noexcept {
    Blocks& mine = blocks();
    if (count != 1 || mine.kept >= kMost || mine.ended)
      return std::allocator<T>().deallocate(object, count);
    mine.first = new (static_cast<void*>(object)) Block{mine.first};
    ++mine.kept;
  }

  friend bool operator==(const Recycled&, const Recycled&) { return true; }

 private:
#ifdef __SANITIZE_ADDRESS__
  static constexpr std::size_t kMost = 0;  // who uses what was freed is to be found
#else
  static constexpr std::size_t kMost = 1024;
#endif

  struct Block {
    Block* next;
  };
  static_assert(sizeof(T) >= sizeof(Block));
  static_assert(alignof(T) >= alignof(Block));

  // Outlives every destructor of its thread; what they free after its end is freed at once.
  struct Blocks {
    Block* first = nullptr;
    std::size_t kept = 0;
    bool ended = false;
  };
  struct End {
    explicit End(Blocks& of) : blocks(of) {}
    ~End() {
      blocks.ended = true;
      while (Block* const block = blocks.first) {
        blocks.first = block->next;
        std::allocator<T>().deallocate(static_cast<T*>(static_cast<void*>(block)), 1);
      }
    }
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    Blocks& blocks;
  };
  static Blocks& blocks() {
    thread_local Blocks mine;
    thread_local const End end(mine);
    return mine;
  }
};

}  // namespace mp::internal
