#include <string>

#include "tests/e2e/bad_commands.h"

// Calls of methods of a user's own type that no client library of ours sends: each gets a clear
// answer, and no method has run.

namespace mp::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadInputCustom : public BadCommands {
 protected:
  BadInputCustom()
      : BadCommands({"custom_create { name: 'c' type: 'Counter' arguments { int: 5 } }",
                     "custom_call { name: 'c' method: 'rename' arguments { str: 'five' } }",
                     "custom_create { name: 'h' type: 'Hall' }", "dict_create { name: 'd' }",
                     "event_create { name: 'e' }", "lock_create { name: 'l' }"},
                    {"custom_call { name: 'c' method: 'value' }",
                     "custom_call { name: 'c' method: 'name' }",
                     "custom_call { name: 'h' method: 'visits' }", "dict_length { name: 'd' }",
                     "event_is_set { name: 'e' }", "object_find { name: 'new' }"}) {}

  std::string ref_to(const std::string& name) {
    const v1::Ref ref = ask("object_find { name: '" + name + "' }").object_find().ref();
    return "ref { " + ref.ShortDebugString() + " }";
  }
  static v1::Command increment_by(const std::string& argument) {
    return parsed("custom_call { name: 'c' method: 'increment' arguments { " + argument + " } }");
  }
};
MP_OVER_ALL_ROADS(BadInputCustom);

TEST_P(BadInputCustom, ThatMakesAnObjectIsRefused) {
  expect_refused({
      {"custom_create { }", v1::UNKNOWN_TYPE},
      {"custom_create { name: 'new' }", v1::UNKNOWN_TYPE},
      {"custom_create { name: 'new' type: 'Nobody' }", v1::UNKNOWN_TYPE},
      {"custom_create { name: 'new' type: 'counter' }", v1::UNKNOWN_TYPE},
      {"custom_create { name: 'new' type: 'Counter' }", v1::TYPE_ERROR},
      {"custom_create { name: 'new' type: 'Counter' arguments { str: '5' } }", v1::TYPE_ERROR},
      {"custom_create { name: 'new' type: 'Counter' arguments { } }", v1::BAD_COMMAND},
      {"custom_create { name: 'new' type: 'Counter' arguments { int: 1 } arguments { str: '2' }"
       " arguments { int: 3 } }",
       v1::TYPE_ERROR},
      {"custom_create { name: 'new' type: 'Counter' arguments { int: 1099511627776 } }",
       v1::TYPE_ERROR},
      {"custom_create { name: 'new' type: 'Counter' arguments { int: -1 } }", v1::RAISED},
      {"custom_create { name: 'new' type: 'Counter' mode: 77 arguments { int: 1 } }",
       v1::VALUE_ERROR},
      {"custom_create { name: 'd' type: 'Counter' arguments { int: 1 } }", v1::WRONG_KIND},
      {"custom_create { name: 'h' type: 'Counter' arguments { int: 1 } }", v1::WRONG_KIND},
      {"custom_create { name: 'c' type: 'Counter' mode: MUST_NOT_EXIST arguments { int: 1 } }",
       v1::ALREADY_EXISTS},
      {"dict_create { name: 'c' }", v1::WRONG_KIND},
  });
}

TEST_P(BadInputCustom, ThatCallsIsRefused) {
  expect_refused({
      {"custom_call { }", v1::BAD_COMMAND},
      {"custom_call { method: 'value' }", v1::BAD_COMMAND},
      {"custom_call { name: 'c' }", v1::ATTRIBUTE_ERROR},
      {"custom_call { name: 'c' method: 'decrement' }", v1::ATTRIBUTE_ERROR},
      {"custom_call { name: 'c' method: 'Value' }", v1::ATTRIBUTE_ERROR},
      {"custom_call { name: 'c' method: 'value\\000' }", v1::ATTRIBUTE_ERROR},
      {"custom_call { name: 'nobody' method: 'value' }", v1::NO_SUCH_OBJECT},
      {"custom_call { id: 12345 method: 'value' }", v1::NO_SUCH_OBJECT},
      {"custom_call { name: 'd' method: 'value' }", v1::WRONG_KIND},
      {"dict_length { name: 'c' }", v1::WRONG_KIND},
      {"custom_call { name: 'c' method: 'value' timeout { nanos: 1000000000 } }", v1::VALUE_ERROR},
      {"custom_call { name: 'c' method: 'value' timeout { seconds: 1 nanos: -1 } }",
       v1::VALUE_ERROR},
      {"custom_call { name: 'c' method: 'value' } require_token { name: 'l' token: 1 }",
       v1::STALE_TOKEN},
      {"batch { operations { custom_call { name: 'c' method: 'value' } } }", v1::WOULD_BLOCK},
      {"custom_call { name: 'c' method: 'fail' arguments { str: 'no' } }", v1::RAISED},
      {"custom_call { name: 'c' method: 'fail_otherwise' }", v1::RAISED},
  });
}

