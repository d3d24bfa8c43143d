#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace mp::server {

// The packaged Abseil has a string_view of its own, which does not convert from the standard's.
inline absl::string_view absl_view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace mp::server
