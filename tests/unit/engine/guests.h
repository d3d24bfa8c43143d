#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mp/v1/command.pb.h"
#include "server/objects/custom_type.h"

namespace mp::server::engine_test {

// A type of a user's own whose methods stay until the test lets them go: "alone", and "beside",
// which is read-only. Each has one argument, a number, by which the test knows it again.
class Guests final : public CustomType {
 public:
  struct Guest {
    CallId call = 0;
    std::int64_t number = 0;
  };

  const std::string& name() const override { return name_; }
  const std::vector<Method>& methods() const override { return methods_; }
  CallResult construct(const Arguments&, const CallContext&) const override {
    CallResult result;
    result.instance = std::make_shared<int>(0);
    return result;
  }
  CallResult call(void*, std::size_t, const Arguments& arguments,
                  const CallContext& context) const override {
    v1::Value number;
    number.ParseFromString(arguments.at(0));
    std::unique_lock lock(mutex_);
    entered_.push_back({context.call, number.int_()});
    changed_.notify_all();
    changed_.wait(lock, [&] { return all_leave_ || leaving_.erase(context.call) != 0; });
    return {};
  }

  // Waits for the next one to come in.
  Guest await() const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !entered_.empty(); });
    const Guest guest = entered_.front();
    entered_.pop_front();
    return guest;
  }
  // Nobody stays any more: after a test that has failed, too.
  void let_go_all() const {
    const std::lock_guard lock(mutex_);
    all_leave_ = true;
    changed_.notify_all();
  }
  void let_go(CallId call) const {
    const std::lock_guard lock(mutex_);
    leaving_.insert(call);
    changed_.notify_all();
  }

 private:
  const std::string name_ = "Guests";
  const std::vector<Method> methods_ = {{.name = "alone", .read_only = false, .signature = {}},
                                        {.name = "beside", .read_only = true, .signature = {}}};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::deque<Guest> entered_;
  mutable std::set<CallId> leaving_;
  mutable bool all_leave_ = false;
};

inline v1::Command create_guests(const std::string& name) {
  v1::Command command;
  command.mutable_custom_create()->set_name(name);
  command.mutable_custom_create()->set_type("Guests");
  return command;
}
inline v1::Command call_guests(const std::string& name, const std::string& method,
                               std::int64_t number = 0) {
  v1::Command command;
  command.mutable_custom_call()->set_name(name);
  command.mutable_custom_call()->set_method(method);
  command.mutable_custom_call()->add_arguments()->set_int_(number);
  return command;
}
// Sent by the method that this call runs.
inline v1::Command inside(CallId call, v1::Command command) {
  command.set_inside_call(call);
  return command;
}

}  // namespace mp::server::engine_test