TEST_P(BadInputCustom, WithArgumentsThatDoNotFitIsRefused) {
  const std::string of_c = "custom_call { name: 'c' ";
  const std::string of_h = "custom_call { name: 'h' ";
  expect_refused({
      {of_c + "method: 'increment' }", v1::TYPE_ERROR},
      {of_c + "method: 'increment' arguments { int: 1 } arguments { int: 2 } }", v1::TYPE_ERROR},
      {of_c + "method: 'increment' arguments { } }", v1::BAD_COMMAND},
      {of_c + "method: 'increment' arguments { none: NONE } }", v1::TYPE_ERROR},
      {of_c + "method: 'increment' arguments { str: '1' } }", v1::TYPE_ERROR},
      {of_c + "method: 'increment' arguments { list { items { int: 1 } } } }", v1::TYPE_ERROR},
      {of_c + "method: 'increment' arguments { int: 9223372036854775807 } }", v1::TYPE_ERROR},
      {of_c + "method: 'increment' arguments { float: 1.5 } }", v1::TYPE_ERROR},
      {of_c + "method: 'rename' arguments { bytes: '\\377' } }", v1::TYPE_ERROR},
      {of_h + "method: 'keep' arguments { int: 7 } }", v1::TYPE_ERROR},
      {of_h + "method: 'keep' arguments { " + ref_to("d") + " } }", v1::TYPE_ERROR},
      {of_h + "method: 'keep' arguments { ref { id: 12345 kind: 'list' } } }", v1::TYPE_ERROR},
      {of_h + "method: 'stay' arguments { " + ref_to("e") + " } }", v1::TYPE_ERROR},
      {of_h + "method: 'pass_on' arguments { list { items { int: 1 } } } }", v1::TYPE_ERROR},
  });
}

TEST_P(BadInputCustom, OfHugeOrDeepThingsIsRefused) {
  const std::string huge(100'000, 'n');
  expect_refused({
      {"custom_create { name: '" + huge + "' type: 'Hall' }", v1::LIMIT_EXCEEDED},
      {"custom_create { name: 'new' type: '" + huge + "' }", v1::UNKNOWN_TYPE},
      {"custom_call { name: '" + huge + "' method: 'value' }", v1::NO_SUCH_OBJECT},
      {"custom_call { name: 'c' method: '" + huge + "' }", v1::ATTRIBUTE_ERROR},
  });
  for (const int depth : {150, 5000}) {
    v1::Command deep = increment_by("int: 1");
    v1::Value* value = deep.mutable_custom_call()->mutable_arguments(0);
    for (int level = 0; level < depth; ++level) value = value->mutable_list()->add_items();
    value->set_int_(1);
    EXPECT_THAT(ask(deep).error().message(), HasSubstr("--max-value-depth"));
  }
  v1::Command many = increment_by("int: 1");
  for (int i = 0; i < 100'000; ++i) many.mutable_custom_call()->add_arguments()->set_int_(1);
  expect_refused(many, v1::TYPE_ERROR);
  v1::Command large = increment_by("int: 1");
  large.mutable_custom_call()->mutable_arguments(0)->set_str(std::string(20 << 20U, 'x'));
  expect_refused(large, v1::TYPE_ERROR);
}

TEST_P(BadInputCustom, WithTextThatIsNotUtf8IsRefused) {
  const std::string bad = "\xff\xfe\xfd";
  v1::Error error = ask_with(increment_by("str: 'abc'"), bad, "abc").error();
  EXPECT_EQ(error.code(), v1::BAD_COMMAND);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("UTF-8"), HasSubstr("mp::Bytes")));
  error = ask_with(parsed("custom_call { name: 'c' method: 'abc' }"), bad, "abc").error();
  EXPECT_EQ(error.code(), v1::BAD_COMMAND);
  error = ask_with(parsed("custom_create { name: 'new' type: 'abc' }"), bad, "abc").error();
  EXPECT_EQ(error.code(), v1::BAD_COMMAND);
}

TEST_P(BadInputCustom, ThatSaysItIsInsideAnUnknownCallIsACallLikeAny) {
  const v1::Outcome outcome =
      ask("custom_call { name: 'c' method: 'value' } inside_call: 18446744073709551615");
  EXPECT_EQ(outcome.custom_call().result().int_(), 5) << outcome.ShortDebugString();
}

TEST_P(BadInputCustom, ThatWouldNotWaitIsACallLikeAnyWhereNobodyIsBeforeIt) {
  for (const char* seconds : {"-1", "-315576000000", "0"}) {
    const v1::Outcome outcome =
        ask(std::string("custom_call { name: 'c' method: 'value' timeout { seconds: ") + seconds +
            " } }");
    EXPECT_EQ(outcome.custom_call().result().int_(), 5) << outcome.ShortDebugString();
  }
}

}  // namespace
}  // namespace mp::e2e
