#include "client_lib/local/cpu_quota.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace mp::internal {
namespace {

namespace fs = std::filesystem;
using Quota = std::optional<double>;

enum class Version { kV1, kV2 };

// One hierarchy of control groups that can limit processors.
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

Quota tighter(Quota a, Quota b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

Quota ratio(double quota, double period) {
  if (!(quota > 0) || !(period > 0)) return std::nullopt;
  return quota / period;
}

// `31 23 0:28 / /sys/fs/cgroup/cpu rw,relatime shared:1 - cgroup cgroup rw,cpu`: see proc(5).
std::optional<Hierarchy> parse_mount(const std::string& line) {
  const std::size_t dash = line.find(" - ");
  if (dash == std::string::npos) return std::nullopt;
  const auto mount = split(line.substr(0, dash), ' ');
  const auto source = split(line.substr(dash + 3), ' ');
  if (mount.size() < 5 || source.size() < 3) return std::nullopt;
  if (source[0] == "cgroup2") return Hierarchy{Version::kV2, mount[3], mount[4]};
  if (source[0] != "cgroup" || !contains(split(source[2], ','), "cpu")) return std::nullopt;
  return Hierarchy{Version::kV1, mount[3], mount[4]};
}

// The group of this process: `0::/path` in version 2, `4:cpu,cpuacct:/path` in version 1.
std::optional<std::string> own_group(const fs::path& root, Version version) {
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_v2 = controllers.empty() && line.substr(0, first) == "0";
    const bool is_ours = version == Version::kV2 ? is_v2 : contains(split(controllers, ','), "cpu");
    if (is_ours) return line.substr(second + 1);
  }
  return std::nullopt;
}

// cpu.max: `max 100000` or `150000 100000`.
Quota quota_v2(const fs::path& group) {
  std::ifstream in(group / "cpu.max");
  double quota = 0;
  double period = 0;
  if (!(in >> quota >> period)) return std::nullopt;
  return ratio(quota, period);
}

// cpu.cfs_quota_us: -1 for no limit.
Quota quota_v1(const fs::path& group) {
  std::ifstream quota_in(group / "cpu.cfs_quota_us");
  std::ifstream period_in(group / "cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  if (!(quota_in >> quota) || !(period_in >> period)) return std::nullopt;
  return ratio(quota, period);
}

// The part of `group` below the group that is mounted; nullopt if it is not below, as in a
// container that sees the host's name of its group but only its own files.
std::optional<fs::path> below(const std::string& group, const std::string& shown) {
  if (shown == "/") return fs::path(group).relative_path();
  if (group == shown) return fs::path();
  if (!group.starts_with(shown + "/")) return std::nullopt;
  return fs::path(group.substr(shown.size() + 1));
}

Quota quota_of(const fs::path& root, const Hierarchy& hierarchy) {
  const auto group = own_group(root, hierarchy.version);
  if (!group) return std::nullopt;
  const auto read = hierarchy.version == Version::kV2 ? quota_v2 : quota_v1;
  fs::path at = root / hierarchy.mount_point.relative_path();
  Quota result = read(at);
  for (const fs::path& step : below(*group, hierarchy.shown_group).value_or(fs::path())) {
    at /= step;
    result = tighter(result, read(at));
  }
  return result;
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  std::ifstream in(root / "proc/self/mountinfo");
  Quota result;
  for (std::string line; std::getline(in, line);) {
    if (const auto hierarchy = parse_mount(line))
      result = tighter(result, quota_of(root, *hierarchy));
  }
  return result;
}

}  // namespace mp::internal
