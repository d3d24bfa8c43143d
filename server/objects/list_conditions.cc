#include <utility>

#include "server/objects/comparison.h"
#include "server/objects/list.h"

// Operations that change an item only if it is as their caller thinks.

namespace mp::server {

absl::Status List::compare_exchange(const v1::ListCompareExchangeRequest& request,
                                    v1::ListCompareExchangeReply& reply, Call& call) {
  const absl::StatusOr<Value> expected = call.read(request.expected());
  if (!expected.ok()) return expected.status();
  absl::StatusOr<Value> desired = call.read(request.desired());
  if (!desired.ok()) return desired.status();
  const absl::StatusOr<std::size_t> at = require(request.index());
  if (!at.ok()) return at.status();

  call.write(items_[*at], reply.mutable_actual());
  if (!equal(items_[*at], *expected)) return call.alters_nothing();
  exchange(*at, *std::move(desired), call);
  reply.set_exchanged(true);
  return absl::OkStatus();
}

absl::Status List::update_if(const v1::ListUpdateIfRequest& request, v1::ListUpdateIfReply& reply,
                             Call& call) {
  const absl::StatusOr<Comparison> condition =
      Comparison::from_wire(request.condition(), call.step().limits());
  if (!condition.ok()) return condition.status();
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();
  const absl::StatusOr<std::size_t> at = require(request.index());
  if (!at.ok()) return at.status();

  const absl::StatusOr<bool> met = condition->is_met_by(items_[*at]);
  if (!met.ok()) return met.status();
  call.write(items_[*at], reply.mutable_actual());
  if (!*met) return call.alters_nothing();
  exchange(*at, *std::move(value), call);
  reply.set_updated(true);
  return absl::OkStatus();
}

}  // namespace mp::server
