#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace mp::internal {

// The sequence numbers of a session's commands that have no answer yet, as intervals. Every frame
// says them to the manager, which forgets the outcomes of all others.
//
// Commands are mostly answered in the order sent, so there are few intervals: a thousand in flight
// are one, and a command that waits for long is another.
class Unanswered {
 public:
  // A new number, larger than all before.
  std::uint64_t begin() {
    const std::uint64_t seq = next_++;
    if (!intervals_.empty() && intervals_.back().second + 1 == seq) {
      intervals_.back().second = seq;
    } else {
      intervals_.emplace_back(seq, seq);
    }
    return seq;
  }

  void answered(std::uint64_t seq) {
    for (auto at = intervals_.begin(); at != intervals_.end() && at->first <= seq; ++at) {
      if (seq > at->second) continue;
      if (at->first == at->second) {
        intervals_.erase(at);
      } else if (seq == at->first) {
        ++at->first;
      } else if (seq == at->second) {
        --at->second;
      } else {
        const std::uint64_t last = std::exchange(at->second, seq - 1);
        intervals_.emplace(at + 1, seq + 1, last);
      }
      return;
    }
  }

  // No number is without an answer any more, because nobody will answer: the session is over.
  void abandon_all() { intervals_.clear(); }

  std::uint64_t lowest() const { return intervals_.empty() ? next_ : intervals_.front().first; }
  const std::vector<std::pair<std::uint64_t, std::uint64_t>>& intervals() const {
    return intervals_;
  }

 private:
  std::uint64_t next_ = 1;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> intervals_;  // first and last, ascending
};

}  // namespace mp::internal
