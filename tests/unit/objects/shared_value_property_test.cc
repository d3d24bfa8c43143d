#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"
#include "tests/unit/objects/number_model.h"

// Random histories of values of every type, batches that are undone among them, against a model
// that holds one whole number.

namespace mp::server {
namespace {

using test::Integer;
using test::kTypecodes;
using test::Modelled;
using test::NumberModel;
using test::repr;

class ValueProperty {
 public:
  ValueProperty(char code, unsigned seed)
      : random_(seed), type_(code), value_([&] {
          v1::SharedValueCreateRequest request;
          request.set_typecode(type_.typecode());
          return request;
        }()) {}

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(absl::StrCat("step ", step));
      if (below(4) == 0) {
        batch();
      } else {
        operate(nullptr);
      }
      EXPECT_EQ(value_.ask(v1::SharedValueGetRequest()),
                absl::StrCat("value=", shown(number_), " typecode=", type_.typecode()));
    }
  }

 private:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  std::string shown(Integer number) const { return repr(type_.wire(number)); }
  v1::Value wire(Integer number) { return type_.any_wire(number, random_); }

  void batch() {
    UndoLog log;
    const Integer before = number_;
    for (int i = below(5); i >= 0; --i) operate(&log);
    if (below(2) == 0) return;
    log.run();
    number_ = before;
  }
  void operate(UndoLog* log) {
    switch (below(3)) {
      case 0:
        return set(log);
      case 1:
        return update(log);
      default:
        return compare_exchange(log);
    }
  }
  void set(UndoLog* log) {
    const Integer number = type_.any_number(random_);
    v1::SharedValueSetRequest request;
    *request.mutable_value() = wire(number);
    const Modelled result = type_.store(number);
    expect(result, shown(number_), request, log);
    if (result.error == v1::CODE_UNSPECIFIED) number_ = result.number;
  }
  void update(UndoLog* log) {
    const Integer operand = type_.any_number(random_);
    v1::SharedValueUpdateRequest request;
    request.set_operation(static_cast<v1::Arithmetic>(below(v1::Arithmetic_ARRAYSIZE + 1)));
    *request.mutable_operand() = wire(operand);
    const Modelled result = type_.apply(request.operation(), number_, operand);
    expect(result, absl::StrCat("value=", shown(result.number), " previous=", shown(number_)),
           request, log);
    if (result.error == v1::CODE_UNSPECIFIED) number_ = result.number;
  }
  void compare_exchange(UndoLog* log) {
    const Integer expected = below(2) == 0 ? number_ : type_.some_number(random_);
    const Integer desired = type_.any_number(random_);
    v1::SharedValueCompareExchangeRequest request;
    *request.mutable_expected() = wire(expected);
    *request.mutable_desired() = wire(desired);
    const Modelled result = type_.store(desired);
    const bool exchanged = expected == number_;
    expect(result,
           absl::StrCat("exchanged=", exchanged ? "True" : "False", " actual=", shown(number_)),
           request, log);
    if (result.error == v1::CODE_UNSPECIFIED && exchanged) number_ = desired;
  }

  void expect(const Modelled& result, const std::string& reply,
              const google::protobuf::Message& request, UndoLog* log) {
    const std::string answer =
        log == nullptr ? value_.ask(request)
                       : test::text(value_.run_in_batch(++last_ticket_, request, *log).outcome);
    EXPECT_EQ(answer, result.error == v1::CODE_UNSPECIFIED ? reply : v1::Code_Name(result.error))
        << request.ShortDebugString();
  }

  std::mt19937 random_;
  NumberModel type_;
  test::Shell value_;
  Integer number_ = 0;
  int last_ticket_ = 0;
};

TEST(SharedValuePropertyTest, BehavesAsItsModelUnderRandomOperations) {
  for (const unsigned seed : test::seeds(30)) {
    for (const char code : kTypecodes) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", type ", std::string(1, code)));
      ValueProperty(code, seed).run(60);
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace mp::server
