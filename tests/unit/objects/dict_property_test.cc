#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "server/objects/dict.h"
#include "tests/unit/objects/random_history.h"

// Random operations against a std::vector of entries in order of insertion.

namespace mp::server {
namespace {

using Entries = std::vector<std::pair<int, int>>;

std::string shown(const Entries& entries) {
  std::string text;
  for (const auto& [key, value] : entries)
    absl::StrAppend(&text, text.empty() ? "" : ", ", key, ": ", value);
  return absl::StrCat("{", text, "}");
}

class DictHistory : public test::OperationHistory<Entries> {
 public:
  explicit DictHistory(unsigned seed) : OperationHistory(seed, v1::DictCreateRequest()) {
    object_.limits.max_items = kMost;
  }

 private:
  static constexpr std::size_t kMost = 30;

  // Few enough to meet again, and more than there is room for.
  int some_key() { return below(40); }
  int some_value() { return below(10); }
  int* find(int key) {
    const auto at = std::ranges::find(model_, key, &Entries::value_type::first);
    return at == model_.end() ? nullptr : &at->second;
  }
  void erase(int key) {
    std::erase_if(model_, [=](const auto& entry) { return entry.first == key; });
  }
  // Whether there is room; only then it is set.
  bool set(Entries& entries, int key, int value) const {
    const auto at = std::ranges::find(entries, key, &Entries::value_type::first);
    if (at == entries.end() && entries.size() >= kMost) return false;
    if (at == entries.end()) {
      entries.emplace_back(key, value);
    } else {
      at->second = value;
    }
    return true;
  }

  void check() override {
    EXPECT_EQ(object_.ask(v1::DictItemsRequest()), shown(model_));
    EXPECT_EQ(object_.object().length(), model_.size());
  }

  void one_operation(UndoLog* log) override {
    switch (below(8)) {
      case 0:
        return look(log);
      case 1:
        return take(log);
      case 2:
        return add(log);
      case 3:
        return compare_exchange(log);
      case 4:
        return update(log);
      case 5:
        return many(log);
      case 6:
        if (below(15) != 0) return store(log);
        model_.clear();
        return expect(v1::DictClearRequest(), "done", log);
      default:
        return store(log);
    }
  }

  void look(UndoLog* log) {
    const int key = some_key();
    const int* value = find(key);
    if (one_in(2)) return expect(with<v1::DictContainsRequest>(key), value ? "True" : "False", log);
    expect(with<v1::DictGetRequest>(key), value ? absl::StrCat(*value) : "KEY_ERROR", log);
  }

  void store(UndoLog* log) {
    const int key = some_key();
    const int value = some_value();
    if (one_in(3)) {
      auto request = with<v1::DictSetDefaultRequest>(key);
      request.mutable_value()->set_int_(value);
      if (const int* there = find(key)) return expect(request, absl::StrCat(*there), log);
      return expect(request, set(model_, key, value) ? absl::StrCat(value) : "LIMIT_EXCEEDED", log);
    }
    auto request = with<v1::DictSetRequest>(key);
    request.mutable_value()->set_int_(value);
    expect(request, set(model_, key, value) ? "done" : "LIMIT_EXCEEDED", log);
  }

  void take(UndoLog* log) {
    const int key = some_key();
    const int* there = find(key);
    const bool is_there = there != nullptr;
    const int value = is_there ? *there : 77;
    switch (below(4)) {
      case 0:
        erase(key);
        return expect(with<v1::DictDeleteRequest>(key), is_there ? "done" : "KEY_ERROR", log);
      case 1:
        return pop_item(log);
      case 2: {
        erase(key);
        auto request = with<v1::DictPopRequest>(key);
        request.mutable_default_()->set_int_(77);
        return expect(request, absl::StrCat(value), log);
      }
      default:
        erase(key);
        return expect(with<v1::DictPopRequest>(key), is_there ? absl::StrCat(value) : "KEY_ERROR",
                      log);
    }
  }

  void pop_item(UndoLog* log) {
    if (model_.empty()) return expect(v1::DictPopItemRequest(), "KEY_ERROR", log);
    const auto [key, value] = model_.back();
    model_.pop_back();
    expect(v1::DictPopItemRequest(), absl::StrCat("key=", key, " value=", value), log);
  }

  void add(UndoLog* log) {
    const int key = some_key();
    const int operand = some_value() - 5;
    auto request = with<v1::DictAddRequest>(key);
    request.mutable_operand()->set_int_(operand);
    const int* there = find(key);
    const int sum = (there ? *there : 0) + operand;
    expect(request, set(model_, key, sum) ? absl::StrCat(sum) : "LIMIT_EXCEEDED", log);
  }

  // Of what is there: it is exchanged, or removed.
  void compare_exchange(UndoLog* log) {
    if (model_.empty()) return;
    const auto [key, actual] = one_of(model_);
    const int expected = one_in(2) ? actual : some_value();
    const int desired = some_value();
    const bool removes = one_in(3);
    auto request = with<v1::DictCompareExchangeRequest>(key);
    request.mutable_expected()->set_int_(expected);
    if (!removes) request.mutable_desired()->set_int_(desired);
    if (actual == expected && removes) erase(key);
    if (actual == expected && !removes) set(model_, key, desired);
    expect(request,
           absl::StrCat("exchanged=", actual == expected ? "True" : "False", " actual=", actual),
           log);
  }

  void update(UndoLog* log) {
    v1::DictUpdateRequest request;
    Entries after = model_;
    bool fits = true;
    for (int i = below(one_in(4) ? 30 : 4); i > 0; --i) {
      v1::Entry* entry = request.add_entries();
      entry->mutable_key()->set_int_(some_key());
      entry->mutable_value()->set_int_(some_value());
      fits = set(after, static_cast<int>(entry->key().int_()),
                 static_cast<int>(entry->value().int_())) &&
             fits;
    }
    if (fits) model_ = after;
    expect(request, fits ? "done" : "LIMIT_EXCEEDED", log);
  }

  void many(UndoLog* log) {
    std::vector<int> keys(static_cast<std::size_t>(below(5)));
    for (int& key : keys) key = some_key();
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    if (one_in(3)) {
      const std::size_t before = model_.size();
      for (const int key : keys) erase(key);
      return expect(with_keys<v1::DictDeleteManyRequest>(keys),
                    absl::StrCat(before - model_.size()), log);
    }
    Entries there;
    for (const int key : keys)
      if (const int* value = find(key)) there.emplace_back(key, *value);
    expect(with_keys<v1::DictGetManyRequest>(keys), shown(there), log);
  }

  template <class Request>
  static Request with(int key) {
    Request request;
    request.mutable_key()->set_int_(key);
    return request;
  }
  template <class Request>
  static Request with_keys(const std::vector<int>& keys) {
    Request request;
    for (const int key : keys) request.add_keys()->set_int_(key);
    return request;
  }
};

TEST(DictPropertyTest, BehavesAsItsModelUnderRandomOperations) {
  test::for_each_seed(100, [](unsigned seed) { DictHistory(seed).run(200); });
}

}  // namespace
}  // namespace mp::server
