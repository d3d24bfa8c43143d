#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

// Where the limits stand that a container, or a service manager, sets to this process.

namespace mp::internal {

// A control group that this process is in: a folder of files.
struct ControlGroup {
  enum class Version : std::uint8_t { kV1, kV2 };

  Version version;
  std::filesystem::path folder;
};

// The groups that can limit what `controller` ("cpu", "memory") hands out: of both versions, the
// process's own and all ancestors in sight, these first.
//
// `root` is where /proc and the mounted groups are looked for; tests hand in a tree of their own.
std::vector<ControlGroup> control_groups(std::string_view controller,
                                         const std::filesystem::path& root);

}  // namespace mp::internal
