#include "server/objects/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace mp::server {
namespace {
constexpr char kPayload[] = "mp.v1.Code";
}

absl::StatusCode canonical(v1::Code code) {
  switch (code) {
    case v1::KEY_ERROR:
    case v1::ATTRIBUTE_ERROR:
    case v1::UNKNOWN_TYPE:
    case v1::NO_SUCH_OBJECT:
      return absl::StatusCode::kNotFound;
    case v1::INDEX_ERROR:
    case v1::OVERFLOW_ERROR:
      return absl::StatusCode::kOutOfRange;
    case v1::VALUE_ERROR:
    case v1::TYPE_ERROR:
    case v1::WRONG_KIND:
    case v1::BAD_COMMAND:
      return absl::StatusCode::kInvalidArgument;
    case v1::ALREADY_EXISTS:
      return absl::StatusCode::kAlreadyExists;
    case v1::EMPTY:
    case v1::FULL:
    case v1::SHUT_DOWN:
    case v1::BROKEN_BARRIER:
    case v1::NOT_OWNER:
    case v1::DEADLOCK:
    case v1::RUNTIME_ERROR:
    case v1::NO_SESSION:
    case v1::CONDITION_FAILED:
      return absl::StatusCode::kFailedPrecondition;
    case v1::TIMEOUT:
    case v1::WOULD_BLOCK:
    case v1::STALE_TOKEN:
    case v1::SESSION_EXPIRED:
    case v1::CANCELLED:
    case v1::RAISED:
      return absl::StatusCode::kAborted;
    case v1::BAD_SECRET:
    case v1::UNAUTHENTICATED_CLIENT:
      return absl::StatusCode::kUnauthenticated;
    case v1::UNKNOWN_OPERATION:
      return absl::StatusCode::kUnimplemented;
    case v1::LIMIT_EXCEEDED:
      return absl::StatusCode::kResourceExhausted;
    case v1::MANAGER_SHUT_DOWN:
    case v1::MANAGER_UNAVAILABLE:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status error(v1::Code code, std::string_view message) {
  absl::Status status(canonical(code), absl::string_view(message.data(), message.size()));
  status.SetPayload(kPayload, absl::Cord(absl::StrCat(static_cast<int>(code))));
  return status;
}

v1::Code code_of(const absl::Status& status) {
  if (status.ok()) return v1::CODE_UNSPECIFIED;
  int code = v1::INTERNAL;
  if (const auto payload = status.GetPayload(kPayload)) {
    if (!absl::SimpleAtoi(std::string(*payload), &code)) code = v1::INTERNAL;
  }
  return static_cast<v1::Code>(code);
}

v1::Error to_wire(const absl::Status& status) {
  v1::Error wire;
  wire.set_code(code_of(status));
  wire.set_message(std::string(status.message()));
  return wire;
}

}  // namespace mp::server
