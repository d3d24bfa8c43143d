#include <algorithm>
#include <string>
#include <vector>

#include "server/objects/list.h"
#include "tests/unit/objects/random_history.h"

// Random operations against a std::vector. What Python's slices are is a table of Python's own:
// slice_test.cc.

namespace mp::server {
namespace {

using Numbers = std::vector<int>;

std::string shown(const Numbers& numbers) {
  std::string text;
  for (const int one : numbers) absl::StrAppend(&text, text.empty() ? "" : ", ", one);
  return absl::StrCat("[", text, "]");
}

class ListHistory : public test::OperationHistory<Numbers> {
 public:
  explicit ListHistory(unsigned seed) : OperationHistory(seed, v1::ListCreateRequest()) {
    object_.limits.max_items = kMost;
  }

 private:
  static constexpr std::size_t kMost = 40;

  int size() const { return static_cast<int>(model_.size()); }
  int some_number() { return below(12); }
  Numbers some_numbers() {
    Numbers numbers(static_cast<std::size_t>(below(one_in(6) ? 30 : 4)));
    for (int& one : numbers) one = some_number();
    return numbers;
  }
  // Of an item, from either end, or just beyond one of the ends.
  int some_index() { return below(2 * size() + 2) - size() - 1; }
  bool is_there(int index) const { return index >= -size() && index < size(); }
  Numbers::iterator at(int index) { return model_.begin() + (index < 0 ? index + size() : index); }
  // As a slice's bound, or a place to insert at: what is beyond an end is that end.
  int clamped(int index) const { return std::clamp(index < 0 ? index + size() : index, 0, size()); }

  void check() override {
    EXPECT_EQ(object_.ask(v1::ListGetSliceRequest()), shown(model_));
    EXPECT_EQ(object_.object().length(), model_.size());
  }

  void one_operation(UndoLog* log) override {
    switch (below(9)) {
      case 0:
        return exchange(log);
      case 1:
        return pop_or_erase(log);
      case 2:
        return insert(log);
      case 3:
        return search(log);
      case 4:
        return replace(log);
      case 5:
        return change_all(log);
      case 6:
        return add(log);
      default:
        return append(log);
    }
  }

  void append(UndoLog* log) {
    const Numbers numbers = one_in(2) ? Numbers{some_number()} : some_numbers();
    const bool is_one = numbers.size() == 1;
    const std::string answer = grown_by(model_.end(), numbers) ? "done" : "LIMIT_EXCEEDED";
    if (!is_one) return expect(with_values<v1::ListExtendRequest>(numbers), answer, log);
    expect(with_value<v1::ListAppendRequest>(numbers.front()), answer, log);
  }

  void insert(UndoLog* log) {
    const int index = some_index();
    auto request = with_value<v1::ListInsertRequest>(some_number());
    request.set_index(index);
    const bool fits = grown_by(model_.begin() + clamped(index), {number_in(request.value())});
    expect(request, fits ? "done" : "LIMIT_EXCEEDED", log);
  }

  void pop_or_erase(UndoLog* log) {
    const int index = some_index();
    const bool there = is_there(index);
    const std::string item = there ? absl::StrCat(*at(index)) : "INDEX_ERROR";
    if (there) model_.erase(at(index));
    if (one_in(2)) return expect(with_index<v1::ListPopRequest>(index), item, log);
    expect(with_index<v1::ListDeleteRequest>(index), there ? "done" : "INDEX_ERROR", log);
  }

  void exchange(UndoLog* log) {
    const int index = some_index();
    const int desired = some_number();
    if (one_in(2)) {
      auto request = with_index<v1::ListSetRequest>(index);
      request.mutable_value()->set_int_(desired);
      if (is_there(index)) *at(index) = desired;
      return expect(request, is_there(index) ? "done" : "INDEX_ERROR", log);
    }
    const int expected = is_there(index) && one_in(2) ? *at(index) : some_number();
    auto request = with_index<v1::ListCompareExchangeRequest>(index);
    request.mutable_expected()->set_int_(expected);
    request.mutable_desired()->set_int_(desired);
    if (!is_there(index)) return expect(request, "INDEX_ERROR", log);
    const int actual = *at(index);
    if (actual == expected) *at(index) = desired;
    expect(request,
           absl::StrCat("exchanged=", actual == expected ? "True" : "False", " actual=", actual),
           log);
  }

