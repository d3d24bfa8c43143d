#pragma once

#include <fcntl.h>

#include <string>
#include <utility>
#include <vector>

#include "client_lib/local/os/descriptor.h"
#include "mp/internal/plain_bytes.h"
#include "mp/internal/travel.h"

namespace mp::test {

// A handle, written to bytes with its descriptors beside them, as it comes out on the other side.
template <class To, class From>
To sent_as(const From& handle) {
  std::string bytes;
  std::vector<internal::Descriptor> arrived;
  {
    const internal::OutgoingDescriptors outgoing;
    internal::write_value(bytes, handle);
    for (const int fd : outgoing.descriptors())
      arrived.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  }
  const internal::IncomingDescriptors incoming(std::move(arrived));
  return internal::read_value<To>(bytes);
}

template <class H>
H sent(const H& handle) {
  return sent_as<H>(handle);
}

}  // namespace mp::test
