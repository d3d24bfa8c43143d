#include "server/objects/shared_value.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> SharedValue::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  using enum PlainField;
  static constexpr std::array kRows = {
      operation<&SharedValue::get, &In::shared_value_get, &Out::mutable_shared_value_get>("Get",
                                                                                          kReads)
          .plain<&SharedValue::get_plain>(),
      operation<&SharedValue::set, &In::shared_value_set, &Out::mutable_shared_value_set>("Set",
                                                                                          kMutates)
          .plain<&SharedValue::set_plain>({kValue}),
      operation<&SharedValue::update, &In::shared_value_update, &Out::mutable_shared_value_update>(
          "Update", kMutates)
          .plain<&SharedValue::update_plain>({kEnum, kValue}),
      operation<&SharedValue::compare_exchange, &In::shared_value_compare_exchange,
                &Out::mutable_shared_value_compare_exchange>("CompareExchange", kMutates),
  };
  return kRows;
}

absl::StatusOr<std::unique_ptr<SharedValue>> SharedValue::create(
    const v1::SharedValueCreateRequest& request, const ObjectLimits& limits) {
  const absl::StatusOr<NumberType> type = NumberType::named(request.typecode());
  if (!type.ok()) return type.status();
  if (!request.has_value()) return std::make_unique<SharedValue>(*type, PackedNumber{});
  const absl::StatusOr<Value> value = Value::from_wire(request.value(), limits);
  if (!value.ok()) return value.status();
  const absl::StatusOr<PackedNumber> number = type->pack(*value);
  if (!number.ok()) return number.status();
  return std::make_unique<SharedValue>(*type, *number);
}

absl::Status SharedValue::require_match(const v1::SharedValueCreateRequest& request) const {
  if (NumberType::find(request.typecode()) == type_) return absl::OkStatus();
  return error(v1::WRONG_KIND, absl::StrCat("it is a value of type '", type_.typecode(), "', not '",
                                            request.typecode(), "'"));
}

absl::StatusOr<PackedNumber> SharedValue::read(const v1::Value& wire, const Call& call) const {
  const absl::StatusOr<Value> value = call.read(wire);
  if (!value.ok()) return value.status();
  return type_.pack(*value);
}

void SharedValue::put(const PackedNumber& number, Call& call) {
  if (call.watched()) call.changed(Value(), type_.unpack(number_), type_.unpack(number));
  if (call.undoable()) call.on_undo([this, old = number_] { number_ = old; });
  number_ = number;
}

absl::Status SharedValue::get(const v1::SharedValueGetRequest&, v1::SharedValueGetReply& reply,
                              Call& call) const {
  call.write(type_.unpack(number_), reply.mutable_value());
  reply.set_typecode(type_.typecode());
  return absl::OkStatus();
}

absl::Status SharedValue::get_plain(std::span<Value>, PlainReply& reply, Call&) const {
  reply.value(type_.unpack(number_));
  reply.letter(type_.typecode().front());
  return absl::OkStatus();
}

absl::Status SharedValue::set_plain(std::span<Value> value, PlainReply& reply, Call& call) {
  const absl::StatusOr<PackedNumber> number = type_.pack(value.front());
  if (!number.ok()) return number.status();
  reply.value(type_.unpack(number_));
  put(*number, call);
  return absl::OkStatus();
}

absl::Status SharedValue::update_plain(std::span<Value> change, PlainReply& reply, Call& call) {
  const auto operation = static_cast<v1::Arithmetic>(change[0].as_int());
  const absl::StatusOr<PackedNumber> result = type_.apply(operation, number_, change[1]);
  if (!result.ok()) return result.status();
  reply.value(type_.unpack(*result));
  reply.value(type_.unpack(number_));
  put(*result, call);
  return absl::OkStatus();
}

absl::Status SharedValue::set(const v1::SharedValueSetRequest& request,
                              v1::SharedValueSetReply& reply, Call& call) {
  const absl::StatusOr<PackedNumber> number = read(request.value(), call);
  if (!number.ok()) return number.status();
  call.write(type_.unpack(number_), reply.mutable_previous());
  put(*number, call);
  return absl::OkStatus();
}

absl::Status SharedValue::update(const v1::SharedValueUpdateRequest& request,
                                 v1::SharedValueUpdateReply& reply, Call& call) {
  const absl::StatusOr<Value> operand = call.read(request.operand());
  if (!operand.ok()) return operand.status();
  const absl::StatusOr<PackedNumber> result = type_.apply(request.operation(), number_, *operand);
  if (!result.ok()) return result.status();
  call.write(type_.unpack(*result), reply.mutable_value());
  call.write(type_.unpack(number_), reply.mutable_previous());
  put(*result, call);
  return absl::OkStatus();
}

absl::Status SharedValue::compare_exchange(const v1::SharedValueCompareExchangeRequest& request,
                                           v1::SharedValueCompareExchangeReply& reply, Call& call) {
  const absl::StatusOr<PackedNumber> expected = read(request.expected(), call);
  if (!expected.ok()) return expected.status();
  const absl::StatusOr<PackedNumber> desired = read(request.desired(), call);
  if (!desired.ok()) return desired.status();
  call.write(type_.unpack(number_), reply.mutable_actual());
  if (!type_.same(number_, *expected)) return call.alters_nothing();
  put(*desired, call);
  reply.set_exchanged(true);
  return absl::OkStatus();
}

}  // namespace mp::server
