#include "server/objects/step.h"

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

void Answer::write(const Value& value, v1::Value* wire) {
  value.to_wire(wire);
  if (value.has_refs()) value.visit_refs([this](std::uint64_t id) { retain(id); });
}

void Answer::fail(const absl::Status& status) {
  outcome_->clear_reply();
  outcome_->clear_retained();
  *outcome_->mutable_error() = to_wire(status);
}

std::optional<Time> Step::time_after(Duration delay) const {
  if (delay >= Time::max() - now_) return std::nullopt;
  return now_ + delay;
}

Answer Step::answer(Ticket waiter, Altered altered) {
  return Answer(ready_.emplace_back(Ready{waiter, altered, {}}).outcome);
}

void UndoLog::run() {
  for (; !steps_.empty(); steps_.pop_back()) steps_.back()();
}

absl::Status require_room(const ObjectLimits& limits, std::uint64_t items, std::uint64_t more) {
  const std::uint64_t limit = limits.max_items;
  if (items <= limit && more <= limit - items) return absl::OkStatus();
  return error(v1::LIMIT_EXCEEDED,
               absl::StrCat("the object holds ", items, " items, would get ", more,
                            " more, and may hold ", limit, " (limit --max-object-items)"));
}

absl::Status Call::require_session() const {
  if (caller_.session != 0) return absl::OkStatus();
  return error(v1::NO_SESSION,
               "a call without a session can own nothing; open one with mp.v1.Sessions/Open and "
               "send its id and "
               "secret as the metadata mp-session and mp-secret");
}

absl::Status Call::park(std::optional<Duration> timeout) {
  if (undoable()) {
    return error(v1::WOULD_BLOCK, "the operation would have to wait, and nothing in a batch may");
  }
  if (!step_.room_for_waiter()) {
    return error(v1::LIMIT_EXCEEDED,
                 "too many commands wait for this object (limit --max-waiters-per-object)");
  }
  parked_ = true;
  if (timeout) deadline_ = step_.time_after(*timeout);
  return absl::OkStatus();
}

absl::Status require_duration(const google::protobuf::Duration& wire, std::string_view field) {
  constexpr std::int64_t kMostSeconds = 315'576'000'000;
  constexpr std::int32_t kMostNanos = 999'999'999;
  const std::int64_t seconds = wire.seconds();
  const std::int32_t nanos = wire.nanos();
  const bool one_sign = (seconds <= 0 || nanos >= 0) && (seconds >= 0 || nanos <= 0);
  if (one_sign && seconds >= -kMostSeconds && seconds <= kMostSeconds && nanos >= -kMostNanos &&
      nanos <= kMostNanos) {
    return absl::OkStatus();
  }
  return error(v1::VALUE_ERROR,
               absl::StrCat(absl::string_view(field.data(), field.size()),
                            " is no duration: ", seconds, " seconds and ", nanos,
                            " nanoseconds; allowed are 315576000000 and 999999999, of one sign"));
}

Duration duration_of(const google::protobuf::Duration& wire) {
  // Nanoseconds of any sign and size, up to 2.2 s, are added to it.
  constexpr std::int64_t kMost =
      std::chrono::duration_cast<std::chrono::seconds>(Duration::max()).count() - 3;
  return std::chrono::seconds(std::clamp<std::int64_t>(wire.seconds(), -kMost, kMost)) +
         Duration(wire.nanos());
}

}  // namespace mp::server
