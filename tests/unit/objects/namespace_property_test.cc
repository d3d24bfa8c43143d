#include <map>
#include <string>
#include <vector>

#include "server/objects/namespace.h"
#include "tests/unit/objects/random_history.h"

// Random operations against a std::map.

namespace mp::server {
namespace {

using Attributes = std::map<std::string, int>;

class NamespaceHistory : public test::OperationHistory<Attributes> {
 public:
  explicit NamespaceHistory(unsigned seed) : OperationHistory(seed, v1::NamespaceCreateRequest()) {
    object_.limits.max_items = kMost;
  }

 private:
  static constexpr std::uint64_t kMost = 12;

  std::string some_name() { return absl::StrCat("attribute ", below(20)); }

  void one_operation(UndoLog* log) override {
    const std::string name = some_name();
    switch (below(6)) {
      case 0:
        return get(name, log);
      case 1:
        return erase(name, log);
      case 2:
        return add(name, log);
      case 3:
        return update(log);
      case 4:
        return expect(with<v1::NamespaceContainsRequest>(name),
                      model_.contains(name) ? "True" : "False", log);
      default:
        return set(name, log);
    }
  }

  void get(const std::string& name, UndoLog* log) {
    const auto at = model_.find(name);
    expect(with<v1::NamespaceGetRequest>(name),
           at == model_.end() ? "ATTRIBUTE_ERROR" : absl::StrCat(at->second), log);
  }
  void erase(const std::string& name, UndoLog* log) {
    const bool there = model_.erase(name) == 1;
    expect(with<v1::NamespaceDeleteRequest>(name), there ? "done" : "ATTRIBUTE_ERROR", log);
  }
  void set(const std::string& name, UndoLog* log) {
    auto request = with<v1::NamespaceSetRequest>(name);
    const int value = below(1000);
    request.mutable_value()->set_int_(value);
    if (full_for(name)) return expect(request, "LIMIT_EXCEEDED", log);
    model_[name] = value;
    expect(request, "done", log);
  }
  void add(const std::string& name, UndoLog* log) {
    auto request = with<v1::NamespaceAddRequest>(name);
    const int operand = below(1000) - 500;
    request.mutable_operand()->set_int_(operand);
    if (full_for(name)) return expect(request, "LIMIT_EXCEEDED", log);
    model_[name] += operand;
    expect(request, absl::StrCat(model_[name]), log);
  }
  void update(UndoLog* log) {
    v1::NamespaceUpdateRequest request;
    Attributes after = model_;
    for (int i = below(6); i > 0; --i) {
      v1::Attribute* attribute = request.add_attributes();
      attribute->set_attribute(some_name());
      attribute->mutable_value()->set_int_(below(1000));
      after[attribute->attribute()] = static_cast<int>(attribute->value().int_());
    }
    if (after.size() > kMost) return expect(request, "LIMIT_EXCEEDED", log);
    model_ = after;
    expect(request, "done", log);
  }

  bool full_for(const std::string& name) const {
    return model_.size() >= kMost && !model_.contains(name);
  }

  void check() override {
    const test::Results results = object_.run(1, v1::NamespaceAttributesRequest());
    std::vector<std::pair<std::string, int>> attributes;
    for (const v1::Attribute& one : results.at(0).outcome.namespace_attributes().attributes())
      attributes.emplace_back(one.attribute(), static_cast<int>(one.value().int_()));
    EXPECT_EQ(attributes, (std::vector<std::pair<std::string, int>>(model_.begin(), model_.end())));
    EXPECT_EQ(object_.object().length(), model_.size());
  }

  template <class Request>
  static Request with(const std::string& name) {
    Request request;
    request.set_attribute(name);
    return request;
  }
};

TEST(NamespacePropertyTest, BehavesAsItsModelUnderRandomOperations) {
  test::for_each_seed(100, [](unsigned seed) { NamespaceHistory(seed).run(200); });
}

}  // namespace
}  // namespace mp::server
