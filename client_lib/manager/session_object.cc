#include "client_lib/manager/session_object.h"

#include <cstring>
#include <utility>
#include <vector>

#include "client_lib/manager/recycled.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

// The references that one outcome granted, held for as long as its values may be decoded.
class OutcomeResolver final : public wire::RefResolver {
 public:
  OutcomeResolver(std::weak_ptr<Session> session, std::vector<std::shared_ptr<Reference>> granted)
      : session_(std::move(session)), granted_(std::move(granted)) {}
  std::shared_ptr<const RemoteObject> resolve(std::uint64_t id,
                                              std::string_view kind) const override {
    const auto session = session_.lock();
    return session ? session->object(id, kind, {}) : nullptr;
  }

 private:
  const std::weak_ptr<Session> session_;
  const std::vector<std::shared_ptr<Reference>> granted_;
};

// A call that was started and is not waited for yet. Dropping it gives up.
class StartedCall final : public PendingReply::State {
 public:
  StartedCall(std::shared_ptr<Session> session, std::shared_ptr<Channel> channel,
              std::shared_ptr<Call> call, std::shared_ptr<const std::string> title,
              const CallOptions& options)
      : session_(std::move(session)),
        channel_(std::move(channel)),
        call_(std::move(call)),
        title_(std::move(title)),
        options_(options),
        generation_(fork_generation()) {}
  ~StartedCall() override {
    // A plain command runs to its end. One that may wait is called off, and what it was given
    // meanwhile goes back.
    if (options_.may_wait && !taken_ && !forked()) channel_->give_up(*call_);
  }
  StartedCall(const StartedCall&) = delete;
  StartedCall& operator=(const StartedCall&) = delete;

  Reply get() override {
    if (forked()) call_->failure = LocalFailure::kForked;
    taken_ = true;
    if (!forked()) {
      session_->await(*channel_, *call_, *title_, options_);
      session_->tell_of_watches();
    }
    return session_->outcome_of(*call_, *title_, options_);
  }
  bool wait_for(std::chrono::nanoseconds timeout) override {
    return forked() || call_->done.load(std::memory_order_acquire) ||
           channel_->await(*call_, Clock::now() + timeout, session_->default_deadline());
  }

 private:
  bool forked() const { return generation_ != fork_generation(); }

  const std::shared_ptr<Session> session_;
  const std::shared_ptr<Channel> channel_;
  const std::shared_ptr<Call> call_;
  const std::shared_ptr<const std::string> title_;
  const CallOptions options_;
  const std::uint64_t generation_;
  bool taken_ = false;
};

std::string title_of(const std::string& kind, const std::string& name, std::uint64_t id) {
  return name.empty() ? kind + " " + std::to_string(id) : kind + " '" + name + "'";
}

}  // namespace

SessionObject::SessionObject(std::shared_ptr<Session> session, std::shared_ptr<Reference> reference,
                             std::string kind, std::string name)
    : session_(std::move(session)),
      reference_(std::move(reference)),
      kind_(std::move(kind)),
      name_(std::move(name)),
      title_(std::make_shared<const std::string>(title_of(kind_, name_, reference_->id()))) {}

Reply SessionObject::call(wire::Operation operation, const wire::Message& request,
                          const CallOptions& options) const {
  return session_->call(operation, id(), *title_, request.bytes(), options);
}

PendingReply SessionObject::start(wire::Operation operation, const wire::Message& request,
                                  const CallOptions& options) const {
  return session_->start(operation, id(), title_, request.bytes(), options);
}

PendingReply Session::start(wire::Operation operation, std::uint64_t object,
                            const std::shared_ptr<const std::string>& title,
                            std::string_view request, const CallOptions& options) {
  check_usable(*title);
  check_size(request.size(), *title);
  auto channel = channel_of_this_thread();
  auto call = channel->start(operation, object, request, options);
  return PendingReply(std::allocate_shared<StartedCall>(Recycled<StartedCall>(), shared_from_this(),
                                                        std::move(channel), std::move(call), title,
                                                        options));
}

std::shared_ptr<const wire::RefResolver> Session::resolver_for(std::string_view retained) {
  if (retained.empty()) return nullptr;
  std::vector<std::shared_ptr<Reference>> granted;
  for (std::size_t at = 0; at + sizeof(std::uint64_t) <= retained.size();
       at += sizeof(std::uint64_t)) {
    std::uint64_t id = 0;
    std::memcpy(&id, retained.data() + at, sizeof id);
    granted.push_back(references_->granted(id));
  }
  return std::make_shared<OutcomeResolver>(weak_from_this(), std::move(granted));
}

}  // namespace mp::internal
