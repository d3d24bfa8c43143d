#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "client_lib/manager/lane.h"
#include "mp/error_code.h"
#include "mp/internal/remote_object.h"
#include "mp/wire/operation.h"

namespace mp::internal {

// What went wrong with a call on this side of the wire.
enum class LocalFailure {
  kNone,
  kUnavailable,     // no manager within the deadline; the command never left, or only reads
  kOutcomeUnknown,  // the command left, its session is over, and it may have run
  kForked,          // the call was its parent's
};

// One command on its way and its outcome. Guarded by its channel's mutex until it is done, and from
// then on its caller's.
struct Call {
  wire::Operation operation{};
  std::uint64_t seq = 0;
  // The mp.v1.Command, kept for a resend; once done, the reply, the manager's mp.v1.Error, or what
  // went wrong here.
  std::string bytes;
  bool gives =
      false;  // its outcome may give something: acknowledged only when somebody has taken it
  std::uint64_t cancels = 0;  // of a Cancel: the call that it ends
  bool sent = false;
  std::atomic<bool> done = false;
  // Once done:
  LocalFailure failure = LocalFailure::kNone;
  ErrorCode code = ErrorCode::kUnspecified;  // of the manager's error
  std::uint64_t version = 0;                 // of the object; 0: not said
  std::uint64_t watch_mark = 0;              // of its session (watch_mark.h)
  std::shared_ptr<const wire::RefResolver>
      resolver;  // holds the references that the outcome granted
};

// A call of this operation, in memory that this thread has used for one before.
std::shared_ptr<Call> make_call(wire::Operation operation);

// Appends an mp.v1.Command to `out`. `object` 0: the request names no object.
void encode_command(std::string& out, std::uint64_t seq, std::uint64_t owner,
                    wire::Operation operation, std::uint64_t object, std::string_view request,
                    const CallOptions& options);

// An mp.v1.Outcome, cut into its parts; what they view is the outcome's bytes.
struct OutcomeView {
  std::uint64_t seq = 0;
  ErrorCode code = ErrorCode::kUnspecified;
  std::string_view error;          // an mp.v1.Error
  std::string_view retained;       // packed fixed64
  std::uint64_t version = 0;       // of the object
  std::uint64_t watch_events = 0;  // that the session's watches have counted
  std::string_view reply;

  // Errors: RemoteError for bytes that are no Outcome.
  static OutcomeView parse(std::string_view bytes);
};

}  // namespace mp::internal
