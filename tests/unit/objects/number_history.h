#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/number_model.h"
#include "tests/unit/objects/random_history.h"

namespace mp::server::test {

// Random operations on numbers of one type, with what SharedValue and SharedArray have in common:
// an operation on one number, which answers and does as the model says.
template <class Model>
class NumberHistory : public OperationHistory<Model> {
 protected:
  NumberHistory(char code, unsigned seed, const google::protobuf::Message& create)
      : OperationHistory<Model>(seed, create), type_(code) {}

  v1::Value wire(Integer number) { return type_.any_wire(number, this->engine()); }
  std::string shown(Integer number) const { return repr(type_.wire(number)); }
  Integer any_number() { return type_.any_number(this->engine()); }
  Integer some_number() { return type_.some_number(this->engine()); }

  // What an operation does to a number, and what it answers.
  struct Change {
    Modelled result;
    std::string reply;
  };
  Change set(Integer before, auto& request) {
    const Integer number = any_number();
    *request.mutable_value() = wire(number);
    return {type_.store(number), shown(before)};
  }
  Change update(Integer before, auto& request) {
    const Integer operand = any_number();
    request.set_operation(static_cast<v1::Arithmetic>(this->below(v1::Arithmetic_ARRAYSIZE + 1)));
    *request.mutable_operand() = wire(operand);
    const Modelled result = type_.apply(request.operation(), before, operand);
    return {result, absl::StrCat("value=", shown(result.number), " previous=", shown(before))};
  }
  Change compare_exchange(Integer before, auto& request) {
    const Integer expected = this->one_in(2) ? before : some_number();
    const Integer desired = any_number();
    *request.mutable_expected() = wire(expected);
    *request.mutable_desired() = wire(desired);
    const bool exchanged = expected == before;
    Modelled result = type_.store(desired);
    if (result.error == v1::CODE_UNSPECIFIED && !exchanged) result.number = before;
    return {result,
            absl::StrCat("exchanged=", exchanged ? "True" : "False", " actual=", shown(before))};
  }

  NumberModel type_;
};

// Histories of every type of number.
template <class History>
void for_each_seed_and_type(unsigned count, History history) {
  for_each_seed(count, [&](unsigned seed) {
    for (const char code : kTypecodes) {
      SCOPED_TRACE("type " + std::string(1, code));
      history(code, seed);
      if (::testing::Test::HasFailure()) return;
    }
  });
}

}  // namespace mp::server::test
