#include "server/lanes/unix_listener.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mp::server {
namespace {

absl::Status failed(const std::string& what, const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

// Where other users may put files, what we open there may be theirs.
absl::Status require_safe(const std::filesystem::path& folder) {
  struct stat found {};
  if (stat(folder.c_str(), &found) != 0) return failed("cannot look at the folder", folder);
  const bool ours = found.st_uid == geteuid() || found.st_uid == 0;
  const bool writable = (found.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (ours && (!writable || (found.st_mode & S_ISVTX) != 0)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the folder ", folder.string(),
                   " belongs to another user, or others may write to it: make it this user's "
                   "alone, or choose another path with --socket"));
}

absl::Status make_folder(const std::filesystem::path& folder) {
  if (folder.empty()) return absl::OkStatus();
  if (std::filesystem::exists(folder)) return require_safe(folder);
  std::error_code code;
  std::filesystem::create_directories(folder.parent_path(), code);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return failed("cannot make the folder", folder);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UnixListener> UnixListener::listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return absl::InvalidArgumentError(absl::StrCat("the socket's path is longer than the ",
                                                   sizeof address.sun_path - 1,
                                                   " bytes that Unix sockets allow: ", path));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (absl::Status status = make_folder(std::filesystem::path(path).parent_path()); !status.ok())
    return status;

  const std::string lock_path = path + ".lock";
  const int lock_fd = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_fd < 0) return failed("cannot open", lock_path);
  if (flock(lock_fd, LOCK_EX | LOCK_NB) != 0) {
    close(lock_fd);
    return absl::FailedPreconditionError(
        absl::StrCat("another manager or relay serves the socket ", path,
                     "; stop it, or give this one another path with --socket"));
  }
  UnixListener listener(path, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                        lock_fd);
  if (listener.fd_ < 0) return failed("cannot make a socket for", path);
  unlink(path.c_str());  // of a manager that died: the lock is ours
  const mode_t mask = umask(0177);
  const int bound = bind(listener.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  umask(mask);
  if (bound != 0) return failed("cannot bind", path);
  if (::listen(listener.fd_, 4096) != 0) return failed("cannot listen on", path);
  return listener;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      fd_(std::exchange(other.fd_, -1)),
      lock_fd_(std::exchange(other.lock_fd_, -1)) {}

UnixListener& UnixListener::operator=(UnixListener&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(lock_fd_, other.lock_fd_);
  return *this;
}

UnixListener::~UnixListener() {
  if (fd_ >= 0) {
    close(fd_);
    if (!path_.empty()) unlink(path_.c_str());
  }
  if (lock_fd_ >= 0)
    close(lock_fd_);  // the lock file stays: unlinking it would race with the next owner
}

}  // namespace mp::server
