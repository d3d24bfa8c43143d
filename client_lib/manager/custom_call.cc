#include "client_lib/manager/custom_call.h"

#include "client_lib/manager/manager_state.h"
#include "mp/errors.h"
#include "mp/proxy/custom.h"

namespace mp {

namespace internal {
namespace {

struct ThisThread {
  const RunningCall* call = nullptr;
  const CallContext* context = nullptr;
};
thread_local ThisThread this_thread;

}  // namespace

RunsCall::RunsCall(const RunningCall& call) : context_(call) {
  this_thread = {.call = &call, .context = &context_};
}

RunsCall::~RunsCall() { this_thread = {}; }

const Manager& InnerManager::manager() const {
  const std::lock_guard lock(mutex_);
  if (!manager_) manager_.emplace(Manager::connect(address_));
  return *manager_;
}

bool InnerManager::is_reached_by(const Session* session) const {
  const std::lock_guard lock(mutex_);
  return manager_ && manager_->state_->session().get() == session;
}

std::shared_ptr<const RemoteObject> InnerManager::resolve(std::uint64_t id,
                                                          std::string_view kind) const {
  Session& session = *manager().state_->session();
  const Reply held = session.call(wire::Operation::kObjectRetain, id, "argument", {}, {});
  return session.object(id, kind, {});
}

std::uint64_t call_around(const Session* session) {
  const RunningCall* call = this_thread.call;
  return call != nullptr && call->inner->is_reached_by(session) ? call->id : 0;
}

std::uint64_t call_around(const RemoteObject& object) {
  if (this_thread.call == nullptr) return 0;
  return call_around(static_cast<const Session*>(object.session_mark().lock().get()));
}

}  // namespace internal

std::optional<std::chrono::steady_clock::time_point> CallContext::deadline() const {
  return call_.deadline;
}

bool CallContext::cancelled() const { return call_.cancelled->load(std::memory_order_acquire); }

const Manager& CallContext::manager() const { return call_.inner->manager(); }

const CallContext& this_call() {
  if (internal::this_thread.context == nullptr)
    throw ValueError("this_call: no method of a type of one's own runs on this thread");
  return *internal::this_thread.context;
}

}  // namespace mp
