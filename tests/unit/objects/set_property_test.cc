#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "server/objects/set.h"
#include "tests/unit/objects/random_history.h"

// Random operations against a std::vector in order of insertion and the algorithms on std::set.

namespace mp::server {
namespace {

using Numbers = std::vector<int>;

bool contains(const Numbers& numbers, int one) {
  return std::ranges::find(numbers, one) != numbers.end();
}

std::string shown(const Numbers& numbers) {
  std::string text;
  for (const int one : numbers) absl::StrAppend(&text, text.empty() ? "" : ", ", one);
  return absl::StrCat("[", text, "]");
}

// What of `all` is in `others`, or is not.
Numbers filtered(const Numbers& all, const Numbers& others, bool in) {
  Numbers result;
  std::ranges::copy_if(all, std::back_inserter(result),
                       [&](int one) { return contains(others, one) == in; });
  return result;
}

Numbers joined(Numbers a, const Numbers& b) {
  for (const int one : b) {
    if (!contains(a, one)) a.push_back(one);
  }
  return a;
}

class SetHistory : public test::OperationHistory<Numbers> {
 public:
  explicit SetHistory(unsigned seed) : OperationHistory(seed, v1::SetCreateRequest()) {}

 private:
  void check() override {
    EXPECT_EQ(object_.ask(v1::SetItemsRequest()), shown(model_));
    EXPECT_EQ(object_.object().length(), model_.size());
  }

  // Few enough to meet again, and now and then many, so that the table grows and is compacted.
  int some_number() { return below(40); }
  Numbers some_numbers() {
    Numbers numbers(static_cast<std::size_t>(below(one_in(5) ? 60 : 6)));
    for (int& one : numbers) one = some_number();
    return numbers;
  }

  void one_operation(UndoLog* log) override {
    switch (below(8)) {
      case 0:
      case 1:
        return one_item(log);
      case 2:
        return pop(log);
      case 3:
        return algebra();
      case 4:
        return compare();
      case 5:
        if (below(10) != 0) return one_item(log);
        model_.clear();
        return expect(v1::SetClearRequest(), "done", log);
      default:
        return update(log);
    }
  }

  void one_item(UndoLog* log) {
    const int item = some_number();
    const bool there = contains(model_, item);
    switch (below(4)) {
      case 0:
        std::erase(model_, item);
        return expect(with<v1::SetDiscardRequest>(item), there ? "True" : "False", log);
      case 1:
        std::erase(model_, item);
        return expect(with<v1::SetRemoveRequest>(item), there ? "done" : "KEY_ERROR", log);
      case 2:
        return expect(with<v1::SetContainsRequest>(item), there ? "True" : "False", log);
      default:
        if (!there) model_.push_back(item);
        return expect(with<v1::SetAddRequest>(item), there ? "False" : "True", log);
    }
  }

  void pop(UndoLog* log) {
    if (model_.empty()) return expect(v1::SetPopRequest(), "KEY_ERROR", log);
    const int first = model_.front();
    model_.erase(model_.begin());
    expect(v1::SetPopRequest(), absl::StrCat(first), log);
  }

  void algebra() {
    const Numbers others = some_numbers();
    const Numbers mine = filtered(model_, others, false);
    expect(with<v1::SetUnionRequest>(others), shown(joined(model_, others)), nullptr);
    expect(with<v1::SetIntersectionRequest>(others), shown(filtered(model_, others, true)),
           nullptr);
    expect(with<v1::SetDifferenceRequest>(others), shown(mine), nullptr);
    expect(with<v1::SetSymmetricDifferenceRequest>(others),
           shown(joined(mine, filtered(others, model_, false))), nullptr);
  }

  void update(UndoLog* log) {
    const Numbers others = some_numbers();
    const Numbers before = model_;
    switch (below(5)) {
      case 0:
        model_ = filtered(before, others, true);
        return expect(with<v1::SetIntersectionUpdateRequest>(others), "done", log);
      case 1:
        model_ = filtered(before, others, false);
        return expect(with<v1::SetDifferenceUpdateRequest>(others), "done", log);
      case 2:
        model_ = joined(filtered(before, others, false), filtered(others, before, false));
        return expect(with<v1::SetSymmetricDifferenceUpdateRequest>(others), "done", log);
      default:
        model_ = joined(before, others);
        return expect(with<v1::SetUpdateRequest>(others), "done", log);
    }
  }

  void compare() {
    const Numbers others = one_in(2) ? some_numbers() : model_;
    const std::set<int> a(model_.begin(), model_.end());
    const std::set<int> b(others.begin(), others.end());
    const auto said = [](bool yes) { return yes ? "True" : "False"; };
    expect(with<v1::SetCompareRequest>(others),
           absl::StrCat("subset=", said(std::ranges::includes(b, a)),
                        " superset=", said(std::ranges::includes(a, b)), " disjoint=",
                        said(filtered(model_, others, true).empty()), " equal=", said(a == b)),
           nullptr);
  }

  template <class Request>
  static Request with(int item) {
    Request request;
    request.mutable_item()->set_int_(item);
    return request;
  }
  template <class Request>
  static Request with(const Numbers& items) {
    Request request;
    for (const int item : items) request.add_items()->set_int_(item);
    return request;
  }
};

TEST(SetPropertyTest, BehavesAsItsModelUnderRandomOperations) {
  test::for_each_seed(100, [](unsigned seed) { SetHistory(seed).run(200); });
}

}  // namespace
}  // namespace mp::server
