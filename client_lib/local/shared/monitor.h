#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "client_lib/local/shared/spin.h"

// The critical sections of everything that lies in shared memory. Whoever is killed in the middle
// of one, at whatever instruction, has changed nothing: the next to enter finds what was changed in
// a journal, and takes it back.
//
// What a section changes it changes by InMonitor::set(), word by word, and nothing of it stands
// until commit(). So an object's invariants hold between sections, and hold for the next who comes
// if one breaks off.

namespace mp::internal {

// A word of an object's state. Written in the monitor only, by set(); may be read outside.
class Word {
 public:
  std::uint64_t get() const { return value_.load(std::memory_order_acquire); }

 private:
  friend class InMonitor;
  friend struct Monitor;
  std::atomic<std::uint64_t> value_ = 0;
};
static_assert(sizeof(Word) == sizeof(std::uint64_t));

// In shared memory, at the head of an object. Invariant: outside of all sections the journal is
// empty, unless who was in the last one died in it.
struct Monitor {
  Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // No section changes more words than this between two commits.
  static constexpr std::size_t kMostChanges = 24;

  struct Change {
    std::ptrdiff_t offset = 0;  // of the word, from this monitor: it lies elsewhere in each process
    std::uint64_t old = 0;
  };

  void roll_back();

  pthread_mutex_t mutex;
  std::atomic<std::uint64_t> changes = 0;
  ProcessorWord processor = 0;  // of who came in last
  std::array<Change, kMostChanges> journal{};
};

// One critical section. Short: whoever is in it never waits and calls nothing that others wrote.
//
// Thread-safety: of the thread that makes it. Fork-safety: a fork by another thread copies no part
// of it; the child waits for the parent's thread, as everybody does.
class InMonitor {
 public:
  explicit InMonitor(Monitor& monitor);
  // What was not committed is taken back.
  ~InMonitor() {
    if (changes_ != 0) monitor_.roll_back();
    ::pthread_mutex_unlock(&monitor_.mutex);
  }
  InMonitor(const InMonitor&) = delete;
  InMonitor& operator=(const InMonitor&) = delete;

  void set(Word& word, std::uint64_t value) {
    auto& change = monitor_.journal.at(changes_);
    change.offset = reinterpret_cast<std::byte*>(&word) - reinterpret_cast<std::byte*>(&monitor_);
    change.old = word.value_.load(std::memory_order_relaxed);
    monitor_.changes.store(++changes_, std::memory_order_release);
    word.value_.store(value, std::memory_order_release);
  }
  void add(Word& word, std::uint64_t by) { set(word, word.get() + by); }

  // From here on, what was set stands.
  void commit() {
    changes_ = 0;
    monitor_.changes.store(0, std::memory_order_release);
    // The next change overwrites the journal, and must not do so while it still counts.
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }

 private:
  void take_over();

  Monitor& monitor_;
  std::size_t changes_ = 0;  // as the monitor has it
};

}  // namespace mp::internal
