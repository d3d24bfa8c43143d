#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/engine/section.h"

namespace mp::server {

inline Target target_of(const v1::RequiredToken& token) {
  return {.name = token.name(), .id = token.id()};
}

// How an object is named in messages: dict 'scores', or dict 4711.
std::string title(std::string_view kind, const Target& target);

// The object that a command names. BAD_COMMAND if it names none, NO_SUCH_OBJECT if there is none
// such.
absl::StatusOr<HostedObject*> require_object(Section& section, const Target& target);
// The same, of this kind: else WRONG_KIND. `epoch` is of this run of the manager.
absl::StatusOr<HostedObject*> require_object(Section& section, const KindTable& kind,
                                             const Target& target, std::uint64_t epoch);

// STALE_TOKEN unless the very grant that `token` names is held now. Inside the lock's section.
absl::Status check_token(Section& section, const v1::RequiredToken& token);

}  // namespace mp::server
