#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>

namespace mp::server {

// A set of sequence numbers, as disjoint intervals that do not touch: a million in a row take the
// room of one.
class SeqSet {
 public:
  bool contains(std::uint64_t seq) const {
    const auto after = intervals_.upper_bound(seq);
    return after != intervals_.begin() && std::prev(after)->second >= seq;
  }

  // Adds first … last, both included. Any 64-bit numbers will do: they come from clients.
  void add(std::uint64_t first, std::uint64_t last) {
    auto at = intervals_.upper_bound(first);
    if (at != intervals_.begin() && (first == 0 || std::prev(at)->second >= first - 1)) --at;
    while (at != intervals_.end() && (at->first <= last || at->first - 1 == last)) {
      first = std::min(first, at->first);
      last = std::max(last, at->second);
      at = intervals_.erase(at);
    }
    intervals_.emplace_hint(at, first, last);
  }
  void add(std::uint64_t seq) { add(seq, seq); }

  // Forgets everything below `seq`.
  void trim(std::uint64_t seq) {
    while (!intervals_.empty() && intervals_.begin()->first < seq) {
      const std::uint64_t last = intervals_.begin()->second;
      intervals_.erase(intervals_.begin());
      if (last >= seq) intervals_.emplace(seq, last);
    }
  }

  std::size_t intervals() const { return intervals_.size(); }

 private:
  std::map<std::uint64_t, std::uint64_t> intervals_;  // first -> last
};

}  // namespace mp::server
