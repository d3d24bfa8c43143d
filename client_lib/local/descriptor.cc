#include "client_lib/local/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace mp::internal {

void Descriptor::close() noexcept {
  if (fd_ < 0) return;
  const int kept_errno = errno;
  ::close(std::exchange(fd_, -1));
  errno = kept_errno;
}

}  // namespace mp::internal
