#include "client_lib/local/lane/lane_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string>

#include "client_lib/local/shared/memory_room.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

// What must be left for others: at the limit of a control group the kernel kills, and refuses
// nothing.
constexpr std::size_t kLeastRoom = std::size_t{32} << 20U;

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

std::string reason(const char* what, int error) {
  return std::string(what) + ": " + std::strerror(error);  // NOLINT(concurrency-mt-unsafe)
}

// An errno, or 0. Beyond the limit the system would send a signal.
int reserve(int fd, off_t size) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < static_cast<rlim_t>(size))
    return EFBIG;
  int error = 0;
  do {
    error = ::posix_fallocate(fd, 0, size);
  } while (error == EINTR);
  return error;
}

}  // namespace

LaneMemory::LaneMemory(std::byte* mapped, std::size_t ring_bytes)
    : mapped_(mapped),
      control_(std::launder(reinterpret_cast<LaneControl*>(mapped))),
      ring_bytes_(ring_bytes),
      generation_(fork_generation()) {}

LaneMemory::~LaneMemory() {
  // In a forked child there may be another mapping at this address.
  if (generation_ == fork_generation()) ::munmap(mapped_, size());
}

std::unique_ptr<LaneMemory> LaneMemory::map(int fd, std::size_t ring_bytes, std::string& why) {
  const std::size_t size = kControlBytes + 2 * ring_bytes;
  void* const address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) {
    why = reason("cannot map it", errno);
    return nullptr;
  }
  ::madvise(address, size, MADV_DONTFORK);
  return std::unique_ptr<LaneMemory>(new LaneMemory(static_cast<std::byte*>(address), ring_bytes));
}

std::unique_ptr<LaneMemory> LaneMemory::make(Descriptor& to_pass, std::string& why) {
  if (const auto room = memory_room(); room && *room < kLeastRoom) {
    why = "the machine, or a control group, has " + std::to_string(*room) + " bytes left";
    return nullptr;
  }
  Descriptor file(::memfd_create("mp-lane", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.is_open()) {
    why = reason("cannot make it", errno);
    return nullptr;
  }
  constexpr off_t kSize = kControlBytes + 2 * kRingBytes;
  if (const int error = reserve(file.get(), kSize); error != 0) {
    why = reason("cannot reserve it", error);
    return nullptr;
  }
  if (::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) {
    why = reason("cannot seal it", errno);
    return nullptr;
  }
  auto memory = map(file.get(), kRingBytes, why);
  if (memory == nullptr) return nullptr;
  auto* const control = new (memory->mapped_) LaneControl{};
  control->ring_bytes = kRingBytes;
  control->layout = LaneControl::kLayout;
  to_pass = std::move(file);
  return memory;
}

std::unique_ptr<LaneMemory> LaneMemory::attach(const Descriptor& passed, std::string& why) {
  struct stat status {};
  constexpr std::size_t kSize = kControlBytes + 2 * kRingBytes;
  if (::fstat(passed.get(), &status) != 0 || static_cast<std::size_t>(status.st_size) != kSize ||
      (::fcntl(passed.get(), F_GET_SEALS) & kSeals) != kSeals) {
    why = "what was passed is no memory of a lane";
    return nullptr;
  }
  auto memory = map(passed.get(), kRingBytes, why);
  if (memory == nullptr) return nullptr;
  if (memory->control().layout != LaneControl::kLayout ||
      memory->control().ring_bytes != kRingBytes) {
    why = "its layout is that of another version";
    return nullptr;
  }
  return memory;
}

}  // namespace mp::internal
