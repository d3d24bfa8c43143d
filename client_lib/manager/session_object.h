#pragma once

#include <memory>
#include <string>

#include "client_lib/manager/references.h"
#include "client_lib/manager/session.h"
#include "mp/internal/remote_object.h"

namespace mp::internal {

// An object of a manager, reached through a session.
class SessionObject : public RemoteObject {
 public:
  SessionObject(std::shared_ptr<Session> session, std::shared_ptr<Reference> reference,
                std::string kind, std::string name);

  const std::shared_ptr<Session>& session() const { return session_; }

  std::uint64_t id() const override { return reference_->id(); }
  const std::string& kind() const override { return kind_; }
  const std::string& name() const override { return name_; }
  Reply call(wire::Operation operation, const wire::Message& request,
             const CallOptions& options) const override;
  PendingReply start(wire::Operation operation, const wire::Message& request,
                     const CallOptions& options) const override;
  void flush() const override { session_->flush(); }
  std::uint64_t incarnation() const override { return session_->incarnation(); }
  std::weak_ptr<const void> session_mark() const override { return session_; }

 protected:
  const std::shared_ptr<Reference>& reference() const { return reference_; }

 private:
  const std::shared_ptr<Session> session_;
  const std::shared_ptr<Reference> reference_;
  const std::string kind_;
  const std::string name_;
  const std::shared_ptr<const std::string> title_;  // "dict 'scores'"
};

}  // namespace mp::internal
