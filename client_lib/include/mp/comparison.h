#pragma once

#include <cstdint>
#include <utility>

#include "mp/any.h"
#include "mp/wire/message.h"

namespace mp {

// Whether there is anything at all: a condition without a value.
enum class Presence : std::uint8_t { kPresent = 7, kAbsent = 8 };
// NOLINTBEGIN(readability-identifier-naming): words of a condition, beside less_than(5)
inline constexpr Presence present = Presence::kPresent;
inline constexpr Presence absent = Presence::kAbsent;
// NOLINTEND(readability-identifier-naming)

// A condition on what a container holds under a key or an index: what update_if() takes.
//
// Values are ordered as in Python; 1 is equal to 1.0. What is absent meets no condition but
// mp::absent.
//
//   best.update_if("alice", mp::less_than(score), score);
//   owners.update_if("task 7", mp::absent, my_name);
class Comparison {
 public:
  // The numbers are those of mp.v1.Comparison.
  enum class Relation : std::uint8_t {
    kEqual = 1,
    kNotEqual = 2,
    kLess = 3,
    kLessOrEqual = 4,
    kGreater = 5,
    kGreaterOrEqual = 6,
    kPresent = 7,
    kAbsent = 8,
  };

  Comparison(Presence presence) : relation_(static_cast<Relation>(presence)) {}
  Comparison(Relation relation, Any operand) : relation_(relation), operand_(std::move(operand)) {}

  Relation relation() const { return relation_; }
  const Any& operand() const { return operand_; }

 private:
  Relation relation_;
  Any operand_;
};

// What is there is equal to x, is less than x, ...
inline Comparison equal_to(Any x) { return {Comparison::Relation::kEqual, std::move(x)}; }
inline Comparison not_equal_to(Any x) { return {Comparison::Relation::kNotEqual, std::move(x)}; }
inline Comparison less_than(Any x) { return {Comparison::Relation::kLess, std::move(x)}; }
inline Comparison less_or_equal(Any x) {
  return {Comparison::Relation::kLessOrEqual, std::move(x)};
}
inline Comparison greater_than(Any x) { return {Comparison::Relation::kGreater, std::move(x)}; }
inline Comparison greater_or_equal(Any x) {
  return {Comparison::Relation::kGreaterOrEqual, std::move(x)};
}

namespace internal {

// mp.v1.Comparison.
inline void write_condition(wire::Message& request, std::uint32_t field,
                            const Comparison& condition) {
  using Relation = Comparison::Relation;
  wire::Scratch comparison;
  comparison->uint(1, static_cast<std::uint64_t>(condition.relation()));
  if (condition.relation() != Relation::kPresent && condition.relation() != Relation::kAbsent) {
    comparison->value(2, condition.operand());
  }
  request.message(field, *comparison);
}

}  // namespace internal

}  // namespace mp
