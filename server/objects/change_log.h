#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "server/objects/value.h"

namespace mp::server {

// Which operation did something; static text, empty if it was none.
struct Deed {
  std::string_view service;  // "mp.v1.Dict"
  std::string_view rpc;      // "Set"
};

// The last events of one object, once for all its watches. It is there only while the object has
// watches, and for a while after that (section.h). Not thread-safe; part of its object's shard.
//
// Events have numbers that count up without gaps; one that is too old, or that would make the log
// too large, is dropped from the front. A watch is a number in it (watch.h).
class ChangeLog {
 public:
  struct Change {
    Value key;  // absent: of an object without keys
    Value old;  // absent: there was nothing
    Value now;  // absent: there is nothing
  };
  struct Event {
    std::uint64_t version = 0;
    Deed by;
    std::vector<Change> changes;
    bool everything = false;
    bool deleted = false;
    std::uint64_t bytes = 0;
  };
  // Who is told of each event as it is logged.
  class Reader {
   public:
    virtual ~Reader() = default;
    // The log's last event is new. True if somebody waits for it.
    virtual bool logged(const Event& event) = 0;
    virtual std::uint64_t id() const = 0;
  };

  // Of an object that has this version now.
  ChangeLog(std::uint64_t version, const ObjectLimits& limits)
      : version_(version), floor_(version), limits_(limits) {}

  // --- The step that is under way: what it changes becomes one event. ---

  void add(const Value& key, const Value& old, const Value& now);
  void add_everything();
  // It has failed, and changed nothing.
  void forget_step() { open_ = {}; }
  // It is over, and the object has this version.
  void end_step(std::uint64_t version, Deed by);
  // The object is gone.
  void end(std::uint64_t version);

  // --- Reading. ---

  std::uint64_t version() const { return version_; }  // of the object, as of the last event
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + events_.size(); }
  const Event& at(std::uint64_t number) const { return events_[number - first_]; }
  // The object is gone, and the last event says so.
  bool is_over() const { return over_; }
  // The number of the first event above this version; end() if there is none.
  std::uint64_t after(std::uint64_t version) const;
  // Are all events above this version here?
  bool reaches_back_to(std::uint64_t version) const {
    return version >= floor_ && version <= version_;
  }

  // --- Readers. ---

  void attach(Reader& reader) { readers_.push_back(&reader); }
  void detach(Reader& reader) { std::erase(readers_, &reader); }
  bool has_readers() const { return !readers_.empty(); }
  // Those that wait for what was logged since the last call, by their ids.
  std::vector<std::uint64_t> take_awoken() { return std::exchange(awoken_, {}); }

  std::uint64_t bytes() const { return bytes_; }
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const;

 private:
  void log(Event event);

  std::uint64_t version_;
  std::uint64_t floor_;  // the version of the last event that was dropped, or when the log began
  const ObjectLimits limits_;
  Event open_;
  std::deque<Event> events_;
  std::uint64_t first_ = 0;
  std::uint64_t bytes_ = 0;
  bool over_ = false;
  std::vector<Reader*> readers_;
  std::vector<std::uint64_t> awoken_;
};

}  // namespace mp::server
