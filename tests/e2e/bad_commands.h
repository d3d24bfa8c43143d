#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/text_format.h"
#include "tests/e2e/frame_client.h"
#include "tests/e2e/manager_process.h"

// Commands that no client library of ours sends: each gets a clear answer, and changes nothing.

namespace mp::e2e {

enum class Road { kSocket, kStream, kRelay };

inline void PrintTo(Road road, std::ostream* out) {
  constexpr const char* kNames[] = {"Socket", "Stream", "Relay"};
  *out << kNames[static_cast<int>(road)];
}

#define MP_OVER_ALL_ROADS(Suite)                                                                   \
  INSTANTIATE_TEST_SUITE_P(On, Suite, testing::Values(Road::kSocket, Road::kStream, Road::kRelay), \
                           testing::PrintToStringParamName())

// A command in protobuf's text form, and the code that it is refused with.
struct Refusal {
  std::string command;
  v1::Code code;
};

// A manager with objects, which are afterwards as they were, whatever was asked of it.
class BadCommands : public testing::TestWithParam<Road> {
 protected:
  // `makes` makes the objects, and `questions` are all that can be asked of them.
  BadCommands(const std::vector<std::string>& makes, std::vector<std::string> questions)
      : questions_(std::move(questions)) {
    EXPECT_TRUE(client_->greet().has_welcome());
    for (const std::string& command : makes) EXPECT_FALSE(ask(command).has_error()) << command;
    before_ = state();
  }
  ~BadCommands() override {
    EXPECT_EQ(state(), before_);
    EXPECT_TRUE(connect()->greet().has_welcome()) << manager_.log();
  }

  static v1::Command parsed(const std::string& text) {
    v1::Command command;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &command)) << text;
    return command;
  }
  v1::Outcome ask(v1::Command command) { return ask(*client_, std::move(command)); }
  v1::Outcome ask(const std::string& text) { return ask(parsed(text)); }
  // The same in another session.
  v1::Outcome ask(FrameClient& client, v1::Command command) {
    command.set_seq(++seq_);
    v1::Outcome outcome = client.ask(command);
    outcome.clear_seq();
    return outcome;
  }
  // Of a command that has these bytes instead of the others, which are as many.
  v1::Outcome ask_with(v1::Command command, const std::string& instead, const std::string& others) {
    command.set_seq(++seq_);
    std::string bytes = command.SerializeAsString();
    bytes.replace(bytes.find(others), others.size(), instead);
    return client_->ask(bytes);
  }

  std::string state() {
    std::string text;
    for (const std::string& question : questions_) {
      v1::Outcome answer = ask(question);
      answer.clear_version();  // a call raises it, whatever it does
      text += answer.ShortDebugString() + "\n";
    }
    return text;
  }
  // Of what a test has changed, and put up with.
  void remember_state() { before_ = state(); }

  void expect_refused(const v1::Command& command, v1::Code code) {
    const v1::Outcome outcome = ask(command);
    EXPECT_EQ(outcome.error().code(), code)
        << shortened(command.ShortDebugString()) << ": " << outcome.ShortDebugString();
    EXPECT_FALSE(outcome.error().message().empty()) << shortened(command.ShortDebugString());
  }
  void expect_refused(const std::vector<Refusal>& refusals) {
    for (const Refusal& refusal : refusals) expect_refused(parsed(refusal.command), refusal.code);
  }

  std::unique_ptr<FrameClient> connect() const {
    if (GetParam() == Road::kStream) return stream_client(manager_.address());
    return std::make_unique<SocketClient>((relay_ ? *relay_ : manager_).socket());
  }

 private:
  static std::string shortened(const std::string& text) { return text.substr(0, 300); }

  ManagerProcess manager_;
  std::unique_ptr<ManagerProcess> relay_ =
      GetParam() == Road::kRelay ? std::make_unique<ManagerProcess>(
                                       std::vector<std::string>{"--relay", manager_.address()})
                                 : nullptr;
  std::unique_ptr<FrameClient> client_ = connect();
  std::uint64_t seq_ = 0;
  const std::vector<std::string> questions_;
  std::string before_;
};

}  // namespace mp::e2e
