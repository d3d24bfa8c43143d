#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "mp/codec/concepts.h"

namespace mp {

namespace internal {

class NamedMemory;

// Errors: ValueError if `offset` is no multiple of `alignment`, or lies outside.
void require_place(std::size_t size, std::size_t offset, std::size_t alignment);

}  // namespace internal

// How long the name of a SharedMemory stays, other than until its unlink().
enum class Lifetime : std::uint8_t {
  // As long as its owner: the handle that create() gave, with its copies, in the process that
  // called it. If that process is killed, the name counts as gone from then on, and the next that
  // uses this class removes it.
  kOwner,
  // Until unlink(), whoever ends. Python: track=False.
  kUntilUnlinked,
};

// A piece of memory with a name, which any process of the machine can attach to.
//
// Python: multiprocessing.shared_memory.SharedMemory. It is the same memory: Python's class
// attaches to what this one has made, and this one to what Python's has. Without a name of its own
// it is called as there: psm_ and eight hexadecimal digits, a file in /dev/shm.
//
// All memory is reserved before there is a name: what cannot be had is a MemoryError, and never a
// signal later. Who attaches finds it whole, with its full size. Only a foreign program can shrink
// it then, with ftruncate(2); buf() and span() notice what was shrunk before the call.
//
// This is a handle: copies are the same attachment. A forked child has it by inheritance; as an
// argument of a process, over a Connection or in a manager's dict its name is sent, and the
// receiver attaches to it. In a forked child it owns nothing, but the name stays, also when the
// owner is killed, until the last child that was forked with it has ended. Who does not need a name
// and wants numbers takes Value and Array, of which nothing can be left over.
//
// Errors (of all that use the memory): ValueError after close(); MemoryError if it was shrunk.
// Thread-safety: any thread, but nobody uses the memory while another closes it. The bytes
// themselves are guarded by nobody. Fork-safety: as said above.
//
//   auto shm = mp::SharedMemory::create(4096);
//   std::ranges::fill(shm.span<double>(), 0.5);
//   mp::Process p([name = shm.name()] { mp::SharedMemory::attach(name).span<double>()[0] = 1; });
class SharedMemory {
 public:
  // Zeros, under a name that nobody has; the handle owns it, see Lifetime.
  // Python: SharedMemory(create=True, size=size).
  // Errors: ValueError if the size is not above 0; MemoryError.
  static SharedMemory create(std::int64_t size, Lifetime lifetime = Lifetime::kOwner);

  // The same under this name, with or without a leading slash. What a killed owner has left under
  // it gives way. Python: SharedMemory(name, create=True, size=size). Errors: AlreadyExists;
  // ValueError if it is none: empty, with another slash or a NUL, or of more than 255 bytes; those
  // above.
  static SharedMemory create(std::string_view name, std::int64_t size,
                             Lifetime lifetime = Lifetime::kOwner);

  // What another has made, in its whole size; what its maker did not reserve is reserved now.
  // Python: SharedMemory(name). Errors: NoSuchObject, also if a killed owner has left it, which
  // removes it; MemoryError if it is empty, cannot be reserved, or is somebody else's; ValueError
  // if it is no name.
  static SharedMemory attach(std::string_view name);

  // Lets go of the memory in this process; twice does nothing. The name stays, and who owns it
  // still does. Python: close().
  void close() const;

  // Removes the name; who has the memory keeps it. Also after close(), and by whoever has a handle.
  // Errors: NoSuchObject if it has gone, be there a new one of the name; MemoryError if the system
  // refuses.
  void unlink() const;

  const std::string& name() const;
  std::size_t size() const;

  // Whether the name goes when the last copy of this handle does. Not in a forked child.
  bool is_owner() const;

  // The memory, valid until close() and while a copy of the handle lives. Cost: a system call, by
  // which is seen that nobody has shrunk it: keep the span.
  std::span<std::byte> buf() const;

  // As many T as there is room for behind `offset` bytes.
  // Errors: ValueError if no T can lie there.
  template <class T>
  std::span<T> span(std::size_t offset = 0) const {
    static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>,
                  "processes share what is as good as its bytes; a pointer leads nowhere there");
    const auto bytes = buf();
    internal::require_place(bytes.size(), offset, alignof(T));
    return {reinterpret_cast<T*>(bytes.data() + offset), (bytes.size() - offset) / sizeof(T)};
  }

  // Removes what owners have left that were killed, and returns how many. The first create() and
  // attach() of each process do so, too. Python: its resource tracker, when the last process ends.
  // Errors: MemoryError if /dev/shm can't be read.
  static std::size_t sweep();

  // As Python prints it: SharedMemory('psm_1f0e2d3c', size=4096).
  friend std::ostream& operator<<(std::ostream& out, const SharedMemory& memory);

 private:
  friend class ShareableList;

  explicit SharedMemory(std::shared_ptr<internal::NamedMemory> memory);

  std::shared_ptr<internal::NamedMemory> memory_;
};

template <>
struct Codec<SharedMemory> {
  static constexpr KindSet kKinds{ValueKind::kStr};

  template <class Sink>
  static void write(Sink& out, const SharedMemory& memory) {
    out.text(memory.name());
  }
  template <class Source>
  static SharedMemory read(Source& in) {
    return SharedMemory::attach(in.text());
  }
};

}  // namespace mp
