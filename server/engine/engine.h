#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/engine/clock.h"
#include "server/engine/custom_calls.h"
#include "server/engine/deadlocks.h"
#include "server/engine/limits.h"
#include "server/engine/section.h"
#include "server/engine/sessions.h"
#include "server/engine/ticker.h"

namespace mp::server {

// A manager without its lanes: the shards, the sessions, and what happens in time. Thread-safe.
class Engine {
 public:
  // Who calls tick(): a thread of the engine, by the steady clock, or whoever turns the clock.
  enum class Ticking { kByItself, kByHand };
  struct Options {
    Limits limits;
    std::uint32_t shards = 16;  // at most 2^Shard::kIndexBits
    std::string address;        // that the manager is known by, in messages; see be_known_as()
    Ticking ticking = Ticking::kByItself;
    DeadlockPolicy deadlocks = DeadlockPolicy::kFail;
    Deadlocks::OnFound on_deadlock{};
    CustomTypes custom_types{};       // of the users' own
    std::size_t custom_threads = 16;  // that run their methods
  };
  // `clock` must outlive the engine.
  Engine(Options options, const Clock& clock);
  ~Engine();

  const Limits& limits() const { return options_.limits; }
  const std::string& address() const { return address_; }
  // Before any lane serves: a port that the kernel chooses is known only when a lane listens.
  void be_known_as(std::string address) { address_ = std::move(address); }
  Time now() const { return clock_.now(); }
  // Milliseconds since 2024 at the start of this run: part of every id and token.
  std::uint64_t epoch() const { return epoch_; }
  std::chrono::system_clock::time_point started() const;
  Sessions& sessions() { return sessions_; }
  std::vector<std::unique_ptr<Shard>>& shards() { return shards_; }
  // Where the object is that has this id or name, or would be if it had. Of a name: ask again
  // inside the section, if what is not there shall be made (directory.h).
  Shard& shard_of(const Target& target);
  // Inside all sections: the name belongs to an object of that shard.
  void locate_name(std::string_view name, std::uint32_t shard);
  Shard& next_shard();

  // --- Sessions. ---
  absl::StatusOr<std::shared_ptr<Session>> open_session(const v1::ClientInfo& client,
                                                        std::string lane,
                                                        std::optional<Duration> time_to_live);
  void watch(SessionId id) { sessions_.watch(id); }
  void unwatch(SessionId id, std::optional<Duration> time_to_live);
  // Around a unary call that waits.
  void begin_wait(SessionId id) { sessions_.begin_wait(id); }
  void end_wait(SessionId id);
  // Ends a session: marks it, then sweeps every shard. What it held goes to those who wait for it.
  // Last of all its connections close; `last_word` may queue something for them before that. False
  // if it has ended already.
  bool end_session(const std::shared_ptr<Session>& session, Ending ending = Ending::kDied,
                   const std::function<void(Deliveries&)>& last_word = {});

  Deadlocks& deadlocks() { return deadlocks_; }

  // Does what is due: expires waiters and leases, ends sessions whose time is over, collects, and
  // looks for deadlocks that have closed in no command.
  // Returns when it wants to be called next. One call at a time.
  Time tick();

  // Removes what can be reached from no name, session, waiter or container. Returns how many
  // objects.
  std::uint64_t collect();
  // Those that can be reached, and those that nobody has collected yet.
  std::uint64_t objects() const { return directory_.objects(); }

  // Everybody who waits is answered MANAGER_SHUT_DOWN, and so is every command from now on. Methods
  // of users' own types that run may end.
  void shut_down();
  // After that: gives such methods so long, and answers who waits for them still. What runs on, as
  // text: then the engine must not go.
  std::vector<std::string> stop_custom_calls(Duration patience);
  bool is_shut_down() const { return shut_down_.load(std::memory_order_acquire); }

  // LIMIT_EXCEEDED while the manager holds more memory than it may, or if it would with so many
  // bytes more.
  absl::Status require_memory(std::uint64_t more_bytes = 0);
  // The same for what an operation adds, as far as its request tells.
  absl::Status require_memory_for(const Operation& operation,
                                  const google::protobuf::Message& request);
  absl::Status require_object_room();
  CustomCalls& custom_calls() { return custom_calls_; }
  // An object was added.
  void expect_garbage();

 private:
  void dissolve_waiters(std::string_view why);
  void end_call(ObjectId object, CallId call, CallResult result);
  void wake_at(Time when);
  void forgive_pause(Time now);

  const Options options_;
  std::string address_;
  const Clock& clock_;
  const std::uint64_t epoch_;
  Sessions sessions_;
  Directory directory_;
  CustomCalls custom_calls_;  // before the objects, which use it
  Deadlocks deadlocks_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<std::uint32_t> next_shard_{0};
  std::atomic<bool> shut_down_{false};
  std::atomic<std::uint64_t> memory_checks_{0};
  std::atomic<bool> memory_short_{false};
  // Of tick() alone:
  std::optional<Time>
      beat_due_;  // when it was to be called at the latest, while a session has a time to live
  Time next_collection_;
  std::unique_ptr<Ticker> ticker_;  // last: its thread uses everything above
};

}  // namespace mp::server
