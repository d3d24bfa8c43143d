#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/objects/custom.h"
#include "server/objects/error.h"
#include "tests/unit/objects/harness.h"

// An object of a user's own type, and a workshop of which the test is the only worker.

namespace mp::server::test {

class TestType final : public CustomType {
 public:
  const std::string& name() const override { return name_; }
  const std::vector<Method>& methods() const override { return methods_; }
  CallResult construct(const Arguments&, const CallContext&) const override { return {}; }
  CallResult call(void*, std::size_t, const Arguments&, const CallContext&) const override {
    return {};
  }

 private:
  const std::string name_ = "Hall";
  const std::vector<Method> methods_ = {{.name = "stay", .read_only = false, .signature = {}},
                                        {.name = "look", .read_only = true, .signature = {}}};
};

// Jobs are begun and never run: the test says when one has ended.
class TestWorkshop final : public Workshop {
 public:
  absl::StatusOr<CallId> arrive(CallId, std::uint64_t, Access) override {
    if (!refusal.ok()) return refusal;
    here.insert(++last_);
    return last_;
  }
  absl::Status wait(CallId) override { return wait_refusal; }
  bool shares_already(CallId) const override { return inside_a_reader; }
  absl::Status begin(Job job) override {
    if (!begin_refusal.ok()) {
      leave(job.context.call);
      return begin_refusal;
    }
    begun.push_back(std::move(job));
    return absl::OkStatus();
  }
  void leave(CallId call) override { here.erase(call); }

  absl::Status refusal, wait_refusal, begin_refusal;
  bool inside_a_reader = false;
  std::vector<Job> begun;
  std::set<CallId> here;

 private:
  CallId last_ = 0;
};

class CustomTest : public testing::Test {
 protected:
  class TestStep final : public Step {
   public:
    explicit TestStep(CustomTest& test) : Step(test.now_, test.limits_), test_(test) {}
    bool alive(SessionId session) const override { return !test_.dead_.contains(session); }
    Ticket alarm(Time, std::uint64_t) override { return 0; }
    std::uint64_t next_token() override { return 0; }

   private:
    CustomTest& test_;
  };

  // A command; "parked" if it waits, and then what it made ready.
  Results call(Who who, const std::string& method, const std::string& more = {}) {
    return run<v1::CustomCallRequest>(who, "id: 1 method: '" + method + "' " + more, &Custom::call);
  }
  Results create(Who who) {
    return run<v1::CustomCreateRequest>(who, "type: 'Hall'", &Custom::await_construction);
  }
  // The job that began as the n-th has ended.
  Results end(std::size_t n, CallResult result = {}) {
    const CallId call = workshop_.begun.at(n).context.call;
    return event([&](Step& step) { object_->ended(call, result, step); });
  }
  Results construct() {
    CallResult result;
    result.instance = std::make_shared<int>(1);
    return end(0, result);
  }
  Results expire(Ticket ticket) {
    return event([&](Step& step) { object_->expire(ticket, step); });
  }
  Results abandon(Ticket ticket) {
    return event([&](Step&) { object_->abandon(ticket); });
  }
  Results owner_gone(SessionId session) {
    dead_.insert(session);
    return event([&](Step& step) { object_->owner_gone(session, step); });
  }
  Results dissolve(v1::Code code) {
    return event([&](Step& step) { object_->dissolve(error(code, "gone"), step); });
  }

  // The names of the methods that have begun, in order.
  std::vector<std::string> begun() const {
    std::vector<std::string> names;
    for (const Job& job : workshop_.begun)
      names.push_back(job.instance ? type_.methods()[job.method].name : "constructor");
    return names;
  }
  bool is_cancelled(std::size_t n) const { return workshop_.begun.at(n).context.cancelled->load(); }

  TestType type_;
  TestWorkshop workshop_;
  std::unique_ptr<Custom> object_ = std::make_unique<Custom>(&type_, &workshop_);
  Time now_{std::chrono::hours(1)};
  ObjectLimits limits_;
  std::set<SessionId> dead_;

 private:
  template <class Request, class Reply>
  Results run(Who who, const std::string& text_form,
              absl::Status (Custom::*operation)(const Request&, Reply&, Call&)) {
    const auto request = parsed(Request::descriptor(), text_form);
    v1::Outcome outcome;
    Reply reply;
    TestStep step(*this);
    Call command(step, who.owner, who.ticket, outcome, nullptr);
    const absl::Status status =
        (object_.get()->*operation)(static_cast<const Request&>(*request), reply, command);
    Results results;
    if (!status.ok()) {
      command.answer().fail(status);
      results.push_back({who.ticket, outcome});
    } else if (!command.parked()) {
      results.push_back({who.ticket, outcome});
    } else if (command.deadline() && *command.deadline() <= now_) {
      object_->expire(who.ticket, step);
    }
    return finish(step, std::move(results));
  }
  template <class Action>
  Results event(Action action) {
    TestStep step(*this);
    action(step);
    return finish(step, {});
  }
  Results finish(TestStep& step, Results results) {
    object_->settle(step);
    for (Step::Ready& ready : step.ready())
      results.push_back({ready.ticket, std::move(ready.outcome)});
    return results;
  }
};

}  // namespace mp::server::test
