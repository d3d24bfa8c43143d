#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "mp/error_code.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/methods/list.h"
#include "mp/proxy/scan.h"
#include "mp/scan_options.h"

namespace mp::internal {

enum class ScanWhat { kEntries, kKeys };

// Where a scan of a dict or a set goes on, as the manager has said.
class ScanPlace {
 public:
  // The fields of a request but for the object.
  void write(wire::Message& request, const ScanOptions& options) const {
    if (position_ != 0) {
      request.uint(3, position_);
      request.uint(4, shape_);
    }
    if (options.entries != 0) request.uint(5, options.entries);
    if (options.bytes != 0) request.uint(6, options.bytes);
  }
  // After this part; false if there is nothing.
  bool read(const Reply& reply) {
    position_ = reply.uint(2);
    shape_ = reply.uint(3);
    return position_ != 0;
  }

 private:
  std::uint64_t position_ = 0;
  std::uint64_t shape_ = 0;
};

// The keys of entries without values.
template <class K>
std::vector<K> decode_entry_keys(const Reply& reply) {
  std::vector<K> keys;
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() != 1) continue;
    for (wire::Fields entry = fields.message(); entry.next();) {
      if (entry.field() == 1) keys.push_back(entry.value<K>());
    }
  }
  return keys;
}

// A scan by an operation of the manager; `decode` gives the entries of its reply.
template <class T, class Decode>
Scan<T> scan_by(const Proxy& proxy, const CallOptions& call, wire::Operation operation,
                const ScanOptions& options, ScanWhat what, Decode decode) {
  return Scan<T>([=, place = ScanPlace()](std::vector<T>& part) mutable {
    wire::Scratch request;
    place.write(*request, options);
    if (what == ScanWhat::kKeys) request->boolean(7, true);
    const Reply reply = proxy.remote()->call(operation, *request, call);
    part = decode(reply);
    return place.read(reply);
  });
}

// How many items of a list to ask for next, so that a part is about as large as asked for, by the
// size of those that came.
class SliceSize {
 public:
  explicit SliceSize(const ScanOptions& options)
      : most_(options.entries == 0 ? kItems : std::min(options.entries, kMostItems)),
        bytes_(options.bytes == 0 ? kBytes : std::min(options.bytes, kMostBytes)),
        items_(std::min(most_, kFirst)) {}

  std::int64_t items() const { return items_; }
  // So many came, of so many bytes in all.
  void learn(std::size_t items, std::size_t bytes) {
    const std::uint64_t each = bytes / items + 1;
    const std::uint64_t fit = std::max<std::uint64_t>(1, bytes_ / each);
    items_ = static_cast<std::uint32_t>(std::min<std::uint64_t>({fit, items_ * 4ULL, most_}));
  }
  // They do not fit into a message; false if it is but one.
  bool shrink() { return std::exchange(items_, std::max(1U, items_ / 4)) > 1; }

 private:
  static constexpr std::uint32_t kFirst = 16;
  static constexpr std::uint32_t kItems = 1'000;
  static constexpr std::uint32_t kMostItems = 10'000;
  static constexpr std::uint64_t kBytes = 256ULL << 10U;
  static constexpr std::uint64_t kMostBytes = 4ULL << 20U;

  std::uint32_t most_;
  std::uint64_t bytes_;
  std::uint32_t items_;
};

// The items from this index on, at most so many, and how many bytes they were; nothing if they do
// not fit into a message, and are not a single one.
template <class V>
std::optional<std::pair<std::vector<V>, std::size_t>> slice_of(const Proxy& list, CallOptions call,
                                                               std::int64_t from,
                                                               std::int64_t items) {
  if (items > 1) call.tolerated = ErrorCode::kLimitExceeded;
  wire::Scratch request;
  write_slice(*request, 3, slice(from, from + items));
  const Reply reply = list.remote()->call(wire::Operation::kListGetSlice, *request, call);
  if (!reply.ok()) return std::nullopt;
  std::size_t bytes = 0;
  for (wire::Fields fields = reply.fields(); fields.next();) bytes += fields.bytes().size();
  return std::pair(decode_values<V>(reply), bytes);
}

// A scan of a list by its indices: it ends where there is nothing any more.
template <class V>
Scan<V> scan_by_index(const Proxy& list, const CallOptions& call, const ScanOptions& options) {
  return Scan<V>(
      [=, size = SliceSize(options), at = std::int64_t{0}](std::vector<V>& part) mutable {
        for (;;) {
          auto found = slice_of<V>(list, call, at, size.items());
          if (!found && size.shrink()) continue;
          if (found->first.empty()) return false;
          part = std::move(found->first);
          at += static_cast<std::int64_t>(part.size());
          size.learn(part.size(), found->second);
          return true;
        }
      });
}

}  // namespace mp::internal
