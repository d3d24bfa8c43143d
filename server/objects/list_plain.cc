#include <utility>

#include "server/objects/list.h"

// Operations whose requests are plain.

namespace mp::server {

absl::Status List::get_plain(std::span<Value> index, PlainReply& reply, Call&) const {
  const absl::StatusOr<std::size_t> at = require(index.front().as_int());
  if (!at.ok()) return at.status();
  reply.value(items_[*at]);
  return absl::OkStatus();
}

absl::Status List::set_plain(std::span<Value> item, PlainReply&, Call& call) {
  return set_at(item[0].as_int(), std::move(item[1]), call);
}

absl::Status List::append_plain(std::span<Value> value, PlainReply&, Call& call) {
  return append_value(std::move(value.front()), call);
}

}  // namespace mp::server
