#include "client_lib/local/named_memory/shm_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <memory>
#include <vector>

#include "client_lib/local/os/pidfd.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

const std::string kFolder = "/dev/shm";
constexpr off_t kOwnersByte = off_t{1} << 62;
constexpr off_t kRemoversByte = kOwnersByte + 1;

std::string path_of(const std::string& name) { return kFolder + '/' + name; }

struct flock byte_lock(short type, off_t byte) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

// Of the open file, not of the process: it goes with the last descriptor.
bool lock_byte(int fd, int command, short type, off_t byte) {
  auto lock = byte_lock(type, byte);
  int result = 0;
  do {
    result = ::fcntl(fd, command, &lock);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

// While it lives nobody else removes the name of the file.
class Remover {
 public:
  explicit Remover(int fd)
      : fd_(fd), is_alone_(lock_byte(fd, F_OFD_SETLKW, F_WRLCK, kRemoversByte)) {}
  // Explicitly: a child that is forked in this moment has the descriptor, too.
  ~Remover() { lock_byte(fd_, F_OFD_SETLK, F_UNLCK, kRemoversByte); }
  Remover(const Remover&) = delete;
  Remover& operator=(const Remover&) = delete;

  bool is_alone() const { return is_alone_; }

 private:
  int fd_;
  bool is_alone_;
};

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

// Files that had an owner once. A name may be anybody's: nothing is opened that could block.
std::vector<std::string> owned_names() {
  const Folder folder(::opendir(kFolder.c_str()));
  if (!folder) throw MemoryError("cannot look for shared memory in " + kFolder + errno_text(errno));
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(folder.get())) {
    struct stat status {};
    if (::fstatat(::dirfd(folder.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(status.st_mode) && (status.st_mode & S_ISVTX) != 0)
      names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace

std::string checked_name(std::string_view name) {
  const std::string_view bare = name.starts_with('/') ? name.substr(1) : name;
  constexpr std::string_view kForbidden("/\0", 2);
  if (bare.empty() || bare == "." || bare == ".." || bare.size() > NAME_MAX ||
      bare.find_first_of(kForbidden) != std::string_view::npos)
    throw ValueError("'" + std::string(name.substr(0, NAME_MAX)) +
                     "' can't be the name of shared memory");
  return std::string(bare);
}

std::string random_name() {
  std::uint32_t number = 0;
  while (::getrandom(&number, sizeof number, 0) != ssize_t{sizeof number}) {
    if (errno != EINTR) throw MemoryError("cannot name shared memory" + errno_text(errno));
  }
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "psm_%08x", number);
  return text.data();
}

Descriptor make_unnamed(Owned owned) {
  const mode_t mode = S_IRUSR | S_IWUSR | (owned == Owned::kYes ? S_ISVTX : 0);
  Descriptor file =
      beyond_standard(Descriptor(::open(kFolder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode)));
  if (owned == Owned::kYes && file.is_open() &&
      !lock_byte(file.get(), F_OFD_SETLK, F_RDLCK, kOwnersByte)) {
    const int error = errno;
    file.close();
    errno = error;
  }
  return file;
}

int link_name(int fd, const std::string& name) {
  const std::string unnamed = "/proc/self/fd/" + std::to_string(fd);
  return ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path_of(name).c_str(), AT_SYMLINK_FOLLOW) ==
                 0
             ? 0
             : errno;
}

Descriptor open_name(const std::string& name) {
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  return beyond_standard(Descriptor(::open(path_of(name).c_str(), kFlags)));
}

bool is_orphan(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & S_ISVTX) == 0)
    return false;
  auto lock = byte_lock(F_WRLCK, kOwnersByte);
  return ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
}

int remove_name(const std::string& name, std::optional<ino_t> file) {
  const Descriptor opened = open_name(name);
  if (!opened.is_open()) return errno;
  const Remover remover(opened.get());
  if (!remover.is_alone()) return errno;
  struct stat status {};
  struct stat named {};
  if (::fstat(opened.get(), &status) != 0 || ::lstat(path_of(name).c_str(), &named) != 0)
    return errno;
  if (named.st_ino != status.st_ino || named.st_dev != status.st_dev) return ESTALE;
  if (file ? status.st_ino != *file : !is_orphan(opened.get())) return ESTALE;
  return ::unlink(path_of(name).c_str()) == 0 ? 0 : errno;
}

std::size_t sweep_names() {
  std::size_t removed = 0;
  for (const auto& name : owned_names()) {
    const int error = remove_name(name, std::nullopt);
    if (error == 0) ++removed;
    if (error == EMFILE || error == ENFILE)
      throw MemoryError("cannot look whether '" + name + "' has an owner" + errno_text(error));
  }
  return removed;
}

void sweep_names_once() {
  static std::atomic<std::uint64_t> swept = 0;  // one more than the fork_generation() it was in
  const auto mine = fork_generation() + 1;
  if (swept.load(std::memory_order_relaxed) == mine) return;
  sweep_names();
  swept.store(mine, std::memory_order_relaxed);
}

}  // namespace mp::internal
