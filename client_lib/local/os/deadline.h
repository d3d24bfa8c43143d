#pragma once

#include <poll.h>

#include <chrono>
#include <optional>
#include <span>

#include "mp/internal/timeout.h"

// Waits that end on the monotonic clock.

namespace mp::internal {

// Nullopt is never.
using Deadline = std::optional<std::chrono::steady_clock::time_point>;

// Is past already. A timeout of zero becomes this one, without a look at the clock.
constexpr std::chrono::steady_clock::time_point kAtOnce{};

Deadline deadline_after(Timeout timeout);

// Waits until one of them is ready, and marks those that are; an interrupted wait goes on. Gives
// how many are ready: 0 at the deadline, and -1, with errno, if the system refuses.
int wait_ready(std::span<pollfd> entries, Deadline deadline) noexcept;

}  // namespace mp::internal
