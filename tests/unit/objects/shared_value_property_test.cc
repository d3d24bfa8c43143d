#include "tests/unit/objects/number_history.h"

// Random histories of values of every type against a model that holds one whole number.

namespace mp::server {
namespace {

using test::Integer;

class ValueHistory : public test::NumberHistory<Integer> {
 public:
  ValueHistory(char code, unsigned seed)
      : NumberHistory(code, seed, create_request(test::NumberModel(code).typecode())) {}

 private:
  static v1::SharedValueCreateRequest create_request(const std::string& typecode) {
    v1::SharedValueCreateRequest request;
    request.set_typecode(typecode);
    return request;
  }

  void check() override {
    EXPECT_EQ(object_.ask(v1::SharedValueGetRequest()),
              absl::StrCat("value=", shown(model_), " typecode=", type_.typecode()));
  }
  void one_operation(UndoLog* log) override {
    switch (below(3)) {
      case 0: {
        v1::SharedValueSetRequest request;
        return settle(set(model_, request), request, log);
      }
      case 1: {
        v1::SharedValueUpdateRequest request;
        return settle(update(model_, request), request, log);
      }
      default: {
        v1::SharedValueCompareExchangeRequest request;
        return settle(compare_exchange(model_, request), request, log);
      }
    }
  }
  void settle(const Change& change, const google::protobuf::Message& request, UndoLog* log) {
    const v1::Code error = change.result.error;
    if (error != v1::CODE_UNSPECIFIED) return expect(request, v1::Code_Name(error), log);
    expect(request, change.reply, log);
    model_ = change.result.number;
  }
};

TEST(SharedValuePropertyTest, BehavesAsItsModelUnderRandomOperations) {
  test::for_each_seed_and_type(30,
                               [](char code, unsigned seed) { ValueHistory(code, seed).run(60); });
}

}  // namespace
}  // namespace mp::server
