#pragma once

#include <atomic>
#include <cstdint>

#include "client_lib/local/os/pidfd.h"

// Sleeping on a word of shared memory, and waking who sleeps there: Linux' futex, between
// processes.

namespace mp::internal {

using FutexWord = std::atomic<std::uint32_t>;
static_assert(sizeof(FutexWord) == sizeof(std::uint32_t) && FutexWord::is_always_lock_free);

// Sleeps while `word` is `expected`. Returns early for a wake-up, a signal, or without any reason,
// and false at the deadline.
bool futex_wait(const FutexWord& word, std::uint32_t expected, Deadline deadline) noexcept;

// Wakes so many of those who sleep, or all.
void futex_wake(FutexWord& word, int count = 1) noexcept;
constexpr int kAll = 0x7fffffff;

// Sets these of the lowest 11 bits and wakes all, in one step: whoever is killed has done both or
// nothing. Without a memory order that the language knows of: who needs one writes the word before.
void futex_set_and_wake(FutexWord& word, std::uint32_t bits) noexcept;

}  // namespace mp::internal
