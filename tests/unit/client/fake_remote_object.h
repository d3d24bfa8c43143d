#pragma once

#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mp/errors.h"
#include "mp/internal/remote_object.h"
#include "mp/v1/command.pb.h"

namespace mp {

// A manager's object that writes down what it is asked, and answers what it was told to.
//
// Requests and replies are in the text form of mp.v1.Command and Outcome: a proxy's `d["a"] = 1` is
// `dict_set { key { str: "a" } value { int: 1 } }`.
class FakeRemoteObject final : public internal::RemoteObject {
 public:
  explicit FakeRemoteObject(std::string kind, std::uint64_t id = 7)
      : id_(id), kind_(std::move(kind)) {}

  // What the next call, of those without an answer yet, gives.
  void answer(const std::string& outcome) {
    v1::Outcome message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(outcome, &message)) << outcome;
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    answers_.emplace_back(
        fields.empty()
            ? std::string()
            : message.GetReflection()->GetMessage(message, fields[0]).SerializeAsString());
  }
  void fail(ErrorCode code) { answers_.emplace_back(code); }
  void set_incarnation(std::uint64_t incarnation) { incarnation_ = incarnation; }
  // What references in the answers mean; without it, nothing.
  void resolve_with(std::shared_ptr<const wire::RefResolver> resolver) {
    resolver_ = std::move(resolver);
  }

  // The only call since the last time this was asked.
  std::string sent() {
    EXPECT_EQ(sent_.size(), 1U);
    std::string text = sent_.empty() ? "nothing" : sent_.front();
    sent_.clear();
    return text;
  }
  std::vector<std::string> all_sent() { return std::exchange(sent_, {}); }
  const internal::CallOptions& options() const { return options_; }
  int flushes() const { return flushes_; }

  std::uint64_t id() const override { return id_; }
  const std::string& kind() const override { return kind_; }
  const std::string& name() const override { return name_; }

  internal::Reply call(wire::Operation operation, const wire::Message& request,
                       const internal::CallOptions& options) const override {
    record(operation, request, options);
    return outcome(options);
  }

  internal::PendingReply start(wire::Operation operation, const wire::Message& request,
                               const internal::CallOptions& options) const override {
    record(operation, request, options);
    return internal::PendingReply(std::make_shared<Pending>(*this, options));
  }

  void flush() const override { ++flushes_; }
  std::uint64_t incarnation() const override { return incarnation_; }
  std::weak_ptr<const void> session_mark() const override { return session_; }

 private:
  class Pending final : public internal::PendingReply::State {
   public:
    Pending(const FakeRemoteObject& object, const internal::CallOptions& options)
        : object_(object), options_(options) {}
    internal::Reply get() override { return object_.outcome(options_); }
    bool wait_for(std::chrono::nanoseconds) override { return !object_.answers_.empty(); }

   private:
    const FakeRemoteObject& object_;
    internal::CallOptions options_;
  };

  void record(wire::Operation operation, const wire::Message& request,
              const internal::CallOptions& options) const {
    v1::Command command;
    const auto* field = v1::Command::descriptor()->FindFieldByNumber(static_cast<int>(operation));
    auto* message = command.GetReflection()->MutableMessage(&command, field);
    EXPECT_TRUE(message->ParseFromString(std::string(request.bytes())));
    EXPECT_TRUE(message->GetReflection()->GetUnknownFields(*message).empty());
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    std::string text;
    EXPECT_TRUE(printer.PrintToString(command, &text));
    text.pop_back();  // a space
    sent_.push_back(text);
    options_ = options;
  }

  internal::Reply outcome(const internal::CallOptions& options) const {
    if (answers_.empty()) return internal::Reply(std::string(), resolver_);
    const auto answer = std::move(answers_.front());
    answers_.pop_front();
    if (const auto* bytes = std::get_if<std::string>(&answer)) return {*bytes, resolver_};
    const auto code = std::get<ErrorCode>(answer);
    if (code == options.tolerated) return internal::Reply(code);
    internal::throw_error(code, "the fake was told to fail");
  }

  const std::uint64_t id_;
  const std::string kind_;
  const std::string name_ = "fake";
  std::uint64_t incarnation_ = 1;
  const std::shared_ptr<const void> session_ = std::make_shared<int>();
  std::shared_ptr<const wire::RefResolver> resolver_;
  mutable std::deque<std::variant<std::string, ErrorCode>> answers_;
  mutable std::vector<std::string> sent_;
  mutable internal::CallOptions options_;
  mutable int flushes_ = 0;
};

}  // namespace mp
