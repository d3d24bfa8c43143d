#include "client_lib/local/os/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace mp::internal {
namespace {

constexpr int kFirstBeyondStandard = 3;

}  // namespace

void Descriptor::close() noexcept {
  if (fd_ < 0) return;
  const int kept_errno = errno;
  ::close(std::exchange(fd_, -1));
  errno = kept_errno;
}

Descriptor beyond_standard(Descriptor descriptor) noexcept {
  if (!descriptor.is_open() || descriptor.get() >= kFirstBeyondStandard) return descriptor;
  return duplicate(descriptor.get());
}

Descriptor duplicate(int fd) noexcept {
  return Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstBeyondStandard));
}

}  // namespace mp::internal
