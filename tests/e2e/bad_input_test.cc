#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/e2e/bad_commands.h"
#include "tests/unit/engine/commands.h"

// Bytes and commands that no client library of ours sends: each gets a clear answer, harms nobody
// else, and changes nothing.

namespace mp::e2e {
namespace {

using namespace server::engine_test;
using namespace std::string_literals;
using testing::AllOf;
using testing::HasSubstr;

class BadInput : public testing::TestWithParam<Road> {
 protected:
  explicit BadInput(std::vector<std::string> flags = {}) : manager_(std::move(flags)) {
    if (GetParam() == Road::kRelay)
      relay_ =
          std::make_unique<ManagerProcess>(std::vector<std::string>{"--relay", manager_.address()});
    good_ = connect();
    EXPECT_TRUE(good_->greet().has_welcome());
    ask(create_dict("d"));
    ask(set("d", "'k'", "1"));
  }
  // Whatever came in: who behaves is served, and finds what was there before.
  ~BadInput() override {
    const auto another = connect();
    EXPECT_TRUE(another->greet().has_welcome()) << manager_.log();
    EXPECT_EQ(another->ask(get("d", "'k'")).dict_get().value().int_(), 1);
    EXPECT_EQ(ask(length("d")).dict_length().length(), expected_length_);
  }

  std::unique_ptr<FrameClient> connect() const {
    if (GetParam() == Road::kStream) return stream_client(manager_.address());
    const ManagerProcess& local = relay_ ? *relay_ : manager_;
    return std::make_unique<SocketClient>(local.socket());
  }
  v1::Outcome ask(v1::Command command) {
    command.set_seq(++seq_);
    return good_->ask(command);
  }
  v1::Error error_of(const v1::Command& command) { return ask(command).error(); }

  std::uint64_t expected_length_ = 1;
  std::uint64_t seq_ = 0;
  ManagerProcess manager_;
  std::unique_ptr<ManagerProcess> relay_;
  std::unique_ptr<FrameClient> good_;
};

MP_OVER_ALL_ROADS(BadInput);

TEST_P(BadInput, AStrThatIsNotUtf8FailsAloneAmongAHundredGoodCommands) {
  v1::ClientFrame frame;
  for (int i = 0; i < 101; ++i) {
    v1::Command command = set("d", std::to_string(i), "'text'");
    command.set_seq(++seq_);
    std::string bytes = command.SerializeAsString();
    if (i == 50) bytes.replace(bytes.find("text"), 4, "t\xff\xfet");
    frame.add_commands(bytes);
  }
  good_->send(frame.SerializeAsString());
  int done = 0;
  v1::Error error;
  for (int answered = 0; answered < 101;) {
    const auto answer = good_->receive();
    ASSERT_TRUE(answer.has_value());
    for (const std::string& bytes : answer->outcomes()) {
      v1::Outcome outcome;
      ASSERT_TRUE(outcome.ParseFromString(bytes));
      ++answered;
      done += outcome.has_dict_set() ? 1 : 0;
      if (!outcome.has_error()) continue;
      error = outcome.error();
      EXPECT_EQ(outcome.seq(), 2 + 51U);
    }
  }
  EXPECT_EQ(done, 100);
  EXPECT_EQ(error.code(), v1::BAD_COMMAND);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("UTF-8"), HasSubstr("mp::Bytes")));
  expected_length_ = 101;
}

TEST_P(BadInput, ATruncatedCommandIsRefused) {
  v1::Command command = set("d", "'t'", "'some longer text'");
  command.set_seq(++seq_);
  std::string bytes = command.SerializeAsString();
  bytes.resize(bytes.size() - 5);
  const v1::Outcome outcome = good_->ask(bytes);
  EXPECT_EQ(outcome.seq(), seq_);
  EXPECT_EQ(outcome.error().code(), v1::BAD_COMMAND);
}

TEST_P(BadInput, AnUnknownOperationIsRefused) {
  v1::Command command;
  command.GetReflection()->MutableUnknownFields(&command)->AddLengthDelimited(5000, "x");
  EXPECT_EQ(error_of(command).code(), v1::UNKNOWN_OPERATION);
  EXPECT_EQ(error_of(v1::Command()).code(), v1::BAD_COMMAND);
}

TEST_P(BadInput, AValueThatIsNestedTooDeeplyIsRefused) {
  v1::Command command = set("d", "'deep'", "1");
  v1::Value* value = command.mutable_dict_set()->mutable_value();
  for (int depth = 0; depth < 150; ++depth) value = value->mutable_list()->add_items();
  value->set_int_(1);
  EXPECT_THAT(error_of(command).message(), HasSubstr("--max-value-depth"));

  command = set("d", "'deeper'", "1");
  value = command.mutable_dict_set()->mutable_value();
  for (int depth = 0; depth < 5000; ++depth) value = value->mutable_list()->add_items();
  EXPECT_THAT(error_of(command).message(), HasSubstr("--max-value-depth"));
}

TEST_P(BadInput, AHundredMebibytesAreRefusedAndTheConnectionEnds) {
  const auto bad = connect();
  ASSERT_TRUE(bad->greet().has_welcome());
  v1::Command command = set("d", "'large'", "1");
  command.mutable_dict_set()->mutable_value()->set_bytes(std::string(100 << 20U, 'x'));
  v1::ClientFrame frame;
  frame.add_commands(command.SerializeAsString());
  bad->send(frame.SerializeAsString());
  const auto answer = bad->receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->refusal().code(), v1::LIMIT_EXCEEDED);
  EXPECT_THAT(answer->refusal().message(), HasSubstr("--max-message-bytes"));
  EXPECT_EQ(bad->receive(), std::nullopt);
}

