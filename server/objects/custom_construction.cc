#include <utility>

#include "server/objects/custom.h"

// How an object of a user's own type comes to be: its constructor is a call, for which everybody
// waits who wants the object.

namespace mp::server {

absl::Status Custom::await_construction(const v1::CustomCreateRequest& request,
                                        v1::ObjectCreated& reply, Call& call) {
  if (state_ == State::kReady) {
    reply.set_existed(true);
    reply.mutable_ref()->set_id(id_);
    reply.mutable_ref()->set_kind(std::string(name_of(kind())));
    call.answer().retain(id_);
    return call.alters_nothing();
  }
  const bool first = state_ == State::kNew;
  Wanted wanted;
  if (absl::Status status = read_arguments(request.arguments(), call, wanted); !status.ok())
    return status;
  if (absl::Status status = call.park(std::nullopt); !status.ok()) return status;
  const auto arrived =
      workshop_->arrive(call.inside(), id_, first ? Access::kAlone : Access::kShared);
  if (!arrived.ok()) return arrived.status();
  wanted.call = *arrived;
  absl::Status status =
      first ? begin(0, call.caller(), std::move(wanted), call.now()) : workshop_->wait(*arrived);
  if (!status.ok()) {
    workshop_->leave(*arrived);
    return status;
  }
  state_ = State::kConstructing;
  creators_.push(call, {.call = first ? CallId{0} : *arrived, .existed = !first});
  return absl::OkStatus();
}

void Custom::answer_creators(const CallResult& result, Step& step) {
  const auto leave = [this](const Creator& dropped) {
    if (dropped.call != 0) workshop_->leave(dropped.call);
  };
  while (creators_.front(step, leave) != nullptr) {
    const auto creator = creators_.pop();
    leave(creator.detail);
    const bool existed = creator.detail.existed;
    Answer answer = step.answer(creator.ticket, existed ? Altered::kNo : Altered::kYes);
    if (!result.status.ok()) {
      answer.fail(result.status);
      answer.outcome().mutable_error()->set_exception(result.exception);
      continue;
    }
    v1::ObjectCreated& created = *answer.outcome().mutable_custom_create();
    created.set_existed(existed);
    created.mutable_ref()->set_id(id_);
    created.mutable_ref()->set_kind(std::string(name_of(kind())));
    answer.retain(id_);
  }
}

void Custom::forsake_constructor() {
  if (state_ != State::kConstructing || !creators_.empty()) return;
  for (auto& [call, running] : running_) forsake(running);
}

const Operation& Custom::construction() {
  static constexpr Operation kRow = {
      .rpc = "Create",
      .effect = Effect::kMutates,
      .growth = Growth::kGrows,
      .request = &v1::CustomCreateRequest::descriptor,
      .reply = &v1::ObjectCreated::descriptor,
      .request_in = [](const v1::Command& command) -> const google::protobuf::Message& {
        return command.custom_create();
      },
      .reply_in = [](v1::Outcome& outcome) -> google::protobuf::Message& {
        return *outcome.mutable_custom_create();
      },
      .target =
          [](const google::protobuf::Message& message) {
            return Target{.name = static_cast<const v1::CustomCreateRequest&>(message).name(),
                          .id = 0};
          },
      .run =
          [](Object& object, const google::protobuf::Message& request,
             google::protobuf::Message& reply, Call& call) {
            return static_cast<Custom&>(object).await_construction(
                static_cast<const v1::CustomCreateRequest&>(request),
                static_cast<v1::ObjectCreated&>(reply), call);
          },
  };
  return kRow;
}

}  // namespace mp::server
