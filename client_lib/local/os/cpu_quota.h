#pragma once

#include <filesystem>
#include <optional>

namespace mp::internal {

// How many processors' worth of time the control groups of this process allow it, the tightest of
// its group and all ancestors in sight, of both versions of control groups; nullopt for no limit.
//
// `root` is where /proc and the mounted groups are looked for; tests hand in a tree of their own.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

}  // namespace mp::internal
