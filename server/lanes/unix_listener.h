#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace mp::server {

// A listening Unix socket at a path, and the lock file beside it that makes it the only one: a
// second manager on the same path fails, and what a dead one left behind is replaced.
class UnixListener {
 public:
  // Makes the path's folder if need be, for this user alone.
  static absl::StatusOr<UnixListener> listen(const std::string& path);
  // A socket that listens already, without a path of its own.
  static UnixListener adopt(int fd) { return UnixListener({}, fd, -1); }
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&& other) noexcept;
  ~UnixListener();

  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

 private:
  UnixListener(std::string path, int fd, int lock_fd)
      : path_(std::move(path)), fd_(fd), lock_fd_(lock_fd) {}

  std::string path_;
  int fd_ = -1;
  int lock_fd_ = -1;
};

}  // namespace mp::server
