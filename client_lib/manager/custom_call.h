#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "client_lib/manager/session.h"
#include "mp/manager.h"
#include "mp/this_call.h"
#include "mp/wire/ref_resolver.h"

namespace mp::internal {

// The manager whose methods run in this process, as these see it: over its local lane, as any
// client. Connects when it is first needed.
//
// Thread-safe.
class InnerManager final : public wire::RefResolver {
 public:
  explicit InnerManager(std::string address) : address_(std::move(address)) {}

  // Errors: those of Manager::connect.
  const Manager& manager() const;
  // Is this the session with it?
  bool is_reached_by(const Session* session) const;
  // A handle that holds a reference. Errors: NoSuchObject.
  std::shared_ptr<const RemoteObject> resolve(std::uint64_t id,
                                              std::string_view kind) const override;

 private:
  const std::string address_;
  mutable std::mutex mutex_;
  mutable std::optional<Manager> manager_;  // guarded by mutex_; once there, constant
};

// A method of a user's own type that runs on this thread.
struct RunningCall {
  std::uint64_t id = 0;  // as the manager names it
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::shared_ptr<const std::atomic<bool>> cancelled;
  const InnerManager* inner = nullptr;
};

// While this lives, the thread runs this call; see this_call().
class RunsCall {
 public:
  explicit RunsCall(const RunningCall& call);
  ~RunsCall();
  RunsCall(const RunsCall&) = delete;
  RunsCall& operator=(const RunsCall&) = delete;

 private:
  const CallContext context_;
};

// The id of the call that runs on this thread, if it is in the manager that this session is with;
// else 0.
std::uint64_t call_around(const Session* session);

}  // namespace mp::internal
