#include <utility>

#include "server/objects/comparison.h"
#include "server/objects/dict.h"

// Operations that change a dict only if it is as their caller thinks.

namespace mp::server {

absl::Status Dict::compare_exchange(const v1::DictCompareExchangeRequest& request,
                                    v1::DictCompareExchangeReply& reply, Call& call) {
  absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  absl::StatusOr<Value> expected = request.has_expected() ? call.read(request.expected()) : Value();
  if (!expected.ok()) return expected.status();
  absl::StatusOr<Value> desired = request.has_desired() ? call.read(request.desired()) : Value();
  if (!desired.ok()) return desired.status();

  const auto at = map_->find(*key);
  if (at) call.write(map_->value_at(*at), reply.mutable_actual());
  const bool matches = at ? equal(map_->value_at(*at), *expected) : !expected->present();
  if (!matches) return call.alters_nothing();
  reply.set_exchanged(true);
  if (desired->present()) return map_.put(*std::move(key), *std::move(desired), call).status();
  if (!at) return call.alters_nothing();
  map_.take(*at, call);
  return absl::OkStatus();
}

absl::Status Dict::update_if(const v1::DictUpdateIfRequest& request, v1::DictUpdateIfReply& reply,
                             Call& call) {
  absl::StatusOr<Value> key = call.read_key(request.key());
  if (!key.ok()) return key.status();
  absl::StatusOr<Comparison> condition =
      Comparison::from_wire(request.condition(), call.step().limits());
  if (!condition.ok()) return condition.status();
  absl::StatusOr<Value> value = call.read(request.value());
  if (!value.ok()) return value.status();

  const auto at = map_->find(*key);
  const absl::StatusOr<bool> met = condition->is_met_by(at ? map_->value_at(*at) : Value());
  if (!met.ok()) return met.status();
  if (at) call.write(map_->value_at(*at), reply.mutable_actual());
  if (!*met) return call.alters_nothing();
  const auto stored = map_.put(*std::move(key), *std::move(value), call);
  if (!stored.ok()) return stored.status();
  reply.set_updated(true);
  return absl::OkStatus();
}

}  // namespace mp::server
