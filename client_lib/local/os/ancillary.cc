#include "client_lib/local/os/ancillary.h"

#include <cstring>
#include <utility>

#include "mp/errors.h"

namespace mp::internal {
namespace {

void take_from(const cmsghdr& header, std::vector<Descriptor>& into) {
  if (header.cmsg_level != SOL_SOCKET || header.cmsg_type != SCM_RIGHTS) return;
  const std::size_t count = (header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
  into.reserve(into.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(&header) + i * sizeof fd, sizeof fd);
    into.emplace_back(fd);
  }
}

}  // namespace

void Ancillary::put(msghdr& message, std::span<const int> descriptors) {
  if (descriptors.empty()) return;
  cmsghdr head{};
  head.cmsg_level = SOL_SOCKET;
  head.cmsg_type = SCM_RIGHTS;
  head.cmsg_len = CMSG_LEN(descriptors.size_bytes());
  std::memcpy(room_.data(), &head, sizeof head);
  std::memcpy(room_.data() + CMSG_LEN(0), descriptors.data(), descriptors.size_bytes());
  message.msg_control = room_.data();
  message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
}

void Ancillary::make_room(msghdr& message) {
  message.msg_control = room_.data();
  message.msg_controllen = room_.size();
}

std::vector<Descriptor> Ancillary::take(msghdr& message) {
  std::vector<Descriptor> found;
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
       head = CMSG_NXTHDR(&message, head)) {
    take_from(*head, found);
  }
  bool has_room = (message.msg_flags & MSG_CTRUNC) == 0;
  for (Descriptor& descriptor : found) {
    descriptor = beyond_standard(std::move(descriptor));
    has_room = has_room && descriptor.is_open();
  }
  if (has_room) return found;
  throw ConnectionError(
      "cannot receive: a message is lost, because this process has no room for the descriptors "
      "that came with it: Too many open files");
}

}  // namespace mp::internal
