#include "mp/internal/array_in_memory.h"

#include "mp/errors.h"

namespace mp::internal {

std::size_t require_length(std::int64_t length) {
  if (length >= 0) return static_cast<std::size_t>(length);
  throw ValueError("an array can't have a length of " + std::to_string(length));
}

void require_count(std::size_t places, std::size_t items) {
  if (places == items) return;
  throw ValueError("cannot set " + std::to_string(places) + " places of an array to " +
                   std::to_string(items) + " items");
}

void require_room(std::size_t places, std::size_t text) {
  if (text <= places) return;
  throw ValueError("a text of " + std::to_string(text) + " bytes is too long for an array of " +
                   std::to_string(places));
}

}  // namespace mp::internal
