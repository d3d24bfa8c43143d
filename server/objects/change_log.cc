#include "server/objects/change_log.h"

#include <algorithm>
#include <utility>

namespace mp::server {
namespace {

constexpr std::uint64_t kEventBytes = 128;  // about, without its changes

std::uint64_t bytes_of(const ChangeLog::Change& change) {
  return sizeof(ChangeLog::Change) + change.key.counted_bytes() + change.old.counted_bytes() +
         change.now.counted_bytes();
}

}  // namespace

void ChangeLog::add(const Value& key, const Value& old, const Value& now) {
  if (open_.everything) return;
  open_.changes.push_back({key, old, now});
  open_.bytes += bytes_of(open_.changes.back());
  // An event that fills the log by itself, or a message, would help nobody.
  if (open_.bytes > limits_.max_watch_bytes) add_everything();
}

void ChangeLog::add_everything() {
  open_ = {};
  open_.everything = true;
}

void ChangeLog::end_step(std::uint64_t version, Deed by) {
  Event event = std::exchange(open_, {});
  event.version = version;
  event.by = by;
  log(std::move(event));
}

void ChangeLog::end(std::uint64_t version) {
  open_ = {};
  over_ = true;
  log({.version = version, .by = {}, .changes = {}, .deleted = true});
}

void ChangeLog::log(Event event) {
  version_ = event.version;
  event.bytes += kEventBytes;
  bytes_ += event.bytes;
  events_.push_back(std::move(event));
  // The newest stays in any case.
  while (events_.size() > 1 &&
         (events_.size() > limits_.max_watch_events || bytes_ > limits_.max_watch_bytes)) {
    floor_ = events_.front().version;
    bytes_ -= events_.front().bytes;
    events_.pop_front();
    ++first_;
  }
  for (Reader* reader : readers_) {
    if (reader->logged(events_.back())) awoken_.push_back(reader->id());
  }
}

std::uint64_t ChangeLog::after(std::uint64_t version) const {
  const auto at = std::ranges::upper_bound(events_, version, {}, &Event::version);
  return first_ + static_cast<std::uint64_t>(at - events_.begin());
}

void ChangeLog::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  for (const Event& event : events_) {
    for (const Change& change : event.changes) {
      change.key.visit_refs(visit);
      change.old.visit_refs(visit);
      change.now.visit_refs(visit);
    }
  }
}

}  // namespace mp::server
