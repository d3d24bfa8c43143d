#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "mp/v1/comparison.pb.h"
#include "server/objects/value.h"

namespace mp::server {

// A condition on one value of a container.
class Comparison {
 public:
  // VALUE_ERROR if there is no such relation; BAD_COMMAND if its operand is missing, or one is
  // given where none is looked at; what Value::from_wire() says of the operand.
  static absl::StatusOr<Comparison> from_wire(const v1::Comparison& wire,
                                              const ObjectLimits& limits);

  // Does `value` meet it? An absent value meets ABSENT only. EQUAL and NOT_EQUAL are equal(); the
  // order is less(), TYPE_ERROR where Python has none.
  absl::StatusOr<bool> is_met_by(const Value& value) const;

 private:
  Comparison(v1::Comparison::Relation relation, Value operand)
      : relation_(relation), operand_(std::move(operand)) {}

  v1::Comparison::Relation relation_;
  Value operand_;  // absent for PRESENT and ABSENT
};

}  // namespace mp::server
