#include "server/objects/custom.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> Custom::operations() {
  static constexpr std::array kRows = {
      operation<&Custom::call, &v1::Command::custom_call, &v1::Outcome::mutable_custom_call>(
          "Call", Effect::kMutates, Growth::kGrows),
  };
  return kRows;
}

absl::StatusOr<std::unique_ptr<Custom>> Custom::create(const v1::CustomCreateRequest&,
                                                       const ObjectLimits&) {
  return std::make_unique<Custom>(nullptr, nullptr);
}

Custom::Custom(const CustomType* type, Workshop* workshop, std::shared_ptr<void> instance)
    : Object(Kind::kCustom), type_(type), workshop_(workshop), instance_(std::move(instance)) {
  if (instance_ != nullptr) state_ = State::kReady;
}

absl::Status Custom::require_match(const v1::CustomCreateRequest& request) const {
  if (request.type() == type_->name()) return absl::OkStatus();
  return error(v1::WRONG_KIND, absl::StrCat("it is a ", type_->name(), ", not a ", request.type()));
}

Access Custom::access_of(std::size_t method) const {
  return type_->methods()[method].read_only ? Access::kShared : Access::kAlone;
}

absl::StatusOr<std::size_t> Custom::find_method(const std::string& name) const {
  const std::vector<CustomType::Method>& methods = type_->methods();
  const auto at = std::ranges::find(methods, name, &CustomType::Method::name);
  if (at != methods.end()) return static_cast<std::size_t>(at - methods.begin());
  const auto append = [](std::string* out, const CustomType::Method& method) {
    out->append(method.name);
  };
  return error(v1::ATTRIBUTE_ERROR,
               absl::StrCat(type_->name(), " has no method '", name,
                            "'; it has: ", absl::StrJoin(methods, ", ", append)));
}

absl::Status Custom::read_arguments(const Values& values, const Call& call, Wanted& wanted) {
  for (const v1::Value& wire : values) {
    const absl::StatusOr<Value> value = call.read(wire);
    if (!value.ok()) return value.status();
    value->visit_refs([&](std::uint64_t id) { wanted.refs.push_back(id); });
    wanted.arguments.push_back(wire.SerializeAsString());
  }
  return absl::OkStatus();
}

bool Custom::is_free_for(Access access) const {
  if (running_.empty()) return state_ == State::kReady;
  return access == Access::kShared && runs_shared();
}

absl::Status Custom::begin(Ticket ticket, Owner owner, Wanted wanted, Time now) {
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  const CallId call = wanted.call;
  absl::Status begun = workshop_->begin(
      {.object = id_,
       .type = type_,
       .instance = instance_,
       .method = wanted.method,
       .arguments = std::move(wanted.arguments),
       .context = {.call = call, .deadline = wanted.deadline, .cancelled = cancelled}});
  if (!begun.ok()) return begun;
  running_.emplace(
      call, Running{.ticket = ticket,
                    .owner = owner,
                    .since = now,
                    .access = state_ == State::kReady ? access_of(wanted.method) : Access::kAlone,
                    .refs = std::move(wanted.refs),
                    .cancelled = cancelled});
  return absl::OkStatus();
}

absl::Status Custom::call(const v1::CustomCallRequest& request, v1::CustomCallReply&, Call& call) {
  const absl::StatusOr<std::size_t> method = find_method(request.method());
  if (!method.ok()) return method.status();
  Wanted wanted;
  wanted.method = *method;
  if (absl::Status status = read_arguments(request.arguments(), call, wanted); !status.ok())
    return status;
  if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
  wanted.deadline = call.deadline();
  wanted.since = call.now();
  const Access access = access_of(*method);
  const auto arrived = workshop_->arrive(call.inside(), id_, access);
  if (!arrived.ok()) return arrived.status();
  wanted.call = *arrived;
  const bool passes = access == Access::kShared && workshop_->shares_already(*arrived);
  const auto leave = [this](const Wanted& dropped) { workshop_->leave(dropped.call); };
  const bool at_once =
      is_free_for(access) && (passes || waiters_.front(call.step(), leave) == nullptr);
  if (at_once) return begin(call.ticket(), call.caller(), std::move(wanted), call.now());
  if (absl::Status status = workshop_->wait(*arrived); !status.ok()) {
    workshop_->leave(*arrived);
    return status;
  }
  waiters_.push(call, std::move(wanted));
  return absl::OkStatus();
}

