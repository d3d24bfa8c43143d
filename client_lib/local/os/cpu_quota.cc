#include "client_lib/local/os/cpu_quota.h"

#include <algorithm>
#include <fstream>

#include "client_lib/local/os/control_groups.h"

namespace mp::internal {
namespace {

namespace fs = std::filesystem;
using Quota = std::optional<double>;

Quota tighter(Quota a, Quota b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

Quota ratio(double quota, double period) {
  if (!(quota > 0) || !(period > 0)) return std::nullopt;
  return quota / period;
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

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  Quota result;
  for (const ControlGroup& group : control_groups("cpu", root)) {
    const auto read = group.version == ControlGroup::Version::kV2 ? quota_v2 : quota_v1;
    result = tighter(result, read(group.folder));
  }
  return result;
}

}  // namespace mp::internal
