#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "client_lib/manager/session_object.h"
#include "mp/internal/remote_object.h"

namespace mp::internal {

// What this process knows of an object's contents: replies by key, in the form of the wire, each
// with the version of the object that it told of. Thread-safe, but for what is said.
//
// An entry is true of every version from its own to version(): all events up to that were applied.
class CachedReplies {
 public:
  explicit CachedReplies(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  enum class Known { kNothing, kPresent, kAbsent };
  // What is known of a key; its reply to a Get, if it is present, is copied into `reply`.
  Known find(std::string_view key, std::string& reply) const;

  // A reply of this version and session (watch_mark.h); not taken if it is older than the last
  // event, or an entry.
  void insert(std::string_view key, std::optional<std::string_view> reply, std::uint64_t version,
              std::uint64_t mark);
  // An event of this version: the key has this value now (none: is absent, or not known).
  void apply(std::string_view key, std::optional<std::string_view> reply, std::uint64_t version);
  void forget(std::string_view key, std::uint64_t version);
  // All events up to this version were applied.
  void advance(std::uint64_t version);
  // Forgets everything, and begins anew at this version, in the session of this mark.
  void restart(std::uint64_t version, std::uint64_t mark);
  std::uint64_t version() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  using Order = std::list<const std::string*>;
  struct Entry {
    std::string reply;
    std::uint64_t version = 0;
    bool present = false;
    Order::iterator place;
  };
  using Table = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

  static std::size_t bytes_of(const Table::value_type& entry);
  void put(std::string_view key, std::optional<std::string_view> reply, std::uint64_t version);
  void erase(Table::iterator at);

  const std::size_t most_bytes_;
  mutable std::shared_mutex mutex_;
  Table table_;
  Order order_;  // of insertion: the first goes first
  std::size_t bytes_ = 0;
  std::uint64_t version_ = 0;
  std::uint64_t mark_ = 0;
};

// An object whose reads are answered here, where they can be: never older than the last reply that
// this process has seen, on whatever object. It knows of all changes by a watch (ADR 0025).
//
// What it can't answer, and all that changes the object, goes to the manager. After fork: a child
// begins with nothing.
class CachedObject final : public SessionObject {
 public:
  CachedObject(std::shared_ptr<Session> session, std::shared_ptr<Reference> reference,
               std::string kind, std::string name, std::size_t most_bytes);
  ~CachedObject() override;

  Reply call(wire::Operation operation, const wire::Message& request,
             const CallOptions& options) const override;

 private:
  // Of one process; a child makes its own, and leaves its parent's alone, locked as it may be.
  struct State {
    explicit State(std::size_t most_bytes);
    const std::uint64_t generation;
    CachedReplies replies;
    std::atomic<std::uint64_t> applied{0};      // the mark up to which events were applied
    std::mutex reading;                         // one thread at a time reads events
    std::shared_ptr<const RemoteObject> watch;  // guarded by reading; null: there is none
  };

  State& state() const;
  bool up_to_date(const State& state) const;
  // Reads what has happened. False: that can't be known now, and nothing is to be answered here.
  bool catch_up(State& state) const;
  void begin(State& state) const;
  void read_events(State& state) const;
  void apply(State& state, wire::Fields event, const Reply& reply) const;
  static void apply_change(State& state, wire::Fields change, std::uint64_t version, bool refers);

  void keep(State& state, wire::Operation operation, std::string_view key,
            const Reply& reply) const;
  // What a write of this process says of the contents.
  void learn(State& state, wire::Operation operation, std::string_view request,
             const Reply& reply) const;

  const std::size_t most_bytes_;
  mutable std::atomic<State*> state_;
};

}  // namespace mp::internal
