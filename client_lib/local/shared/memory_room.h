#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace mp::internal {

// How many bytes this process can still be given before the kernel kills somebody for them: by the
// memory of the machine, and by the limits of the process's control groups, of which it takes the
// tightest. What is only cached, and what can go to the swap, counts as free. nullopt: nobody
// knows.
//
// It is so at this moment; others take memory too.
//
// `root` is as for cpu_quota().
std::optional<std::uint64_t> memory_room(const std::filesystem::path& root = "/");

}  // namespace mp::internal
