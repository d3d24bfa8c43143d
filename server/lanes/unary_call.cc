#include "server/lanes/unary_call.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/arena.h"
#include "server/lanes/grpc_message.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

// Requests and outcomes of one thread's calls, one after another.
class ScratchArena {
 public:
  ScratchArena() : arena_(of_thread()) {}
  ~ScratchArena() { arena_.Reset(); }
  ScratchArena(const ScratchArena&) = delete;
  ScratchArena& operator=(const ScratchArena&) = delete;
  google::protobuf::Arena* get() { return &arena_; }

 private:
  static google::protobuf::Arena& of_thread() {
    thread_local std::array<char, 32 << 10U> first_block;
    thread_local google::protobuf::Arena arena(first_block.data(), first_block.size());
    return arena;
  }
  google::protobuf::Arena& arena_;
};

}  // namespace

UnaryCall::UnaryCall(std::shared_ptr<GrpcCall> call, const UnaryTarget& target)
    : OneRequestHandler(std::move(call)),
      target_(target),
      operation_(Catalog::get().find_method(this->call().method())) {}

void UnaryCall::start() {
  const std::string_view method = call().method();
  if (operation_ != nullptr || Administration::knows(method)) return OneRequestHandler::start();
  call().finish(to_grpc(
      error(v1::UNKNOWN_OPERATION,
            absl::StrCat(
                "this manager has no method ", std::string(method),
                "; `grpcurl list` shows its services, and `grpcurl list SERVICE` their methods"))));
}

void UnaryCall::on_request(const grpc::ByteBuffer& request) {
  absl::Status status = require_size(request);
  if (status.ok()) {
    absl::StatusOr<CallOrigin> origin = CallOrigin::of(call(), target_.engine);
    status = !origin.ok()            ? origin.status()
             : operation_ != nullptr ? run_command(request, *std::move(origin))
                                     : run_administration(request, *origin);
  }
  if (!status.ok()) call().finish(to_grpc(status));
}

absl::Status UnaryCall::require_size(const grpc::ByteBuffer& request) const {
  const std::uint64_t limit = target_.engine.limits().max_message_bytes;
  if (request.Length() <= limit) return absl::OkStatus();
  return error(
      v1::LIMIT_EXCEEDED,
      absl::StrCat("the request has ", request.Length(), " bytes and may have ", limit,
                   " (limit --max-message-bytes); larger contents go in several requests"));
}

absl::Status UnaryCall::run_command(const grpc::ByteBuffer& request, CallOrigin origin) {
  ScratchArena arena;
  auto* command = google::protobuf::Arena::CreateMessage<v1::Command>(arena.get());
  auto* outcome = google::protobuf::Arena::CreateMessage<v1::Outcome>(arena.get());
  auto* operation = command->GetReflection()->MutableMessage(command, operation_->request);
  absl::Status status =
      parse_message(request, target_.engine.limits().objects.max_depth, *operation);
  if (!status.ok()) return status;
  command->set_owner(origin.owner);
  if (origin.require_token) *command->mutable_require_token() = *std::move(origin.require_token);

  const auto self = std::static_pointer_cast<UnaryCall>(shared_from_this());
  {
    Deliveries deliveries;
    target_.dispatcher.dispatch(*command,
                                {.session = origin.session,
                                 .port = self,
                                 .seq = 0,
                                 .owner = origin.owner,
                                 .caller_blocks = origin.caller_blocks},
                                *outcome, deliveries);
  }
  if (origin.session && !answered()) {
    waiting_session_ = std::move(origin.session);
    target_.engine.begin_wait(waiting_session_->id());
  }
  return absl::OkStatus();
}

bool UnaryCall::answered() {
  const MutexLock lock(mutex_);
  return state_.answered;
}

absl::Status UnaryCall::run_administration(const grpc::ByteBuffer& request,
                                           const CallOrigin& origin) {
  ScratchArena arena;
  const auto* type = Administration::request_type(call().method());
  auto* message =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New(arena.get());
  absl::Status status = parse_message(request, target_.engine.limits().objects.max_depth, *message);
  if (!status.ok()) return status;
  auto reply = target_.administration.run(call().method(), *message, origin.session);
  if (!reply.ok()) return reply.status();
  call().finish(serialize_message(**reply));
  return absl::OkStatus();
}

void UnaryCall::append(const v1::Outcome& outcome) {
  const MutexLock lock(mutex_);
  state_.answered = true;
  if (outcome.has_error()) {
    state_.status = to_grpc(outcome.error());
  } else {
    state_.reply =
        serialize_message(outcome.GetReflection()->GetMessage(outcome, operation_->reply));
  }
}

void UnaryCall::append_bytes(std::string_view outcome) {
  v1::Outcome parsed;
  parsed.ParseFromArray(outcome.data(), static_cast<int>(outcome.size()));
  append(parsed);
}

void UnaryCall::parked(std::uint32_t shard, Ticket ticket) {
  const MutexLock lock(mutex_);
  state_.waiting = {shard, ticket};
}

void UnaryCall::gave(const Gift& gift, const v1::Outcome& outcome) {
  const MutexLock lock(mutex_);
  if (state_.gifts.empty()) state_.given = outcome;
  state_.gifts.push_back(gift);
}

void UnaryCall::flush() {
  grpc::Status status;
  grpc::ByteBuffer reply;
  {
    const MutexLock lock(mutex_);
    if (!state_.answered || state_.finishing) return;
    state_.finishing = true;
    status = std::move(state_.status);
    reply.Swap(&state_.reply);
  }
  const bool sent = status.ok() ? call().finish(reply) : call().finish(status);
  if (!sent) take_back();
}

// After this no waiter of the call is left, and nobody has what it was given and did not get.
void UnaryCall::on_done(bool delivered) {
  if (waiting_session_) target_.engine.end_wait(waiting_session_->id());
  if (delivered) return;
  give_up();
  target_.engine.deadlocks().look();  // what came back may have been granted to others
}

void UnaryCall::give_up() {
  std::optional<std::pair<std::uint32_t, Ticket>> waiting;
  {
    const MutexLock lock(mutex_);
    if (!state_.answered) waiting = state_.waiting;
  }
  if (waiting) {
    Deliveries deliveries;
    Section section(*target_.engine.shards()[waiting->first], deliveries);
    if (section.abandon(waiting->second)) return;
  }
  // Answered, perhaps just now. If its flush() is yet to come, that finds the call closed and does
  // the same.
  take_back();
}

void UnaryCall::take_back() {
  std::vector<Gift> gifts;
  v1::Outcome given;
  {
    const MutexLock lock(mutex_);
    gifts = std::exchange(state_.gifts, {});
    given.Swap(&state_.given);
  }
  for (const Gift& gift : gifts) {
    Deliveries deliveries;
    Section section(target_.engine.shard_of({.name = {}, .id = gift.object}), deliveries);
    section.take_back(gift, given);
  }
}

}  // namespace mp::server
