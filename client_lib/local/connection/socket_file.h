#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "client_lib/local/connection/socket_address.h"
#include "client_lib/local/os/descriptor.h"

// The file by which a Unix socket is found.

namespace mp::internal {

struct FileIdentity {
  dev_t device;
  ino_t inode;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Removes it, in the process that made it, if it is still the same file.
class SocketFile {
 public:
  // Errors: ConnectionError if it is gone already.
  explicit SocketFile(const std::string& path);
  ~SocketFile() { remove(); }
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

  // Any number of times. While the socket is still open, since nobody takes over the path then.
  void remove() noexcept;

 private:
  const std::string path_;  // absolute, as the folder of the process may change
  const FileIdentity identity_;
  const std::uint64_t generation_;
  std::atomic<bool> removed_ = false;
};

// bind(): 0 or an errno. Where a file is in the way that is a socket and that nobody has open, as
// killed processes leave it, that is replaced. Of several who do so one succeeds.
int bind_to_file(const Descriptor& socket, const std::string& path);

// A free one in the folder for temporary files.
// Errors: ConnectionError if the system has no random bytes.
std::string arbitrary_path();

}  // namespace mp::internal
