#pragma once

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/objects/watch.h"
#include "tests/unit/objects/harness.h"

namespace mp::server::test {

// "3 Dict/Set 'a': 1 -> 2"; what was not there, or not asked for, is "-".
inline std::string event_text(const v1::WatchEvent& event) {
  const std::string& operation = event.operation();
  std::string text =
      absl::StrCat(event.version(), operation.empty() ? "" : " ",
                   operation.rfind("mp.v1.", 0) == 0 ? operation.substr(6) : operation,
                   event.everything() ? " everything" : "", event.resync() ? " resync" : "",
                   event.deleted() ? " deleted" : "");
  for (const v1::Change& change : event.changes()) {
    absl::StrAppend(&text, " ", change.has_key() ? repr(change.key()) : "it", ": ",
                    change.has_old() ? repr(change.old()) : "-", " -> ",
                    change.has_new_() ? repr(change.new_()) : "-");
  }
  return text;
}

inline std::string events_text(const v1::Outcome& outcome) {
  if (outcome.has_error()) return v1::Code_Name(outcome.error().code());
  std::string text;
  for (const v1::WatchEvent& event : outcome.watch_next().events())
    absl::StrAppend(&text, text.empty() ? "" : "; ", event_text(event));
  return text.empty() ? "none" : text;
}

MATCHER_P2(Tells, ticket, events, "") {
  *result_listener << events_text(arg.outcome);
  return arg.ticket == static_cast<Ticket>(ticket) && events_text(arg.outcome) == events;
}

inline v1::WatchNextRequest next_of(std::uint64_t watch, std::optional<std::int64_t> seconds,
                                    std::uint32_t limit = 0) {
  v1::WatchNextRequest request;
  request.set_id(watch);
  if (seconds) request.mutable_timeout()->set_seconds(*seconds);
  request.set_limit(limit);
  return request;
}

// A watch that tells everything.
inline v1::WatchCreateRequest all_changes() {
  v1::WatchCreateRequest request;
  request.set_old_values(true);
  request.set_new_values(true);
  return request;
}

// A dict, and watches over it: set('a', 1), then next(watch) gives "1 Dict/Set 'a': - -> 1".
class WatchTest : public ::testing::Test {
 protected:
  Results set(Who who, std::string_view key, std::string_view value) {
    v1::DictSetRequest request;
    *request.mutable_key() = literal(key);
    *request.mutable_value() = literal(value);
    return dict.run(who, request);
  }
  Results set(std::string_view key, std::string_view value) {
    return set(Who(++last_, 1), key, value);
  }
  Results erase(std::string_view key) {
    v1::DictDeleteRequest request;
    *request.mutable_key() = literal(key);
    return dict.run(Who(++last_, 1), request);
  }
  // What can be had without waiting.
  std::string next(std::uint64_t watch, std::uint32_t limit = 0) {
    return events_text(dict.run(Who(++last_, 1), next_of(watch, 0, limit)).back().outcome);
  }
  Results wait(Who who, std::uint64_t watch) { return dict.run(who, next_of(watch, {})); }
  Results wait_for(Who who, std::uint64_t watch, std::int64_t seconds) {
    return dict.run(who, next_of(watch, seconds));
  }
  std::uint64_t watch(const v1::WatchCreateRequest& request = all_changes()) {
    return dict.add_over_first(request);
  }
  std::uint64_t watch_from(std::uint64_t object, std::uint64_t version) {
    v1::WatchCreateRequest request = all_changes();
    request.mutable_resume()->set_object(object);
    request.mutable_resume()->set_version(version);
    return watch(request);
  }
  Watch& watch_at(std::uint64_t id) { return static_cast<Watch&>(dict.object(id)); }

  Shell dict{v1::DictCreateRequest()};

 private:
  Ticket last_ = 1'000'000;
};

}  // namespace mp::server::test
