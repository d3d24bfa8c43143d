#include "server/lanes/call_origin.h"

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

std::optional<std::string_view> text(const GrpcCall& call, const char* key) {
  const grpc::string_ref* value = call.metadata(key);
  if (value == nullptr) return std::nullopt;
  return std::string_view(value->data(), value->size());
}

// 0 if it is absent.
absl::StatusOr<std::uint64_t> number(const GrpcCall& call, const char* key) {
  const auto value = text(call, key);
  std::uint64_t result = 0;
  if (!value || absl::SimpleAtoi(absl::string_view(value->data(), value->size()), &result)) {
    return result;
  }
  return error(v1::BAD_COMMAND, absl::StrCat("the metadata ", key, " is not a whole number: '",
                                             std::string(*value), "'"));
}

// False if it is absent.
absl::StatusOr<bool> flag(const GrpcCall& call, const char* key) {
  const auto value = text(call, key);
  if (!value || *value == "false") return false;
  if (*value == "true") return true;
  return error(v1::BAD_COMMAND, absl::StrCat("the metadata ", key, " is neither true nor false: '",
                                             std::string(*value), "'"));
}

std::string secret_of(const GrpcCall& call) {
  if (const auto raw = text(call, "mp-secret-bin")) return std::string(*raw);
  const std::string_view hex = text(call, "mp-secret").value_or("");
  if (hex.size() % 2 != 0 || hex.find_first_not_of("0123456789abcdefABCDEF") != hex.npos) return {};
  return absl::HexStringToBytes(absl::string_view(hex.data(), hex.size()));
}

absl::StatusOr<std::optional<v1::RequiredToken>> required_token(const GrpcCall& call) {
  auto lock = text(call, "mp-require-lock-bin");
  const bool raw = lock.has_value();
  if (!raw) lock = text(call, "mp-require-lock");
  const auto token = number(call, "mp-require-token");
  if (!token.ok()) return token.status();
  if (!lock && *token == 0) return std::optional<v1::RequiredToken>();
  if (!lock || lock->empty() || *token == 0) {
    return error(v1::BAD_COMMAND,
                 "the metadata mp-require-lock and mp-require-token belong together: the lock, and "
                 "the token "
                 "of the grant");
  }
  v1::RequiredToken required;
  required.set_token(*token);
  std::uint64_t id = 0;
  if (!raw && lock->starts_with('#') &&
      absl::SimpleAtoi(absl::string_view(lock->data() + 1, lock->size() - 1), &id)) {
    required.set_id(id);
  } else {
    required.set_name(std::string(*lock));
  }
  return std::optional(required);
}

}  // namespace

absl::StatusOr<CallOrigin> CallOrigin::of(const GrpcCall& call, Engine& engine) {
  CallOrigin origin;
  const auto owner = number(call, "mp-owner");
  if (!owner.ok()) return owner.status();
  origin.owner = *owner;
  const auto caller_blocks = flag(call, "mp-caller-blocks");
  if (!caller_blocks.ok()) return caller_blocks.status();
  origin.caller_blocks = *caller_blocks;
  auto required = required_token(call);
  if (!required.ok()) return required.status();
  origin.require_token = *std::move(required);

  if (call.metadata("mp-session") == nullptr) return origin;
  const auto id = number(call, "mp-session");
  if (!id.ok()) return id.status();
  auto session = engine.sessions().find(*id, secret_of(call));
  if (!session.ok()) return session.status();
  engine.sessions().renew(*id, engine.now());
  origin.session = *std::move(session);
  return origin;
}

}  // namespace mp::server
