#include "server/engine/kept_outcomes.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace mp::server {
namespace {

constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kPendingBytes = sizeof(std::uint64_t) + sizeof(Pending) + sizeof(Gift);
constexpr std::uint64_t kIntervalBytes = 64;

std::uint64_t sum_or_last(std::uint64_t a, std::uint64_t b) {
  return a <= kLast - b ? a + b : kLast;
}

}  // namespace

KeptOutcomes::Admission KeptOutcomes::admit(std::uint64_t seq) const {
  if (seq < lowest_ || forgotten_.contains(seq)) return Admission::kForgotten;
  return pending_.contains(seq) ? Admission::kPending : Admission::kNew;
}

Pending* KeptOutcomes::find(std::uint64_t seq) {
  const auto at = pending_.find(seq);
  return at == pending_.end() ? nullptr : &at->second;
}

const Pending* KeptOutcomes::find(std::uint64_t seq) const {
  const auto at = pending_.find(seq);
  return at == pending_.end() ? nullptr : &at->second;
}

void KeptOutcomes::finish(Pending& pending, std::string outcome, std::vector<Gift> gifts) {
  pending.port.reset();  // a kept outcome must not keep a connection
  pending.ticket = 0;
  pending.outcome = std::move(outcome);
  pending.gifts = std::move(gifts);
  outcome_bytes_ += pending.outcome.size();
}

void KeptOutcomes::forget(std::uint64_t seq) {
  if (seq >= lowest_) forget_range(seq, seq);
}

void KeptOutcomes::drop_pending(std::uint64_t first, std::uint64_t last) {
  auto at = pending_.lower_bound(first);
  while (at != pending_.end() && at->first <= last) {
    outcome_bytes_ -= at->second.outcome.size();
    at = pending_.erase(at);
  }
}

void KeptOutcomes::forget_range(std::uint64_t first, std::uint64_t last) {
  drop_pending(first, last);
  forgotten_.add(first, last);
}

void KeptOutcomes::acknowledge(std::uint64_t lowest, std::span<const std::uint64_t> unanswered) {
  if (lowest > lowest_) {
    drop_pending(lowest_, lowest - 1);
    lowest_ = lowest;
    forgotten_.trim(lowest);
  }
  std::uint64_t next = std::max(sum_or_last(lowest, 1), lowest_);
  for (std::size_t i = 0; i + 1 < unanswered.size(); i += 2) {
    const std::uint64_t first = unanswered[i];
    if (first > next) forget_range(next, first - 1);
    next = std::max(next, sum_or_last(first, unanswered[i + 1]));
  }
}

std::uint64_t KeptOutcomes::bytes() const {
  return outcome_bytes_ + pending_.size() * kPendingBytes + forgotten_.intervals() * kIntervalBytes;
}

}  // namespace mp::server
