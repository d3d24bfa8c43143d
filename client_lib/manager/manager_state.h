#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client_lib/manager/manager_process.h"
#include "client_lib/manager/session.h"

namespace mp::internal {

// The server process, if it is ours, and the session with it.
class ManagerState {
 public:
  explicit ManagerState(const ManagerOptions& options)
      : process_(std::in_place, options), address_(process_->address()) {
    session_ = Session::open(process_->endpoint(), kFirstConnection);
  }
  ManagerState(std::shared_ptr<Endpoint> endpoint, std::string address, Timeout timeout)
      : address_(std::move(address)) {
    session_ = Session::open(std::move(endpoint), timeout);
  }

  const std::shared_ptr<Session>& session() const { return session_; }
  const std::string& address() const { return address_; }
  // Null if it was connected to.
  ManagerProcess* process() { return process_ ? &*process_ : nullptr; }

 private:
  static constexpr std::chrono::seconds kFirstConnection{10};

  std::optional<ManagerProcess> process_;
  std::string address_;
  std::shared_ptr<Session> session_;
};

}  // namespace mp::internal
