#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "mp/v1/admin.pb.h"
#include "mp/v1/session.pb.h"
#include "server/engine/engine.h"

namespace mp::server {

// The services beside the commands: mp.v1.Admin, and what a unary caller needs of mp.v1.Sessions to
// have a session.
//
// Secrets never leave it, but for that of a session to who has just opened it. Thread-safe.
class Administration {
 public:
  using Message = google::protobuf::Message;
  using Caller = std::shared_ptr<Session>;  // null: a call without a session

  explicit Administration(Engine& engine) : engine_(engine) {}

  // Methods are named as in "mp.v1.Admin/ListObjects".
  static bool knows(std::string_view method);
  // Of a method that it knows; else null.
  static const google::protobuf::Descriptor* request_type(std::string_view method);
  // Runs a method; `request` is a generated message of its type. UNKNOWN_OPERATION for a method
  // that it does not know.
  absl::StatusOr<std::unique_ptr<Message>> run(std::string_view method, const Message& request,
                                               const Caller& caller);

  // The methods that are not mere reports (inspection.h).
  absl::Status open_session(const v1::SessionOpenRequest&, v1::SessionOpenReply&);
  absl::Status renew_session(const v1::SessionRenewRequest&, v1::SessionRenewReply&, const Caller&);
  absl::Status close_session(const v1::CloseSessionRequest&, v1::CloseSessionReply&);
  absl::Status collect(const v1::CollectRequest&, v1::CollectReply&);

 private:
  Engine& engine_;
};

}  // namespace mp::server
