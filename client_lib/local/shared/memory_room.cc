#include "client_lib/local/shared/memory_room.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>

#include "client_lib/local/os/control_groups.h"

namespace mp::internal {
namespace {

namespace fs = std::filesystem;
using Bytes = std::uint64_t;
using Room = std::optional<Bytes>;

Room tighter(Room a, Room b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

Bytes sum(Bytes a, Bytes b) {
  constexpr Bytes kMost = std::numeric_limits<Bytes>::max();
  return a > kMost - b ? kMost : a + b;
}

Bytes left(Bytes limit, Bytes used) { return limit > used ? limit - used : 0; }

// nullopt for a file that is not there, or says `max`.
Room number_in(const fs::path& file) {
  std::ifstream in(file);
  Bytes number = 0;
  if (!(in >> number)) return std::nullopt;
  return number;
}

// Lines as in `name: 12 kB`, or `name 12`.
Room number_in(const fs::path& file, std::string_view name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(name)) continue;
    std::istringstream rest(line.substr(name.size()));
    Bytes number = 0;
    if (char mark = 0; rest.get(mark) && (mark == ':' || mark == ' ') && rest >> number)
      return number;
  }
  return std::nullopt;
}

Bytes in_meminfo(const fs::path& root, std::string_view name) {
  constexpr Bytes kUnit = 1024;
  return number_in(root / "proc/meminfo", name).value_or(0) * kUnit;
}

Bytes cached(const fs::path& group, const std::array<std::string_view, 2>& names) {
  Bytes total = 0;
  for (const auto name : names)
    total = sum(total, number_in(group / "memory.stat", name).value_or(0));
  return total;
}

Room room_v2(const fs::path& group, Bytes swap_free) {
  const Room limit = number_in(group / "memory.max");
  const Room used = number_in(group / "memory.current");
  if (!limit || !used) return std::nullopt;
  Bytes swap = swap_free;
  if (const Room most = number_in(group / "memory.swap.max"))
    swap = std::min(swap, left(*most, number_in(group / "memory.swap.current").value_or(0)));
  const Bytes in_memory = sum(left(*limit, *used), cached(group, {"inactive_file", "active_file"}));
  return sum(in_memory, swap);
}

Room room_v1(const fs::path& group, Bytes swap_free) {
  const Room limit = number_in(group / "memory.limit_in_bytes");
  const Room used = number_in(group / "memory.usage_in_bytes");
  if (!limit || !used) return std::nullopt;
  const Bytes cache = cached(group, {"total_inactive_file", "total_active_file"});
  Room with_swap;
  if (const Room most = number_in(group / "memory.memsw.limit_in_bytes"))
    with_swap =
        sum(left(*most, number_in(group / "memory.memsw.usage_in_bytes").value_or(0)), cache);
  return tighter(sum(sum(left(*limit, *used), cache), swap_free), with_swap);
}

}  // namespace

std::optional<std::uint64_t> memory_room(const fs::path& root) {
  const Bytes swap_free = in_meminfo(root, "SwapFree");
  Room result;
  if (const Bytes available = in_meminfo(root, "MemAvailable"); available != 0)
    result = sum(available, swap_free);
  for (const ControlGroup& group : control_groups("memory", root)) {
    const auto read = group.version == ControlGroup::Version::kV2 ? room_v2 : room_v1;
    result = tighter(result, read(group.folder, swap_free));
  }
  return result;
}

}  // namespace mp::internal
