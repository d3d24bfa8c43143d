#pragma once

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "mp/v1/command.pb.h"
#include "server/engine/engine.h"
#include "server/lanes/grpc_call.h"

namespace mp::server {

// What a Command has beside its operation, as a unary call says it: in metadata.
//
//   mp-session        the session's id, and with it
//   mp-secret         its secret in hex, or
//   mp-secret-bin     its secret raw
//   mp-owner          the owner handle; 0 if absent
//   mp-caller-blocks  true: the owner does nothing else until the call is answered, so that its
//   wait
//                     can be part of a deadlock
//   mp-require-lock   runs only while a grant of this lock is held: its name, or # and its id
//   mp-require-lock-bin   the same name, where it is not ASCII
//   mp-require-token  the grant's token
struct CallOrigin {
  std::shared_ptr<Session> session;  // null: the call has none
  std::uint64_t owner = 0;
  bool caller_blocks = false;
  std::optional<v1::RequiredToken> require_token;

  // BAD_COMMAND, SESSION_EXPIRED or BAD_SECRET. The session's time to live begins anew.
  static absl::StatusOr<CallOrigin> of(const GrpcCall& call, Engine& engine);
};

}  // namespace mp::server
