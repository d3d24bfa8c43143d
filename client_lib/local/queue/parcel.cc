#include "mp/internal/parcel.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "client_lib/local/process/uncaught.h"
#include "mp/errors.h"

namespace mp::internal {

void Parcel::add(std::string_view part) {
  const std::uint64_t size = part.size();
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size).append(part);
}

std::string_view ParcelReader::next() {
  std::uint64_t size = 0;
  if (rest_.size() >= sizeof size) std::memcpy(&size, rest_.data(), sizeof size);
  if (rest_.size() < sizeof size || rest_.size() - sizeof size < size) {
    throw ValueError("a part of what was sent is missing");
  }
  const std::string_view part = rest_.substr(sizeof size, size);
  rest_.remove_prefix(sizeof size + size);
  return part;
}

void throw_not_sendable(std::span<const bool> sendable,
                        std::span<const std::type_info* const> types) {
  const auto index =
      static_cast<std::size_t>(std::ranges::find(sendable, false) - sendable.begin());
  const std::string type = readable_name(*types[index]);
  if (index == 0) {
    throw TypeError("the callable, of type " + type +
                    ", can't be sent to a child that is not forked: it must be a function, a "
                    "lambda without captures or a function object without state; hand over what "
                    "it captures as arguments");
  }
  throw TypeError("argument " + std::to_string(index) + ", of type " + type +
                  ", can't be sent to a child that is not forked: it has no mp::Codec; hand over "
                  "a value, or start the child by fork");
}

}  // namespace mp::internal
