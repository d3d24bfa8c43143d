#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace mp::linearizability {

// What is called, of all kinds: a kind's model knows its own. What `argument`, `desired`, `given`,
// `value`, `extra` and `got` of an operation mean stands at the model.
enum class Code : std::uint8_t {
  // registers, and what is made of them
  kGet,
  kSet,
  kAdd,       // gives the sum
  kFetchAdd,  // gives what was there before
  kExchange,
  kCompareExchange,
  kSetDefault,
  kPop,
  kErase,
  // sequences and sets
  kAppend,
  kPopFirst,
  kSize,
  kContains,
  // queues
  kPut,
  kPutMany,
  kGetMany,
  kLineUp,  // what waits stands in line from now on
  kConfirm,
  kUnconfirmed,
  kReturn,  // what a dead client may not have received goes back: of `argument`, or the open one
  // locks, semaphores, events and barriers
  kAcquire,
  kRelease,
  kLocked,
  kClear,
  kWait,
  kArrive,
  kDepart,
  kAbort,
  kReset,
  kEnlist,
  // conditions; a wait() is a kSleep, and a kWake that may come after a kLate
  kNotify,
  kSleep,
  kLate,
  kWake,
  // batches
  kMove,
  kTake,
  kSpoil,
  kRead,
  kEnd,  // the client's session ends
};

enum class Outcome : std::uint8_t {
  kUnknown,  // pending: it takes effect at some time after its invocation, or never
  kDone,
  kRefused,  // as a correct program expects now and then: KeyError, Empty, a time-out, a broken
             // barrier
};

// Stands for "absent" where a number may be missing.
inline constexpr std::int64_t kAbsent = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// A few numbers, in plain memory.
struct Numbers {
  static constexpr std::size_t kMost = 4;

  std::size_t size = 0;
  std::array<std::int64_t, kMost> items{};

  template <class Range>
  static Numbers of(const Range& range) {
    Numbers numbers;
    for (const auto item : range) {
      if (numbers.size == kMost) throw std::length_error("more numbers than an operation holds");
      numbers.items[numbers.size++] = static_cast<std::int64_t>(item);
    }
    return numbers;
  }
  static Numbers of(std::initializer_list<std::int64_t> list) {
    return of<std::initializer_list<std::int64_t>>(list);
  }

  bool empty() const { return size == 0; }
  auto begin() const { return items.begin(); }
  auto end() const { return items.begin() + static_cast<std::ptrdiff_t>(size); }
  bool operator==(const Numbers& other) const { return std::ranges::equal(*this, other); }
};

// One operation of a history. Plain memory, so that a client can write it where another process
// reads it. Times are nanoseconds of the monotonic clock, which is one for all processes of a host.
struct Operation {
  std::int32_t client = 0;
  std::int32_t object = 0;  // its history is checked by itself
  Code code = Code::kGet;
  Outcome outcome = Outcome::kUnknown;
  std::int64_t argument = kAbsent;
  std::int64_t desired = kAbsent;
  Numbers given{};
  std::int64_t value = kAbsent;
  std::int64_t extra = kAbsent;
  Numbers got{};
  // The client may have died before the manager heard that it has what this gave it.
  bool unheard = false;
  std::int64_t invoked = 0;
  std::int64_t returned = kNever;

  bool pending() const { return outcome == Outcome::kUnknown; }
  bool done() const { return outcome == Outcome::kDone; }
  bool refused() const { return outcome == Outcome::kRefused; }
  // The result is not known, or is this one.
  bool gives(std::int64_t result) const { return pending() || (done() && value == result); }
  bool gives(const Numbers& results) const { return pending() || (done() && got == results); }
  // The client has what it gave, but perhaps the manager does not know.
  bool may_come_back() const { return pending() || unheard; }
  bool gives_nothing() const { return pending() || refused(); }
};
static_assert(std::is_trivially_copyable_v<Operation>);

using History = std::vector<Operation>;

// "client 2: put(7) = 3   [12..40]", with times after `origin`, in microseconds.
std::string to_text(const Operation& operation, std::int64_t origin = 0);
void PrintTo(const Operation& operation, std::ostream* out);

}  // namespace mp::linearizability
