#include <cstdint>
#include <string>

#include "tests/e2e/bad_commands.h"
#include "tests/faults/eventually.h"

// Commands on watches and scans that no client library of ours sends: each gets a clear answer, and
// changes nothing.

namespace mp::e2e {
namespace {

using testing::HasSubstr;

class BadInputWatching : public BadCommands {
 protected:
  BadInputWatching()
      : BadCommands({"dict_create { name: 'd' }", "queue_create { name: 'q' }",
                     "watch_create { name: 'w' watched_name: 'd' new_values: true }",
                     "dict_set { name: 'd' key { str: 'a' } value { int: 1 } }"},
                    {"object_describe { name: 'w' }", "object_get_version { name: 'd' }",
                     "dict_items { name: 'd' }", "queue_size { name: 'q' }"}) {}

  std::string id_of(const std::string& name) {
    return std::to_string(ask("object_find { name: '" + name + "' }").object_find().ref().id());
  }
};
MP_OVER_ALL_ROADS(BadInputWatching);

TEST_P(BadInputWatching, OnWatchesIsRefused) {
  expect_refused({
      {"watch_create { name: 'new' }", v1::BAD_COMMAND},
      {"watch_create { name: 'new' watched_name: 'nobody' }", v1::NO_SUCH_OBJECT},
      {"watch_create { name: 'new' watched_id: 12345 }", v1::NO_SUCH_OBJECT},
      {"watch_create { name: 'new' watched_name: 'w' }", v1::WRONG_KIND},
      {"watch_create { name: 'w' watched_name: 'q' }", v1::WRONG_KIND},
      {"watch_create { name: 'w' watched_name: 'd' mode: MUST_NOT_EXIST }", v1::ALREADY_EXISTS},
      {"watch_create { name: 'q' watched_name: 'd' }", v1::WRONG_KIND},
      {"watch_create { name: 'new' watched_name: 'd' keys { list { } } }", v1::TYPE_ERROR},
      {"watch_create { name: 'new' watched_name: 'd' keys { } }", v1::BAD_COMMAND},
      {"watch_create { name: 'new' watched_name: 'd' keys { float: nan } }", v1::VALUE_ERROR},
      {"watch_create { name: 'new' watched_name: 'd' mode: 9 }", v1::VALUE_ERROR},
      {"watch_next { }", v1::BAD_COMMAND},
      {"watch_next { name: 'nobody' }", v1::NO_SUCH_OBJECT},
      {"watch_next { id: 18446744073709551615 }", v1::NO_SUCH_OBJECT},
      {"watch_next { name: 'd' }", v1::WRONG_KIND},
      {"watch_next { name: 'w' timeout { nanos: 1000000000 } }", v1::VALUE_ERROR},
      {"watch_next { name: 'w' timeout { seconds: 1 nanos: -1 } }", v1::VALUE_ERROR},
      {"watch_next { name: 'w' } require_token { name: 'q' token: 1 }", v1::STALE_TOKEN},
      {"object_get_version { }", v1::BAD_COMMAND},
      {"object_get_version { name: 'nobody' }", v1::NO_SUCH_OBJECT},
  });
}

TEST_P(BadInputWatching, AHugeNameOrKeyIsRefused) {
  const std::string huge(100'000, 'n');
  expect_refused({
      {"watch_create { name: '" + huge + "' watched_name: 'd' }", v1::LIMIT_EXCEEDED},
      {"watch_create { name: 'new' watched_name: '" + huge + "' }", v1::NO_SUCH_OBJECT},
      {"watch_next { name: '" + huge + "' }", v1::NO_SUCH_OBJECT},
  });
  v1::Command deep = parsed("watch_create { name: 'new' watched_name: 'd' }");
  v1::Value* key = deep.mutable_watch_create()->add_keys();
  for (int depth = 0; depth < 5000; ++depth) key = key->mutable_tuple()->add_items();
  key->set_int_(1);
  EXPECT_THAT(ask(deep).error().message(), HasSubstr("--max-value-depth"));
}

TEST_P(BadInputWatching, AVersionThatIsYetToComeIsAResync) {
  const std::string resume = "resume { object: " + id_of("d") + " version: 18446744073709551615 }";
  ASSERT_FALSE(ask("watch_create { name: 'late' watched_name: 'd' " + resume + " }").has_error());
  const v1::Outcome outcome = ask("watch_next { name: 'late' timeout { } }");
  ASSERT_EQ(outcome.watch_next().events_size(), 1) << outcome.ShortDebugString();
  EXPECT_TRUE(outcome.watch_next().events(0).resync());
  EXPECT_EQ(outcome.watch_next().events(0).version(), 1U);
}

TEST_P(BadInputWatching, ANegativeTimeoutDoesNotWait) {
  ASSERT_FALSE(ask("watch_create { name: 'new' watched_name: 'd' }").has_error());
  for (const char* seconds : {"-1", "-315576000000"}) {
    const v1::Outcome outcome =
        ask(std::string("watch_next { name: 'new' timeout { seconds: ") + seconds + " } }");
    ASSERT_TRUE(outcome.has_watch_next()) << outcome.ShortDebugString();
    EXPECT_EQ(outcome.watch_next().events_size(), 0);
  }
}

TEST_P(BadInputWatching, InABatchThatFailsReadsNothing) {
  expect_refused({
      {"batch { operations { watch_next { name: 'w' } }"
       " operations { dict_get { name: 'd' key { str: 'nothing' } } } }",
       v1::KEY_ERROR},
      {"batch { operations { watch_next { name: 'w' } } operations { watch_next { name: 'w' } } }",
       v1::WOULD_BLOCK},
  });
}

TEST_P(BadInputWatching, AnotherSessionsWatchIsReadFromWhereItIsAndEndsWithItsSession) {
  auto owner = connect();
  ASSERT_TRUE(owner->greet().has_welcome());
  const v1::Outcome made = ask(*owner, parsed("watch_create { watched_name: 'd' }"));
  const std::string id = std::to_string(made.watch_create().ref().id());
  const std::string next = "watch_next { id: " + id + " timeout { } }";
  EXPECT_EQ(ask(next).watch_next().events_size(), 0);
  ASSERT_FALSE(ask("dict_set { name: 'd' key { str: 'a' } value { int: 1 } }").has_error());
  EXPECT_EQ(ask(next).watch_next().events_size(), 1);
  EXPECT_EQ(ask(*owner, parsed(next)).watch_next().events_size(), 0) << "each event once";
  ASSERT_FALSE(ask(*owner, parsed("session_close { }")).has_error());
  EXPECT_TRUE(test::eventually([&] {
    ask("object_count { }");  // what nobody can reach is removed
    return ask(next).error().code() == v1::NO_SUCH_OBJECT;
  }));
  remember_state();
}

class BadInputScanning : public BadCommands {
 protected:
  static constexpr const char* kEntries =
      "entries { key { int: 1 } value { int: 1 } } entries { key { int: 2 } value { int: 2 } } "
      "entries { key { int: 3 } value { int: 3 } }";
  BadInputScanning()
      : BadCommands({std::string("dict_create { name: 'd' ") + kEntries + " }",
                     std::string("dict_create { name: 'twin' ") + kEntries + " }",
                     "set_create { name: 's' items { int: 1 } items { int: 2 } items { int: 3 } }",
                     "list_create { name: 'l' }"},
                    {"dict_items { name: 'd' }", "dict_items { name: 'twin' }",
                     "set_items { name: 's' }", "list_length { name: 'l' }"}) {}

  // Where the first part of a scan of this dict has ended.
  std::string cursor_of(const std::string& dict) {
    const auto part = ask("dict_scan { name: '" + dict + "' limit: 1 }").dict_scan();
    EXPECT_NE(part.position(), 0U);
    return "position: " + std::to_string(part.position()) +
           " shape: " + std::to_string(part.shape());
  }
  std::string shape_of_set() {
    return "shape: " + std::to_string(ask("set_scan { name: 's' limit: 1 }").set_scan().shape());
  }
};
MP_OVER_ALL_ROADS(BadInputScanning);

TEST_P(BadInputScanning, IsRefused) {
  const std::string shape = shape_of_set();
  expect_refused({
      {"dict_scan { }", v1::BAD_COMMAND},
      {"dict_scan { name: 'nobody' }", v1::NO_SUCH_OBJECT},
      {"set_scan { id: 12345 }", v1::NO_SUCH_OBJECT},
      {"dict_scan { name: 's' }", v1::WRONG_KIND},
      {"set_scan { name: 'd' }", v1::WRONG_KIND},
      {"set_scan { name: 'l' }", v1::WRONG_KIND},
      {"set_scan { name: 's' position: 1 }", v1::RUNTIME_ERROR},
      {"set_scan { name: 's' position: 1 shape: 18446744073709551615 }", v1::RUNTIME_ERROR},
      {"set_scan { name: 's' position: 77 " + shape + " }", v1::VALUE_ERROR},
      {"set_scan { name: 's' position: 18446744073709551615 " + shape + " }", v1::VALUE_ERROR},
      {"dict_scan { name: 'd' } require_token { name: 'l' token: 1 }", v1::STALE_TOKEN},
  });
}

TEST_P(BadInputScanning, WithTheCursorOfAnotherObjectIsRefused) {
  EXPECT_TRUE(ask("dict_scan { name: 'd' " + cursor_of("d") + " }").has_dict_scan());
  expect_refused({{"dict_scan { name: 'd' " + cursor_of("twin") + " }", v1::RUNTIME_ERROR}});
  const std::string old = cursor_of("d");
  ASSERT_FALSE(ask("object_delete { name: 'd' }").has_error());
  ASSERT_FALSE(ask(std::string("dict_create { name: 'd' ") + kEntries + " }").has_error());
  expect_refused({{"dict_scan { name: 'd' " + old + " }", v1::RUNTIME_ERROR}});
}

TEST_P(BadInputScanning, ForHugeOrNegativeNumbersOfEntriesGivesWhatFits) {
  for (const char* limit : {"limit: 4294967295", "max_bytes: 18446744073709551615", "max_bytes: 1"})
    EXPECT_GE(ask(std::string("dict_scan { name: 'd' ") + limit + " }").dict_scan().entries_size(),
              1);
  v1::Command negative = parsed("dict_scan { name: 'd' }");
  v1::DictScanRequest& request = *negative.mutable_dict_scan();
  constexpr int kLimit = 5;
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(kLimit, UINT64_MAX);  // -1
  EXPECT_EQ(ask(negative).dict_scan().entries_size(), 3);
}

}  // namespace
}  // namespace mp::e2e
