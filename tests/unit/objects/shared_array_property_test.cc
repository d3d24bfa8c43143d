#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/objects/number_history.h"

// Random histories of arrays of every type against a vector of whole numbers.

namespace mp::server {
namespace {

using test::Integer;
using test::Modelled;
using Integers = std::vector<Integer>;

class ArrayHistory : public test::NumberHistory<Integers> {
 public:
  ArrayHistory(char code, std::size_t length, unsigned seed)
      : NumberHistory(code, seed, create_request(test::NumberModel(code).typecode(), length)) {
    model_.resize(length);
  }

 private:
  static v1::SharedArrayCreateRequest create_request(const std::string& typecode,
                                                     std::size_t length) {
    v1::SharedArrayCreateRequest request;
    request.set_typecode(typecode);
    request.set_length(length);
    return request;
  }

  using NumberHistory::shown;
  std::string shown(const Integers& numbers) const { return packed(numbers).ShortDebugString(); }
  v1::ArrayValue packed(const Integers& numbers) const {
    v1::ArrayValue wire;
    wire.set_typecode(type_.typecode());
    for (const Integer number : numbers) wire.mutable_data()->append(type_.packed(number));
    return wire;
  }

  void check() override { EXPECT_EQ(object_.ask(v1::SharedArrayGetSliceRequest()), shown(model_)); }
  void one_operation(UndoLog* log) override {
    switch (below(5)) {
      case 0: {
        v1::SharedArraySetRequest request;
        return on_one(request, log, [&](Integer number) { return set(number, request); });
      }
      case 1: {
        v1::SharedArrayUpdateRequest request;
        return on_one(request, log, [&](Integer number) { return update(number, request); });
      }
      case 2: {
        v1::SharedArrayCompareExchangeRequest request;
        return on_one(request, log,
                      [&](Integer number) { return compare_exchange(number, request); });
      }
      case 3:
        return get_slice(log);
      default:
        return set_slice(log);
    }
  }

  // The place that a random index means; null if there is none.
  template <class Request>
  Integer* choose_place(Request& request) {
    const int size = static_cast<int>(model_.size());
    const int index = below(2 * size + 2) - size - 1;
    request.set_index(index);
    if (index < -size || index >= size) return nullptr;
    return &model_[static_cast<std::size_t>(index < 0 ? index + size : index)];
  }
  // What an operation on one place answers and does. If place and number are both wrong, either
  // may be told.
  template <class Request, class Operation>
  void on_one(Request& request, UndoLog* log, Operation operation) {
    Integer* const place = choose_place(request);
    const Change change = operation(place == nullptr ? 0 : *place);
    const std::string given = answer(request, log);
    const bool is_wrong = change.result.error != v1::CODE_UNSPECIFIED;
    const std::string why = v1::Code_Name(change.result.error);
    if (place == nullptr) {
      EXPECT_TRUE(given == "INDEX_ERROR" || (is_wrong && given == why)) << given;
      return;
    }
    EXPECT_EQ(given, is_wrong ? why : change.reply) << request.ShortDebugString();
    if (!is_wrong) *place = change.result.number;
  }

  // The places that a random slice selects, walked one by one.
  template <class Request>
  std::vector<std::size_t> choose_slice(Request& request) {
    const int size = static_cast<int>(model_.size());
    const auto bound = [&] { return below(2 * size + 7) - size - 3; };
    const auto from_front = [&](int index) { return index < 0 ? index + size : index; };
    int step = 1;
    if (one_in(2)) request.set_step(step = (one_in(2) ? 1 : -1) * (1 + below(4)));
    int at = step > 0 ? 0 : size - 1;
    int end = step > 0 ? size : -1;
    if (one_in(2)) {
      const int start = bound();
      request.set_start(start);
      at = from_front(start);
    }
    if (one_in(2)) {
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
    Integers selected;
    for (const std::size_t place : choose_slice(request)) selected.push_back(model_[place]);
    expect(request, shown(selected), log);
  }
  void set_slice(UndoLog* log) {
    v1::SharedArraySetSliceRequest request;
    const std::vector<std::size_t> places = choose_slice(request);
    Integers values(places.size() + (one_in(8) ? 1 : 0));
    Modelled result;
    if (one_in(3)) {
      const Integer number = any_number();
      *request.mutable_fill() = wire(number);
      result = type_.store(number);
      values.assign(places.size(), number);
    } else {
      for (Integer& value : values) value = some_number();
      *request.mutable_values() = packed(values);
      if (values.size() != places.size()) result.error = v1::VALUE_ERROR;
    }
    const bool is_wrong = result.error != v1::CODE_UNSPECIFIED;
    expect(request, is_wrong ? v1::Code_Name(result.error) : "done", log);
    for (std::size_t i = 0; i < places.size() && !is_wrong; ++i) model_[places[i]] = values[i];
  }
};

TEST(SharedArrayPropertyTest, BehavesAsItsModelUnderRandomOperations) {
  test::for_each_seed_and_type(
      30, [](char code, unsigned seed) { ArrayHistory(code, seed % 10, seed).run(60); });
}

}  // namespace
}  // namespace mp::server