void Custom::settle(Step& step) {
  const auto leave = [this](const Wanted& dropped) { workshop_->leave(dropped.call); };
  while (const auto* first = waiters_.front(step, leave)) {
    if (state_ != State::kReady || !is_free_for(access_of(first->detail.method))) return;
    auto waiter = waiters_.pop();
    const absl::Status begun =
        begin(waiter.ticket, waiter.owner, std::move(waiter.detail), step.now());
    if (!begun.ok()) step.answer(waiter.ticket).fail(begun);
  }
}

bool Custom::awaits_result(CallId call) const {
  const auto at = running_.find(call);
  return at != running_.end() && at->second.ticket != 0;
}

void Custom::ended(CallId call, const CallResult& result, Step& step) {
  const auto at = running_.find(call);
  if (at == running_.end()) return workshop_->leave(call);
  const Ticket ticket = at->second.ticket;
  const bool reads = at->second.access == Access::kShared;
  running_.erase(at);
  workshop_->leave(call);
  if (state_ == State::kConstructing) {
    if (result.status.ok()) {
      instance_ = result.instance;
      state_ = State::kReady;
    } else {
      failure_ = result.status;
    }
    return answer_creators(result, step);
  }
  if (ticket == 0) return;
  Answer answer = step.answer(ticket, reads ? Altered::kNo : Altered::kYes);
  const auto fail = [&](const absl::Status& status) {
    answer.fail(status);
    if (!result.exception.empty())
      answer.outcome().mutable_error()->set_exception(result.exception);
  };
  if (!result.status.ok()) return fail(result.status);
  v1::CustomCallReply& reply = *answer.outcome().mutable_custom_call();
  if (result.value.empty()) return;
  v1::Value wire;
  if (!wire.ParseFromString(result.value))
    return fail(error(v1::INTERNAL, "the method ran, and its result is no value"));
  const absl::StatusOr<Value> value = Value::from_wire(wire, step.limits());
  if (!value.ok()) {
    return fail(error(code_of(value.status()),
                      absl::StrCat("the method ran; its result: ", value.status().message())));
  }
  answer.write(*value, reply.mutable_result());
}

void Custom::expire(Ticket ticket, Step& step) {
  const auto* waiter = waiters_.find(ticket);
  if (waiter == nullptr) return;  // it runs, and sees its deadline
  workshop_->leave(waiter->detail.call);
  const std::string method = type_->methods()[waiter->detail.method].name;
  waiters_.remove(ticket);
  step.answer(ticket).fail(
      error(v1::TIMEOUT, absl::StrCat(method, " has not begun in time: ", running_.size(),
                                      " other calls have the object; nothing was changed")));
}

void Custom::forsake(Running& running) {
  running.ticket = 0;
  running.cancelled->store(true, std::memory_order_release);
}

void Custom::abandon(Ticket ticket) {
  if (const auto* waiter = waiters_.find(ticket)) {
    workshop_->leave(waiter->detail.call);
    waiters_.remove(ticket);
  }
  if (const auto* creator = creators_.find(ticket)) {
    if (creator->detail.call != 0) workshop_->leave(creator->detail.call);
    creators_.remove(ticket);
    return forsake_constructor();
  }
  for (auto& [call, running] : running_) {
    if (running.ticket == ticket) forsake(running);
  }
}

void Custom::owner_gone(SessionId session, Step&) {
  waiters_.remove_session(session, [this](const Wanted& wanted) { workshop_->leave(wanted.call); });
  creators_.remove_session(session, [this](const Creator& creator) {
    if (creator.call != 0) workshop_->leave(creator.call);
  });
  if (state_ == State::kConstructing) return forsake_constructor();
  for (auto& [call, running] : running_) {
    if (running.owner.session == session) forsake(running);
  }
}

void Custom::dissolve(const absl::Status& why, Step& step) {
  for (const auto& waiter : waiters_) workshop_->leave(waiter.detail.call);
  waiters_.dissolve(why, step);
  const bool drains = code_of(why) == v1::MANAGER_SHUT_DOWN && !std::exchange(draining_, true);
  for (auto& [call, running] : running_) {
    running.cancelled->store(true, std::memory_order_release);
    if (drains || running.ticket == 0) continue;
    step.answer(running.ticket).fail(why);
    forsake(running);
  }
  if (drains) return;
  for (const auto& creator : creators_) {
    if (creator.detail.call != 0) workshop_->leave(creator.detail.call);
  }
  creators_.dissolve(why, step);
}

}  // namespace mp::server
