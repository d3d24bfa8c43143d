#include "client_lib/local/shared/memory.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/heap.h"
#include "client_lib/local/shared/memory_room.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

[[noreturn]] void throw_cannot(const std::string& attempt, int error) {
  throw MemoryError("cannot " + attempt + errno_text(error));
}

Descriptor make_file(std::size_t size) {
  const std::string attempt = "reserve " + std::to_string(size) + " bytes to share";
  require_file_size(attempt, size);
  require_memory(attempt, size);
  Descriptor file =
      beyond_standard(Descriptor(::memfd_create("mp", MFD_CLOEXEC | MFD_ALLOW_SEALING)));
  if (!file.is_open()) throw_cannot(attempt, errno);
  reserve_memory(attempt, file.get(), 0, size);
  ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK);
  return file;
}

std::byte* map(const Descriptor& file, std::size_t size) {
  void* const address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (address == MAP_FAILED)
    throw_cannot("map " + std::to_string(size) + " bytes of shared memory", errno);
  return static_cast<std::byte*>(address);
}

// The segments of this process that come from others, or went to them: so that each is mapped once.
class Known {
 public:
  std::shared_ptr<Segment> find(std::uint64_t inode) const {
    const auto found = segments_.find(inode);
    return found == segments_.end() ? nullptr : found->second.lock();
  }
  void add(std::uint64_t inode, const std::shared_ptr<Segment>& segment) {
    std::erase_if(segments_, [](const auto& entry) { return entry.second.expired(); });
    segments_[inode] = segment;
  }

 private:
  std::unordered_map<std::uint64_t, std::weak_ptr<Segment>> segments_;
};

// Where new small blocks come from.
struct Source {
  Heap heap;
  std::uint64_t generation = 0;  // the fork_generation() that it belongs to

  Heap::Piece take(std::size_t size) {
    if (generation != fork_generation()) {
      heap = Heap();
      generation = fork_generation();
    }
    return heap.take(size);
  }
};

struct Memory {
  Source source;
  Known known;
};

constinit std::mutex mutex;

// Never destroyed: objects that outlive main still use it.
Memory& memory() {
  static auto* const memory = new Memory;
  return *memory;
}

void lock_for_fork() { mutex.lock(); }
void unlock_in_parent() {
  memory().source.heap.was_forked();
  mutex.unlock();
}
void unlock_in_child() { mutex.unlock(); }

[[maybe_unused]] const int kHandlersAreRegistered =
    ::pthread_atfork(lock_for_fork, unlock_in_parent, unlock_in_child);

// The piece of a process, until its last handle there.
struct GiveBack {
  Heap::Piece piece;
  std::uint64_t generation;

  void operator()(std::nullptr_t) const noexcept {
    if (generation != fork_generation()) return;  // it is the parent's
    const std::lock_guard lock(mutex);
    memory().source.heap.give_back(piece);
  }
};

std::uint64_t inode_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw_cannot("look at shared memory", errno);
  return status.st_ino;
}

}  // namespace

void require_file_size(const std::string& attempt, std::size_t size) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      size > limit.rlim_cur)
    throw_cannot(attempt, EFBIG);
}

void require_memory(const std::string& attempt, std::size_t size) {
  constexpr std::size_t kLargeEnoughToAsk = std::size_t{1} << 20;
  if (size < kLargeEnoughToAsk) return;
  const std::size_t tables = size / 512;  // of its pages
  if (const auto room = memory_room(); room && size + tables > *room)
    throw MemoryError("cannot " + attempt + ": the machine, or a control group, has " +
                      std::to_string(*room) + " left");
}

// In pieces: a piece that a signal interrupts is begun anew, and a timer must not keep us from ever
// finishing.
void reserve_memory(const std::string& attempt, int fd, std::size_t from, std::size_t to) {
  constexpr std::size_t kPiece = std::size_t{8} << 20;
  require_file_size(attempt, to);
  while (from < to) {
    const std::size_t piece = std::min(kPiece, to - from);
    const int error = ::posix_fallocate(fd, static_cast<off_t>(from), static_cast<off_t>(piece));
    if (error == 0) from += piece;
    if (error != 0 && error != EINTR) throw_cannot(attempt, error);
  }
}

Segment::Segment(std::size_t size) : Segment(make_file(size), size) {}
Segment::Segment(Descriptor fd, std::size_t size)
    : fd_(std::move(fd)), size_(size), data_(map(fd_, size)) {}
Segment::~Segment() { ::munmap(data_, size_); }

std::shared_ptr<Segment> Segment::adopt(int fd, std::size_t most) {
  const std::lock_guard lock(mutex);
  const auto inode = inode_of(fd);
  if (auto known = memory().known.find(inode)) return known;
  struct stat status {};
  constexpr int kNeeded = F_SEAL_SHRINK;
  if (::fstat(fd, &status) != 0 || (::fcntl(fd, F_GET_SEALS) & kNeeded) != kNeeded)
    throw MemoryError("cannot map shared memory: the descriptor is not of such memory");
  Descriptor own = duplicate(fd);
  if (!own.is_open()) throw_cannot("keep shared memory", errno);
  const auto size = std::min(static_cast<std::size_t>(status.st_size), most);
  std::shared_ptr<Segment> segment(new Segment(std::move(own), size));
  memory().known.add(inode, segment);
  return segment;
}

Block Block::make(std::size_t size) {
  const std::size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
  if (rounded > Heap::kLargestPiece) return {std::make_shared<Segment>(rounded), 0, rounded};
  const auto piece = [rounded] {
    const std::lock_guard lock(mutex);
    return memory().source.take(rounded);
  }();
  const std::shared_ptr<void> use(nullptr, GiveBack{piece, fork_generation()});
  return {std::shared_ptr<Segment>(use, piece.segment.get()), piece.offset, rounded};
}

BlockTicket Block::pack(const char* what) const {
  const auto descriptor = OutgoingDescriptors::current(what).add(segment_->fd(), segment_);
  const std::lock_guard lock(mutex);
  memory().known.add(inode_of(segment_->fd()), segment_->shared_from_this());
  memory().source.heap.was_sent(*segment_, offset_);
  return {descriptor, offset_, size_};
}

Block Block::unpack(const char* what, const BlockTicket& ticket) {
  auto segment = Segment::adopt(IncomingDescriptors::current(what).at(ticket.descriptor));
  if (ticket.offset % kAlignment != 0 || ticket.offset > segment->size() ||
      ticket.size > segment->size() - ticket.offset)
    throw ValueError(std::string(what) + " was said to lie outside of its shared memory");
  return {std::move(segment), ticket.offset, ticket.size};
}

void require_size(const Block& block, std::size_t size) {
  if (block.size() >= size) return;
  throw ValueError("shared memory of " + std::to_string(block.size()) + " bytes is too small for " +
                   std::to_string(size));
}

}  // namespace mp::internal
