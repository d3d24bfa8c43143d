#include <string>

#include "mp/errors.h"
#include "mp/internal/remote_object.h"

namespace mp::internal {

bool Reply::has(std::uint32_t field) const {
  for (wire::Fields reply = fields(); reply.next();) {
    if (reply.field() == field) return true;
  }
  return false;
}

std::uint64_t Reply::uint(std::uint32_t field) const {
  std::uint64_t number = 0;
  for (wire::Fields reply = fields(); reply.next();) {
    if (reply.field() == field) number = reply.uint();
  }
  return number;
}

wire::Fields Reply::find(std::uint32_t field) const {
  std::optional<wire::Fields> found;
  for (wire::Fields reply = fields(); reply.next();) {
    if (reply.field() == field) found = reply;
  }
  if (!found) throw RemoteError("the reply lacks field " + std::to_string(field));
  return *found;
}

}  // namespace mp::internal
