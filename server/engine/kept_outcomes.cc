#include "server/engine/kept_outcomes.h"

#include <utility>

namespace mp::server {

KeptOutcomes::Admission KeptOutcomes::admit(std::uint64_t seq) const {
  if (seq < lowest_ || forgotten_.contains(seq)) return Admission::kForgotten;
  return pending_.contains(seq) ? Admission::kPending : Admission::kNew;
}

Pending* KeptOutcomes::find(std::uint64_t seq) {
  const auto at = pending_.find(seq);
  return at == pending_.end() ? nullptr : &at->second;
}

void KeptOutcomes::finish(std::uint64_t seq, std::string outcome, std::vector<Gift> gifts) {
  Pending& pending = pending_[seq];
  pending.ticket = 0;
  pending.outcome = std::move(outcome);
  pending.gifts = std::move(gifts);
  bytes_ += pending.outcome.size();
}

void KeptOutcomes::forget(std::uint64_t seq) {
  if (seq >= lowest_) forget_range(seq, seq);
}

void KeptOutcomes::forget_range(std::uint64_t first, std::uint64_t last) {
  auto at = pending_.lower_bound(first);
  while (at != pending_.end() && at->first <= last) {
    bytes_ -= at->second.outcome.size();
    at = pending_.erase(at);
  }
  forgotten_.add(first, last);
}

void KeptOutcomes::acknowledge(std::uint64_t lowest, std::span<const std::uint64_t> unanswered) {
  if (lowest > lowest_) {
    auto at = pending_.begin();
    while (at != pending_.end() && at->first < lowest) {
      bytes_ -= at->second.outcome.size();
      at = pending_.erase(at);
    }
    lowest_ = lowest;
    forgotten_.trim(lowest);
  }
  std::uint64_t next = std::max(lowest + 1, lowest_);
  for (std::size_t i = 0; i + 1 < unanswered.size(); i += 2) {
    const std::uint64_t first = unanswered[i];
    if (first > next) forget_range(next, first - 1);
    next = std::max(next, first + unanswered[i + 1]);
  }
}

}  // namespace mp::server
