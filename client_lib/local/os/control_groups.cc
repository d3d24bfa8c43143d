#include "client_lib/local/os/control_groups.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace mp::internal {
namespace {

namespace fs = std::filesystem;
using Version = ControlGroup::Version;

// One hierarchy of control groups that has the controller.
struct Hierarchy {
  Version version;
  std::string shown_group;  // the group that stands at the mount point
  fs::path mount_point;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

// `31 23 0:28 / /sys/fs/cgroup/cpu rw,relatime shared:1 - cgroup cgroup rw,cpu`: see proc(5).
std::optional<Hierarchy> parse_mount(const std::string& line, std::string_view controller) {
  const std::size_t dash = line.find(" - ");
  if (dash == std::string::npos) return std::nullopt;
  const auto mount = split(line.substr(0, dash), ' ');
  const auto source = split(line.substr(dash + 3), ' ');
  if (mount.size() < 5 || source.size() < 3) return std::nullopt;
  if (source[0] == "cgroup2") return Hierarchy{Version::kV2, mount[3], mount[4]};
  if (source[0] != "cgroup" || !contains(split(source[2], ','), controller)) return std::nullopt;
  return Hierarchy{Version::kV1, mount[3], mount[4]};
}

// The group of this process: `0::/path` in version 2, `4:cpu,cpuacct:/path` in version 1.
std::optional<std::string> own_group(const fs::path& root, Version version,
                                     std::string_view controller) {
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_v2 = controllers.empty() && line.substr(0, first) == "0";
    const bool is_it =
        version == Version::kV2 ? is_v2 : contains(split(controllers, ','), controller);
    if (is_it) return line.substr(second + 1);
  }
  return std::nullopt;
}

// The part of `group` below the group that is mounted; nullopt if it is not below, as in a
// container that sees the host's name of its group but only its own files.
std::optional<fs::path> below(const std::string& group, const std::string& shown) {
  if (shown == "/") return fs::path(group).relative_path();
  if (group == shown) return fs::path();
  if (!group.starts_with(shown + "/")) return std::nullopt;
  return fs::path(group.substr(shown.size() + 1));
}

}  // namespace

std::vector<ControlGroup> control_groups(std::string_view controller, const fs::path& root) {
  std::vector<ControlGroup> groups;
  std::ifstream in(root / "proc/self/mountinfo");
  for (std::string line; std::getline(in, line);) {
    const auto hierarchy = parse_mount(line, controller);
    if (!hierarchy) continue;
    const auto group = own_group(root, hierarchy->version, controller);
    if (!group) continue;
    fs::path at = root / hierarchy->mount_point.relative_path();
    groups.push_back({hierarchy->version, at});
    for (const fs::path& step : below(*group, hierarchy->shown_group).value_or(fs::path())) {
      at /= step;
      groups.push_back({hierarchy->version, at});
    }
  }
  return groups;
}

}  // namespace mp::internal
