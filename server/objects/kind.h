#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mp::server {

// The kinds of object. The number is part of a reference inside stored values, never of the wire.
enum class Kind : std::uint8_t {
  kDict,
  kList,
  kQueue,
  kLock,
  kSet,
  kNamespace,
  kSharedValue,
  kSharedArray,
  kRLock,
  kSemaphore,
  kCondition,
  kEvent,
  kBarrier,
  kLatch,
  kRWLock,
  kCustom,
  kWatch,
};

inline constexpr std::array<std::string_view, 17> kKindNames = {
    "dict",      "list",      "queue", "lock",    "set",   "namespace", "value",  "array", "rlock",
    "semaphore", "condition", "event", "barrier", "latch", "rwlock",    "custom", "watch",
};

constexpr std::string_view name_of(Kind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

constexpr std::optional<Kind> kind_named(std::string_view name) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

}  // namespace mp::server
