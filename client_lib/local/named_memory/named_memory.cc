#include "client_lib/local/named_memory/named_memory.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/memory.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

std::string quoted(std::string_view name) { return "shared memory '" + std::string(name) + "'"; }

struct stat status_of(int fd, const std::string& attempt) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw MemoryError("cannot " + attempt + errno_text(errno));
  return status;
}

std::size_t checked_size(std::int64_t size) {
  if (size > 0) return static_cast<std::size_t>(size);
  throw ValueError("shared memory can't have a size of " + std::to_string(size));
}

// Whether a name that was taken is free now.
bool gives_way(const std::string& name) {
  const int error = remove_name(name, std::nullopt);
  return error == 0 || error == ENOENT;
}

}  // namespace

NamedMemory::NamedMemory(std::string_view name, std::int64_t size, Lifetime lifetime,
                         const Fill& fill)
    : name_(name.empty() ? std::string() : checked_name(name)),
      size_(checked_size(size)),
      generation_(fork_generation()) {
  sweep_names_once();
  const std::string attempt = "reserve " + std::to_string(size) + " bytes of shared memory";
  require_file_size(attempt, size_);
  require_memory(attempt, size_);
  file_ = make_unnamed(lifetime == Lifetime::kOwner ? Owned::kYes : Owned::kNo);
  if (!file_.is_open()) throw MemoryError("cannot " + attempt + errno_text(errno));
  reserve_memory(attempt, file_.get(), 0, size_);
  inode_ = status_of(file_.get(), attempt).st_ino;
  map();
  try {
    if (fill) fill({data_, size_});
    give_a_name(name);
  } catch (...) {
    close();
    throw;
  }
  owns_ = lifetime == Lifetime::kOwner;
}

void NamedMemory::give_a_name(std::string_view name) {
  constexpr int kMostAttempts = 100;
  int error = EEXIST;
  for (int attempt = 0; error == EEXIST && attempt < kMostAttempts; ++attempt) {
    if (name.empty()) name_ = random_name();
    error = link_name(file_.get(), name_);
    if (error == EEXIST && !name.empty() && !gives_way(name_)) break;
  }
  if (error == EEXIST) throw AlreadyExists("there is " + quoted(name_) + " already");
  if (error != 0) throw MemoryError("cannot make " + quoted(name_) + errno_text(error));
}

NamedMemory::NamedMemory(std::string_view name)
    : name_(checked_name(name)), generation_(fork_generation()) {
  sweep_names_once();
  const std::string attempt = "attach to " + quoted(name_);
  file_ = open_name(name_);
  if (!file_.is_open() && errno == ENOENT) throw NoSuchObject("there is no " + quoted(name_));
  if (!file_.is_open()) throw MemoryError("cannot " + attempt + errno_text(errno));
  if (is_orphan(file_.get())) {
    remove_name(name_, std::nullopt);
    throw NoSuchObject("there is no " + quoted(name_) + " any more: its owner has died");
  }
  const struct stat status = status_of(file_.get(), attempt);
  if (!S_ISREG(status.st_mode)) throw MemoryError("cannot " + attempt + ": it is no such memory");
  if (status.st_size == 0) throw MemoryError("cannot " + attempt + ": it is empty");
  inode_ = status.st_ino;
  size_ = static_cast<std::size_t>(status.st_size);
  constexpr std::size_t kUnit = 512;  // of st_blocks
  const std::size_t reserved = static_cast<std::size_t>(status.st_blocks) * kUnit;
  if (reserved < size_) {
    require_memory(attempt, size_ - reserved);
    reserve_memory(attempt, file_.get(), 0, size_);
  }
  map();
}

NamedMemory::~NamedMemory() {
  // What cannot be removed now has no owner in a moment, and the next process removes it.
  if (is_owner()) remove_name(name_, inode_);
  owns_ = false;
  close();
}

void NamedMemory::map() {
  void* const address = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (address == MAP_FAILED) throw MemoryError("cannot map " + quoted(name_) + errno_text(errno));
  data_ = static_cast<std::byte*>(address);
}

void NamedMemory::close() noexcept {
  if (data_ != nullptr) ::munmap(std::exchange(data_, nullptr), size_);
  if (!owns_) file_.close();
}

void NamedMemory::unlink() {
  const int error = remove_name(name_, inode_);
  if (error != 0 && error != ENOENT && error != ESTALE)
    throw MemoryError("cannot unlink " + quoted(name_) + errno_text(error));
  owns_ = false;
  if (data_ == nullptr) file_.close();
  if (error != 0) throw NoSuchObject("there is no " + quoted(name_) + " to unlink");
}

bool NamedMemory::is_owner() const { return owns_ && generation_ == fork_generation(); }

std::span<std::byte> NamedMemory::bytes() const {
  if (data_ == nullptr) throw ValueError(quoted(name_) + " is closed");
  const auto now = status_of(file_.get(), "look at " + quoted(name_)).st_size;
  if (static_cast<std::size_t>(now) < size_)
    throw MemoryError(quoted(name_) + " was shrunk to " + std::to_string(now) +
                      " bytes by somebody");
  return {data_, size_};
}

}  // namespace mp::internal
