#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/objects/harness.h"
#include "tests/unit/objects/number_model.h"

// Random histories of arrays of every type, batches that are undone among them, against a vector of
// whole numbers.

namespace mp::server {
namespace {

using test::Integer;
using test::kTypecodes;
using test::Modelled;
using test::NumberModel;
using test::repr;

class ArrayProperty {
 public:
  ArrayProperty(char code, unsigned seed)
      : random_(seed),
        type_(code),
        numbers_(std::uniform_int_distribution<std::size_t>(0, 9)(random_)),
        array_([&] {
          v1::SharedArrayCreateRequest request;
          request.set_typecode(type_.typecode());
          request.set_length(numbers_.size());
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
      EXPECT_EQ(array_.ask(v1::SharedArrayGetSliceRequest()), shown(numbers_));
    }
  }

 private:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  v1::Value wire(Integer number) { return type_.any_wire(number, random_); }
  std::string shown(Integer number) const { return repr(type_.wire(number)); }
  std::string shown(const std::vector<Integer>& numbers) const {
    return packed(numbers).ShortDebugString();
  }
  v1::ArrayValue packed(const std::vector<Integer>& numbers) const {
    v1::ArrayValue wire;
    wire.set_typecode(type_.typecode());
    for (const Integer number : numbers) wire.mutable_data()->append(type_.packed(number));
    return wire;
  }

  void batch() {
    UndoLog log;
    const std::vector<Integer> before = numbers_;
    for (int i = below(5); i >= 0; --i) operate(&log);
    if (below(2) == 0) return;
    log.run();
    numbers_ = before;
  }
  void operate(UndoLog* log) {
    switch (below(5)) {
      case 0:
        return set(log);
      case 1:
        return update(log);
      case 2:
        return compare_exchange(log);
      case 3:
        return get_slice(log);
      default:
        return set_slice(log);
    }
  }

  // The place that a random index means; null if there is none.
  template <class Request>
  Integer* choose_place(Request& request) {
    const int size = static_cast<int>(numbers_.size());
    const int index = below(2 * size + 2) - size - 1;
    request.set_index(index);
    if (index < -size || index >= size) return nullptr;
    return &numbers_[static_cast<std::size_t>(index < 0 ? index + size : index)];
  }
  void set(UndoLog* log) {
    v1::SharedArraySetRequest request;
    Integer* const place = choose_place(request);
    const Integer number = type_.any_number(random_);
    *request.mutable_value() = wire(number);
    settle(place, type_.store(number), place == nullptr ? "" : shown(*place), request, log);
  }
  void update(UndoLog* log) {
    v1::SharedArrayUpdateRequest request;
    Integer* const place = choose_place(request);
    const Integer operand = type_.any_number(random_);
    request.set_operation(static_cast<v1::Arithmetic>(below(v1::Arithmetic_ARRAYSIZE + 1)));
    *request.mutable_operand() = wire(operand);
    const Integer number = place == nullptr ? 0 : *place;
    const Modelled result = type_.apply(request.operation(), number, operand);
    settle(place, result, absl::StrCat("value=", shown(result.number), " previous=", shown(number)),
           request, log);
  }
  void compare_exchange(UndoLog* log) {
    v1::SharedArrayCompareExchangeRequest request;
    Integer* const place = choose_place(request);
    const Integer number = place == nullptr ? 0 : *place;
    const Integer expected = below(2) == 0 ? number : type_.some_number(random_);
    const Integer desired = type_.any_number(random_);
    *request.mutable_expected() = wire(expected);
    *request.mutable_desired() = wire(desired);
    const bool exchanged = expected == number;
    Modelled result = type_.store(desired);
    if (result.error == v1::CODE_UNSPECIFIED && !exchanged) result.number = number;
    settle(place, result,
           absl::StrCat("exchanged=", exchanged ? "True" : "False", " actual=", shown(number)),
           request, log);
  }
  // What an operation on one place answers and does. If place and number are both wrong, either
  // may be told.
  void settle(Integer* place, const Modelled& result, const std::string& reply,
              const google::protobuf::Message& request, UndoLog* log) {
    const std::string answer = run(request, log);
    const bool is_wrong = result.error != v1::CODE_UNSPECIFIED;
    const std::string why = v1::Code_Name(result.error);
    if (place == nullptr) {
      EXPECT_TRUE(answer == "INDEX_ERROR" || (is_wrong && answer == why)) << answer;
      return;
    }
    EXPECT_EQ(answer, is_wrong ? why : reply) << request.ShortDebugString();
    if (!is_wrong) *place = result.number;
  }

  // The places that a random slice selects, walked one by one.
  template <class Request>
  std::vector<std::size_t> choose_slice(Request& request) {
    const int size = static_cast<int>(numbers_.size());
    const auto bound = [&] { return below(2 * size + 7) - size - 3; };
    const auto from_front = [&](int index) { return index < 0 ? index + size : index; };
    int step = 1;
    if (below(2) == 0) request.set_step(step = (below(2) == 0 ? 1 : -1) * (1 + below(4)));
    int at = step > 0 ? 0 : size - 1;
    int end = step > 0 ? size : -1;
    if (below(2) == 0) {
      const int start = bound();
      request.set_start(start);
      at = from_front(start);
    }
    if (below(2) == 0) {
      const int stop = bound();
      request.set_stop(stop);
      end = from_front(stop);
    }
    at = step > 0 ? std::max(at, 0) : std::min(at, size - 1);
    std::vector<std::size_t> places;
    for (; step > 0 ? at < std::min(end, size) : at > std::max(end, -1); at += step)
      places.push_back(static_cast<std::size_t>(at));
    return places;
  }
  void get_slice(UndoLog* log) {
    v1::SharedArrayGetSliceRequest request;
    std::vector<Integer> selected;
    for (const std::size_t place : choose_slice(request)) selected.push_back(numbers_[place]);
    EXPECT_EQ(run(request, log), shown(selected)) << request.ShortDebugString();
  }
  void set_slice(UndoLog* log) {
    v1::SharedArraySetSliceRequest request;
    const std::vector<std::size_t> places = choose_slice(request);
    std::vector<Integer> values(places.size() + (below(8) == 0 ? 1 : 0));
    Modelled result;
    if (below(3) == 0) {
      const Integer number = type_.any_number(random_);
      *request.mutable_fill() = wire(number);
      result = type_.store(number);
      values.assign(places.size(), number);
    } else {
      for (Integer& value : values) value = type_.some_number(random_);
      *request.mutable_values() = packed(values);
      if (values.size() != places.size()) result.error = v1::VALUE_ERROR;
    }
    const bool is_wrong = result.error != v1::CODE_UNSPECIFIED;
    EXPECT_EQ(run(request, log), is_wrong ? v1::Code_Name(result.error) : "done")
        << request.ShortDebugString();
    for (std::size_t i = 0; i < places.size() && !is_wrong; ++i) numbers_[places[i]] = values[i];
  }

  std::string run(const google::protobuf::Message& request, UndoLog* log) {
    if (log == nullptr) return array_.ask(request);
    return test::text(array_.run_in_batch(++last_ticket_, request, *log).outcome);
  }

  std::mt19937 random_;
  NumberModel type_;
  std::vector<Integer> numbers_;
  test::Shell array_;
  int last_ticket_ = 0;
};

TEST(SharedArrayPropertyTest, BehavesAsItsModelUnderRandomOperations) {
  for (const unsigned seed : test::seeds(30)) {
    for (const char code : kTypecodes) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", type ", std::string(1, code)));
      ArrayProperty(code, seed).run(60);
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace mp::server