  void add(UndoLog* log) {
    const int index = some_index();
    const int operand = below(5) - 2;
    auto request = with_index<v1::ListAddRequest>(index);
    request.mutable_operand()->set_int_(operand);
    if (!is_there(index)) return expect(request, "INDEX_ERROR", log);
    const int sum = *at(index) += operand;
    expect(request, absl::StrCat(sum), log);
  }

  void search(UndoLog* log) {
    const int number = some_number();
    const auto found = std::ranges::find(model_, number);
    const bool there = found != model_.end();
    const auto place = found - model_.begin();
    switch (below(4)) {
      case 0:
        return expect(with_value<v1::ListIndexRequest>(number),
                      there ? absl::StrCat(place) : "VALUE_ERROR", log);
      case 1:
        return expect(with_value<v1::ListCountRequest>(number),
                      absl::StrCat(std::ranges::count(model_, number)), log);
      case 2:
        return expect(with_value<v1::ListContainsRequest>(number), there ? "True" : "False", log);
      default:
        if (there) model_.erase(found);
        return expect(with_value<v1::ListRemoveRequest>(number), there ? "done" : "VALUE_ERROR",
                      log);
    }
  }

  // A slice without a step.
  void replace(UndoLog* log) {
    const int start = some_index();
    const int stop = some_index();
    const int first = clamped(start);
    const int last = std::max(first, clamped(stop));
    const Numbers numbers = one_in(3) ? Numbers() : some_numbers();
    Numbers after(model_.begin(), model_.begin() + first);
    after.insert(after.end(), numbers.begin(), numbers.end());
    after.insert(after.end(), model_.begin() + last, model_.end());
    const bool fits = after.size() <= std::max(kMost, model_.size());
    if (fits) model_ = after;
    if (numbers.empty())
      return expect(with_slice<v1::ListDeleteSliceRequest>(start, stop), "done", log);
    auto request = with_values<v1::ListSetSliceRequest>(numbers);
    *request.mutable_slice() = with_slice<v1::ListSetSliceRequest>(start, stop).slice();
    expect(request, fits ? "done" : "LIMIT_EXCEEDED", log);
  }

  void change_all(UndoLog* log) {
    if (one_in(3)) {
      std::ranges::reverse(model_);
      return expect(v1::ListReverseRequest(), "done", log);
    }
    if (one_in(3)) {
      model_.clear();
      return expect(v1::ListClearRequest(), "done", log);
    }
    if (one_in(2)) return repeat(log);
    v1::ListSortRequest request;
    request.set_reverse(one_in(2));
    std::ranges::sort(model_);
    if (request.reverse()) std::ranges::reverse(model_);
    expect(request, "done", log);
  }

  void repeat(UndoLog* log) {
    v1::ListRepeatRequest request;
    request.set_count(below(4) - 1);
    Numbers after;
    for (std::int64_t i = 0; i < request.count(); ++i)
      after.insert(after.end(), model_.begin(), model_.end());
    if (after.size() > kMost) return expect(request, "LIMIT_EXCEEDED", log);
    model_ = after;
    expect(request, "done", log);
  }

  // Inserts them if there is room.
  bool grown_by(Numbers::iterator before, const Numbers& numbers) {
    if (!numbers.empty() && model_.size() + numbers.size() > kMost) return false;
    model_.insert(before, numbers.begin(), numbers.end());
    return true;
  }

  static int number_in(const v1::Value& value) { return static_cast<int>(value.int_()); }
  template <class Request>
  static Request with_index(int index) {
    Request request;
    request.set_index(index);
    return request;
  }
  template <class Request>
  static Request with_value(int number) {
    Request request;
    request.mutable_value()->set_int_(number);
    return request;
  }
  template <class Request>
  static Request with_values(const Numbers& numbers) {
    Request request;
    for (const int one : numbers) request.add_values()->set_int_(one);
    return request;
  }
  template <class Request>
  static Request with_slice(int start, int stop) {
    Request request;
    request.mutable_slice()->set_start(start);
    request.mutable_slice()->set_stop(stop);
    return request;
  }
};

TEST(ListPropertyTest, BehavesAsItsModelUnderRandomOperations) {
  test::for_each_seed(100, [](unsigned seed) { ListHistory(seed).run(200); });
}

}  // namespace
}  // namespace mp::server
