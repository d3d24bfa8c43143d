#include "server/objects/shared_array.h"

// Operations whose requests are plain.

namespace mp::server {

absl::Status SharedArray::get_plain(std::span<Value> index, PlainReply& reply, Call&) const {
  const absl::StatusOr<std::size_t> place = require(index.front().as_int());
  if (!place.ok()) return place.status();
  reply.value(value_at(*place));
  return absl::OkStatus();
}

absl::Status SharedArray::set_plain(std::span<Value> item, PlainReply& reply, Call& call) {
  const absl::StatusOr<PackedNumber> number = type_.pack(item[1]);
  if (!number.ok()) return number.status();
  const absl::StatusOr<std::size_t> place = require(item[0].as_int());
  if (!place.ok()) return place.status();
  reply.value(value_at(*place));
  put(*place, *number, call);
  return absl::OkStatus();
}

absl::Status SharedArray::update_plain(std::span<Value> change, PlainReply& reply, Call& call) {
  const absl::StatusOr<std::size_t> place = require(change[0].as_int());
  if (!place.ok()) return place.status();
  const PackedNumber number = number_at(*place);
  const auto operation = static_cast<v1::Arithmetic>(change[1].as_int());
  const absl::StatusOr<PackedNumber> result = type_.apply(operation, number, change[2]);
  if (!result.ok()) return result.status();
  reply.value(type_.unpack(*result));
  reply.value(type_.unpack(number));
  put(*place, *result, call);
  return absl::OkStatus();
}

}  // namespace mp::server
