#include "server/objects/comparison.h"

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

// Not the opposite of b < a: with NaN neither holds.
absl::StatusOr<bool> less_or_equal(const Value& a, const Value& b) {
  absl::StatusOr<bool> is_less = less(a, b);
  if (!is_less.ok() || *is_less) return is_less;
  return equal(a, b);
}

}  // namespace

absl::StatusOr<Comparison> Comparison::from_wire(const v1::Comparison& wire,
                                                 const ObjectLimits& limits) {
  const v1::Comparison::Relation relation = wire.relation();
  if (relation == v1::Comparison::RELATION_UNSPECIFIED ||
      !v1::Comparison::Relation_IsValid(relation)) {
    return error(v1::VALUE_ERROR, absl::StrCat("a condition without a known relation (",
                                               static_cast<int>(relation), ")"));
  }
  const std::string& name = v1::Comparison::Relation_Name(relation);
  if (relation == v1::Comparison::PRESENT || relation == v1::Comparison::ABSENT) {
    if (!wire.has_operand()) return Comparison(relation, Value());
    return error(v1::BAD_COMMAND, absl::StrCat("the condition ", name, " takes no operand"));
  }
  if (!wire.has_operand()) {
    return error(v1::BAD_COMMAND, absl::StrCat("the condition ", name, " needs an operand"));
  }
  absl::StatusOr<Value> operand = Value::from_wire(wire.operand(), limits);
  if (!operand.ok()) return operand.status();
  return Comparison(relation, *std::move(operand));
}

absl::StatusOr<bool> Comparison::is_met_by(const Value& value) const {
  if (!value.present()) return relation_ == v1::Comparison::ABSENT;
  switch (relation_) {
    case v1::Comparison::EQUAL:
      return equal(value, operand_);
    case v1::Comparison::NOT_EQUAL:
      return !equal(value, operand_);
    case v1::Comparison::LESS:
      return less(value, operand_);
    case v1::Comparison::LESS_OR_EQUAL:
      return less_or_equal(value, operand_);
    case v1::Comparison::GREATER:
      return less(operand_, value);
    case v1::Comparison::GREATER_OR_EQUAL:
      return less_or_equal(operand_, value);
    case v1::Comparison::PRESENT:
      return true;
    default:
      return false;
  }
}

}  // namespace mp::server
