#include "tests/stress/stress_client.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace mp::server::engine_test {

StressClient::StressClient(Manager& manager)
    : manager_(manager), session_(*manager.engine.open_session({}, "local", hours(1000))) {}

std::uint64_t StressClient::record(const v1::Command& command) {
  const std::uint64_t seq = ++last_seq_;
  Sent& sent = sent_[seq];
  sent.seq = seq;
  sent.command = command;
  open_.insert(seq);
  return seq;
}

StressClient::Sent* StressClient::recent(std::uint64_t random) {
  const std::uint64_t back = random % 8;
  return back < last_seq_ ? &sent_[last_seq_ - back] : nullptr;
}

void StressClient::dispatch(std::uint64_t seq, const v1::Command& command) {
  v1::Outcome outcome;
  Deliveries deliveries;
  manager_.dispatcher.dispatch(
      command, {.session = session_, .port = shared_from_this(), .seq = seq}, outcome, deliveries);
}

void StressClient::send(const v1::Command& command) {
  mutex_.lock();
  const std::uint64_t seq = record(command);
  mutex_.unlock();
  dispatch(seq, command);
}

void StressClient::resend(std::uint64_t random) {
  mutex_.lock();
  const Sent* sent = recent(random);
  const Sent again = sent == nullptr ? Sent() : *sent;
  mutex_.unlock();
  if (again.seq != 0) dispatch(again.seq, again.command);
}

void StressClient::give_up(std::uint64_t random) {
  mutex_.lock();
  Sent* sent = recent(random);
  std::uint64_t cancel_seq = 0;
  v1::Command command;
  if (sent != nullptr && !sent->cancelling && !sent->cancelled && !sent->acknowledged &&
      !sent->command.has_cancel()) {
    sent->cancelling = true;
    command = cancel(sent->seq);
    cancel_seq = record(command);
  }
  mutex_.unlock();
  if (cancel_seq != 0) dispatch(cancel_seq, command);
}

void StressClient::acknowledge() {
  std::vector<std::uint64_t> settled;
  std::vector<std::uint64_t> unanswered;
  mutex_.lock();
  const std::uint64_t next = last_seq_ + 1;
  for (const std::uint64_t seq : open_)
    (sent_[seq].settled() ? settled : unanswered).push_back(seq);
  mutex_.unlock();

  unanswered.push_back(next);
  std::vector<std::uint64_t> pairs;
  for (const std::uint64_t seq : unanswered) pairs.insert(pairs.end(), {seq, 1});
  session_->acknowledge(unanswered.front(), {pairs.begin() + 2, pairs.end()});
  if (session_->ended()) return;  // it may have come too late

  const MutexLock lock(mutex_);
  for (const std::uint64_t seq : settled) {
    sent_[seq].acknowledged = true;
    open_.erase(seq);
  }
}

void StressClient::append_bytes(std::string_view bytes) {
  v1::Outcome outcome;
  outcome.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  append(outcome);
}

void StressClient::append(const v1::Outcome& outcome) {
  // What a session's end refuses has no bearing on what was answered before.
  const bool expired = outcome.error().code() == v1::SESSION_EXPIRED;
  const MutexLock lock(mutex_);
  Sent& sent = sent_[outcome.seq()];
  const std::string bytes = outcome.SerializeAsString();
  const bool reads = sent.command.has_dict_get() || sent.command.has_lock_locked();
  if (!sent.outcome.empty() && sent.outcome != bytes && !expired && !reads) {
    contradictions_.push_back(
        absl::StrCat(sent.command.ShortDebugString(), " gave ", text(outcome)));
  }
  if (sent.outcome.empty()) sent.outcome = bytes;
  if (sent.command.has_cancel()) {
    Sent& target = sent_[sent.command.cancel().seq()];
    if (outcome.cancel().cancelled()) target.cancelled = true;
    if (!expired) target.cancelling = false;
  }
}

StressClient::Books StressClient::books() {
  const MutexLock lock(mutex_);
  Books books;
  books.contradictions = contradictions_;
  for (const auto& [seq, sent] : sent_) enter(sent, books);
  return books;
}

void StressClient::enter(const Sent& sent, Books& books) const {
  if (sent.outcome.empty()) {
    // Whom the session's end overtook while it gave up was told of the end, and waits for no more.
    const bool gave_up = sent.cancelled || sent.cancelling;
    if (!gave_up) books.unanswered.push_back(sent.command.ShortDebugString());
    return;
  }
  v1::Outcome outcome;
  outcome.ParseFromString(sent.outcome);
  if (outcome.has_dict_add()) books.added += 1;
  if (outcome.has_queue_put()) books.put.insert(sent.command.queue_put().value().int_());
  if (outcome.has_queue_get()) {
    const std::int64_t item = outcome.queue_get().value().int_();
    books.got.insert(item);
    if (sent.acknowledged && !sent.cancelled) books.kept.insert(item);
  }
  for (const v1::Outcome& each : outcome.batch().outcomes())
    books.added += each.has_dict_add() ? 1 : 0;
}

}  // namespace mp::server::engine_test
