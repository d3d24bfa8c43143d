#pragma once

// What the programs of the word count agree on: the shared objects, and what is in them.

#include <mp/mp.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace wordcount {

// What a worker does. A phase has a task for each file, or for each letter.
struct Task {
  std::string phase;                          // kCount, kRank or kMeet
  std::string subject;                        // of kCount a file, of kRank a letter
  std::optional<mp::BarrierProxy> barrier{};  // of kMeet: wait here for all the others
};
MP_RECORD(Task, phase, subject, barrier)

inline constexpr const char* kCount = "count";  // adds the words of a file to `counts`
inline constexpr const char* kRank = "rank";    // makes the entry of a letter in `letters`
inline constexpr const char* kMeet = "meet";    // between the phases
inline constexpr const char* kOver = "over";    // in `done`: the job is

// The words that begin with one letter.
struct Letter {
  std::int64_t words = 0;
  std::int64_t different = 0;
  std::string most_frequent;  // of equally frequent ones the first in the alphabet
};
MP_RECORD(Letter, words, different, most_frequent)

// Whoever comes first makes the objects, everybody else finds them.
struct Job {
  static constexpr std::uint64_t kMostWorkers = 1000;

  explicit Job(const mp::Manager& manager)
      : tasks(manager.joinable_queue<Task>("wordcount/tasks",
                                           {.delivery = mp::Delivery::kUntilConfirmed})),
        planned(manager.dict<std::string, std::int64_t>("wordcount/planned")),
        done(manager.dict<std::string, std::int64_t>("wordcount/done")),
        counts(manager.dict<std::string, std::int64_t>("wordcount/counts")),
        letters(manager.dict<std::string, Letter>("wordcount/letters")),
        seats(manager.semaphore("wordcount/seats", {.value = kMostWorkers})),
        lead(manager.lock("wordcount/lead")) {}

  // How many workers live. Each has a seat, which comes back when it dies.
  std::size_t workers() const { return kMostWorkers - seats.get_value(); }

  mp::JoinableQueueProxy<Task> tasks;                // until confirmed a task is its worker's, and
                                                     // comes back if that dies
  mp::DictProxy<std::string, std::int64_t> planned;  // tasks of each phase that has begun
  mp::DictProxy<std::string, std::int64_t> done;     // and how many are done
  mp::DictProxy<std::string, std::int64_t> counts;   // of each word
  mp::DictProxy<std::string, Letter> letters;
  mp::SemaphoreProxy seats;
  mp::LockProxy lead;  // its owner is the coordinator, others stand by
};

}  // namespace wordcount
