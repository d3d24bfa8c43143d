#pragma once

#include <atomic>
#include <cstdint>

namespace mp::internal {

// A process, as one word of shared memory can name it: its process id, which will be another's one
// day, and when it started, which tells the two apart.
struct ProcessIdentity {
  static constexpr unsigned kBits = 62;  // the two highest are free for the owner of the word

  std::uint64_t word = 0;  // 0: nobody

  friend bool operator==(ProcessIdentity, ProcessIdentity) = default;

  int pid() const;
};

extern constinit std::atomic<std::uint64_t> this_process_word;  // 0: not known yet
ProcessIdentity find_this_process() noexcept;

// Cost: one atomic load, save for the first call of a process.
inline ProcessIdentity this_process() noexcept {
  const auto word = this_process_word.load(std::memory_order_relaxed);
  return word != 0 ? ProcessIdentity{word} : find_this_process();
}

// Whether it still runs; a zombie does not. Where the system does not say (no descriptor is to be
// had and no /proc), it counts as running for as long as its process id is in use. Six system
// calls: for those who wait, not for those who hurry.
bool is_running(ProcessIdentity process) noexcept;

// This thread, other than all threads that run now, and than all those of other processes that have
// ended: what a dead one left behind never names a living one. Cost: one load.
std::uint64_t this_thread() noexcept;

}  // namespace mp::internal
