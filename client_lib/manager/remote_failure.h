#pragma once

#include <string>
#include <string_view>

#include "mp/errors.h"

namespace mp::internal {

// What an mp.v1.Error says beside its code.
struct RemoteFailure {
  std::string message;
  ErrorDetails details;

  // Errors: RemoteError for bytes that are no Error.
  static RemoteFailure parse(std::string_view bytes);
};

}  // namespace mp::internal