TEST_P(BadInput, ANegativeTimeoutDoesNotWait) {
  ask(create_queue("q"));
  EXPECT_EQ(error_of(take("q", std::chrono::seconds(-1))).code(), v1::EMPTY);
}

TEST_P(BadInput, AnObjectOfAnotherKindIsRefused) {
  EXPECT_EQ(error_of(append("d", "1")).code(), v1::WRONG_KIND);
  EXPECT_EQ(error_of(create_list("d")).code(), v1::WRONG_KIND);
  EXPECT_EQ(error_of(release("d")).code(), v1::WRONG_KIND);
}

TEST_P(BadInput, NamesMayHoldAnyText) {
  for (const std::string& name : {"with\0zero"s, "🦆 and 漢字"s, " "s, "a/b\n'\""s}) {
    EXPECT_TRUE(ask(create_dict(name)).has_dict_create()) << name;
    EXPECT_TRUE(ask(set(name, "'k'", "2")).has_dict_set());
    EXPECT_EQ(ask(get(name, "'k'")).dict_get().value().int_(), 2);
  }
  EXPECT_EQ(error_of(get("with", "'k'")).code(), v1::NO_SUCH_OBJECT);
}

TEST_P(BadInput, RandomFramesEndTheirConnectionOnly) {
  std::mt19937 random(20'261'122);
  for (int round = 0; round < 200; ++round) {
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto bad = connect();
    if (round % 2 == 0) bad->greet();
    bad->send(bytes);
    bad->send("\xff\xff\xff");  // what it took for a frame so far, this is none
    while (const auto answer = bad->receive()) {
      if (!answer->has_refusal()) continue;
      EXPECT_FALSE(answer->refusal().message().empty());
    }
  }
}

TEST_P(BadInput, GoodFramesWithRandomDamageEndTheirConnectionAtMost) {
  std::mt19937 random(20'261'123);
  v1::ClientFrame frame;
  frame.set_lowest_unanswered(1);
  frame.add_commands(get("d", "'k'").SerializeAsString());
  frame.add_commands(locked("no such lock").SerializeAsString());
  const std::string good = frame.SerializeAsString();
  for (int round = 0; round < 200; ++round) {
    std::string bytes = good;
    for (int change = 0; change < 3; ++change)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto bad = connect();
    bad->greet();
    bad->send(bytes);
    bad->send("\xff\xff\xff");
    while (bad->receive()) {
    }
  }
}

class BadBytes : public BadInput {};
INSTANTIATE_TEST_SUITE_P(On, BadBytes, testing::Values(Road::kSocket, Road::kRelay),
                         testing::PrintToStringParamName());

TEST_P(BadBytes, AConnectionThatEndsInTheMiddleOfAFrameIsForgotten) {
  v1::ClientFrame frame;
  frame.mutable_hello()->set_version(1);
  std::string whole = "\0\0\0\0"s + frame.SerializeAsString();
  whole[0] = static_cast<char>(whole.size() - 4);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto bad = connect();
    static_cast<SocketClient&>(*bad).send_raw(std::string_view(whole).substr(0, size));
  }
}

TEST_P(BadBytes, ALengthBeyondEveryLimitIsRefusedBeforeItsBytesCome) {
  const auto bad = connect();
  static_cast<SocketClient&>(*bad).send_raw("\xff\xff\xff\xff");
  const auto answer = bad->receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->refusal().code(), v1::LIMIT_EXCEEDED);
}

class PastTheLimit : public BadInput {
 protected:
  PastTheLimit()
      : BadInput({"--max-objects", "3", "--max-value-bytes", "1KiB", "--max-object-items", "4",
                  "--max-name-bytes", "20"}) {}
};
INSTANTIATE_TEST_SUITE_P(On, PastTheLimit, testing::Values(Road::kSocket, Road::kStream),
                         testing::PrintToStringParamName());

TEST_P(PastTheLimit, NothingIsMadeOrChangedAndTheErrorNamesTheFlag) {
  EXPECT_TRUE(ask(create_dict("e")).has_dict_create());
  EXPECT_TRUE(ask(create_dict("f")).has_dict_create());
  v1::Error error = error_of(create_dict("g"));
  EXPECT_EQ(error.code(), v1::LIMIT_EXCEEDED);
  EXPECT_THAT(error.message(), HasSubstr("--max-objects"));

  error = error_of(set("e", "'k'", "'" + std::string(2000, 'x') + "'"));
  EXPECT_EQ(error.code(), v1::LIMIT_EXCEEDED);
  EXPECT_THAT(error.message(), HasSubstr("--max-value-bytes"));

  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ask(set("e", std::to_string(i), "0")).has_dict_set());
  error = error_of(set("e", "4", "0"));
  EXPECT_EQ(error.code(), v1::LIMIT_EXCEEDED);
  EXPECT_THAT(error.message(), HasSubstr("--max-object-items"));
  EXPECT_EQ(ask(length("e")).dict_length().length(), 4U);

  error = error_of(create_dict(std::string(21, 'n')));
  EXPECT_THAT(error.message(), HasSubstr("--max-name-bytes"));
}

}  // namespace
}  // namespace mp::e2e
