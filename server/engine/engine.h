#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/engine/catalog.h"
#include "server/engine/clock.h"
#include "server/engine/limits.h"
#include "server/engine/sessions.h"
#include "server/engine/shard.h"
#include "server/engine/ticker.h"

namespace mp::server {

// A manager without its lanes: the shards, the sessions, and what happens in time. Thread-safe.
class Engine {
 public:
  struct Options {
    Limits limits;
    std::uint32_t shards = 16;  // at most 2^Shard::kIndexBits
    std::string address;        // that the manager is known by, in messages; see be_known_as()
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
  Sessions& sessions() { return sessions_; }
  std::vector<std::unique_ptr<Shard>>& shards() { return shards_; }
  Shard& shard_of(const Target& target);
  Shard& next_shard();

  // --- Sessions. ---
  absl::StatusOr<std::shared_ptr<Session>> open_session(const v1::ClientInfo& client, std::string lane,
                                                        std::optional<Duration> time_to_live);
  void watch(SessionId id) { sessions_.watch(id); }
  void unwatch(SessionId id, std::optional<Duration> time_to_live);
  // Around a unary call that waits.
  void begin_wait(SessionId id) { sessions_.begin_wait(id); }
  void end_wait(SessionId id);
  // Ends a session: marks it, then sweeps every shard. What it held goes to those who wait for it.
  void end_session(const std::shared_ptr<Session>& session);

  // Removes what can be reached from no name, session or container. Returns how many objects.
  std::uint64_t collect();
  std::uint64_t number_of_objects();

  // Everybody who waits is answered MANAGER_SHUT_DOWN, and so is every command from now on.
  void shut_down();
  bool is_shut_down() const { return shut_down_.load(std::memory_order_acquire); }

  // LIMIT_EXCEEDED while the manager holds more memory than it may.
  absl::Status require_memory();
  absl::Status require_object_room();
  void count_object() { objects_.fetch_add(1, std::memory_order_relaxed); }
  void uncount_object() { objects_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  Time tick(Time now);

  const Options options_;
  std::string address_;
  const Clock& clock_;
  const std::uint64_t epoch_;
  Sessions sessions_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<std::uint32_t> next_shard_{0};
  std::atomic<std::uint64_t> objects_{0};
  std::atomic<bool> shut_down_{false};
  std::atomic<std::uint64_t> memory_checks_{0};
  std::atomic<bool> memory_short_{false};
  // Of the ticker's thread alone:
  std::optional<Time> beat_due_;
  Time next_collection_;
  Ticker ticker_;  // last: its thread uses everything above
};

}  // namespace mp::server
