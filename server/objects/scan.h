#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

// A part of a container's entries: a scan goes from one to the next, and nothing of it is kept here
// in between. A position is a place in the container's row, which says nothing once the shape has
// changed, and whose id is part of the shape: another object's is hardly ever the same.

namespace mp::server {

// How much a part holds: at least one entry, then no more than is asked for, or than is fit.
class ScanPart {
 public:
  ScanPart(std::uint64_t entries, std::uint64_t bytes)
      : entries_left_(std::min(entries == 0 ? kEntries : entries, kMostEntries)),
        bytes_left_(std::min(bytes == 0 ? kBytes : bytes, kMostBytes)) {}

  // Has it room for one of about so many bytes?
  bool takes(std::uint64_t bytes) const {
    return empty_ || (entries_left_ > 0 && bytes <= bytes_left_);
  }
  void add(std::uint64_t bytes) {
    empty_ = false;
    --entries_left_;
    bytes_left_ -= std::min(bytes, bytes_left_);
  }

  // Where nothing is asked for, and the most that can be.
  static constexpr std::uint64_t kEntries = 1'000;
  static constexpr std::uint64_t kMostEntries = 10'000;
  static constexpr std::uint64_t kBytes = 256ULL << 10U;
  static constexpr std::uint64_t kMostBytes = 4ULL << 20U;

 private:
  std::uint64_t entries_left_;
  std::uint64_t bytes_left_;
  bool empty_ = true;
};

// The shape of the table of this object.
template <class Table>
std::uint64_t shape_of(const Table& table, std::uint64_t object) {
  return table.shape() + object * 0x9E37'79B9'7F4A'7C15U;  // far from that of the next one
}

// Calls `write` with the entries of the next part, in order; it gives their size on the wire, which
// `bytes_of` tells about before.
// VALUE_ERROR for a position that the table has not; RUNTIME_ERROR, with `changed`, if the shape is
// another one.
template <class Table, class Request, class Reply, class BytesOf, class Write>
absl::Status scan(const Table& table, std::uint64_t object, std::string_view changed,
                  const Request& request, Reply& reply, BytesOf bytes_of, Write write) {
  if (request.position() != 0 && request.shape() != shape_of(table, object))
    return error(v1::RUNTIME_ERROR, changed);
  if (request.position() > table.row()) {
    return error(v1::VALUE_ERROR,
                 absl::StrCat("there is no position ", request.position(),
                              "; a scan goes on where the last part's reply says"));
  }
  ScanPart part(request.limit(), request.max_bytes());
  reply.set_position(table.visit_from(request.position(), [&](const auto& entry) {
    if (!part.takes(bytes_of(entry))) return false;
    part.add(write(entry));
    return true;
  }));
  reply.set_shape(shape_of(table, object));
  return absl::OkStatus();
}

}  // namespace mp::server
